"""Revisions: each payload as its phone froze it. The truth; rows are only ever added."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from survey.domain.instants import Instant


class Revision(NamedTuple):
    """One row: a record's payload as it arrived; `conflict` tells why it is a side branch."""

    key: int
    kind: str
    record_id: str
    revision: int
    schema: int
    sha256: str
    base_sha256: str | None
    seen_review: str | None
    seal: str | None
    sealed: int
    conflict: str | None
    payload: str | None
    officer_key: int
    device_key: int | None
    received_at: Instant
    audit_seq: int


class KnownRevision(NamedTuple):
    """What intake asks of a revision that is here; `erased` when its payload was removed."""

    record_id: str
    sha256: str
    key: int
    kind: str
    officer_key: int
    conflict: str | None
    erased: int


_COLUMNS = ", ".join(Revision._fields)
_MARKS = ", ".join("?" * len(Revision._fields))
_INSERT = f"INSERT INTO revisions ({_COLUMNS}) VALUES ({_MARKS})"


def get_last_revision_key(connection: sqlite3.Connection) -> int:
    """Return the key of the newest revision, 0 when there is none."""
    row = connection.execute("SELECT max(key) FROM revisions").fetchone()
    return row[0] or 0


def count_until(connection: sqlite3.Connection, audit_seq: int) -> int:
    """Return how many revisions there were when the audit had come to a row."""
    row = connection.execute(
        "SELECT count(*) FROM revisions WHERE audit_seq <= ?", (audit_seq,)
    ).fetchone()
    count: int = row[0]
    return count


def insert_revisions(connection: sqlite3.Connection, revisions: Iterable[Revision]) -> None:
    """Append revisions under keys that the caller chose."""
    connection.executemany(_INSERT, revisions)


def list_known(
    connection: sqlite3.Connection, record_ids: Sequence[str]
) -> Iterator[KnownRevision]:
    """Yield the revisions of some records, oldest first."""
    # Placeholders, not json_each: for a record that comes alone they cost a quarter.
    marks = ", ".join("?" * len(record_ids))
    rows = connection.execute(
        f"""
        SELECT record_id, sha256, key, kind, officer_key, conflict, payload IS NULL
        FROM revisions WHERE record_id IN ({marks}) ORDER BY key
        """,
        record_ids,
    )
    for row in rows:
        yield KnownRevision(*row)


def get_revision(connection: sqlite3.Connection, key: int) -> Revision:
    """Return one revision; an unknown key raises LookupError."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM revisions WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise LookupError(key)
    return Revision(*row)


def list_revisions(connection: sqlite3.Connection, record_id: str) -> list[Revision]:
    """Return all revisions of one record, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM revisions WHERE record_id = ? ORDER BY key", (record_id,)
    )
    return [Revision(*row) for row in rows]


def iter_revisions(connection: sqlite3.Connection, kinds: Sequence[str]) -> Iterator[Revision]:
    """Yield the revisions of some kinds whose payload is here, oldest first, a page at a time."""
    last = 0
    while True:
        rows = connection.execute(
            f"""SELECT {_COLUMNS} FROM revisions
            WHERE key > ? AND payload IS NOT NULL AND kind IN (SELECT value FROM json_each(?))
            ORDER BY key LIMIT 500""",
            (last, json.dumps(kinds)),
        ).fetchall()
        if not rows:
            return
        for row in rows:
            yield Revision(*row)
        last = rows[-1][0]


def list_visit_ids(connection: sqlite3.Connection) -> list[str]:
    """Return the id of every visit of which a payload is here, in order of first arrival."""
    rows = connection.execute(
        """
        SELECT record_id FROM revisions WHERE kind = 'visit'
        GROUP BY record_id HAVING count(payload) > 0 ORDER BY min(key)
        """
    )
    return [row[0] for row in rows]


def list_erased(connection: sqlite3.Connection, record_ids: Sequence[str]) -> set[str]:
    """Return those of some records that the office erased: nothing revives them."""
    marks = ", ".join("?" * len(record_ids))
    rows = connection.execute(
        f"SELECT subject FROM erasures WHERE kind IN ('visit', 'track') AND subject IN ({marks})",
        record_ids,
    )
    return {row[0] for row in rows}
