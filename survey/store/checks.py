"""What `survey verify` asks of the tables: is each row what it was when it was written?

Every function yields faults as one line of text, or counts; none changes anything. Knows no
file on the disk but the database.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

PROJECTION: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("visits", ("key",)),
    ("service_tests", ("visit_key", "number")),
    ("readings", ("visit_key", "number")),
    ("visit_photos", ("visit_key", "number")),
    ("flags", ("visit_key", "number")),
    ("tracks", ("key",)),
    ("track_parts", ("key",)),
    ("withdrawals", ("visit_id",)),
    ("comments", ("key",)),
    ("conflicts", ("key",)),
)
"""The tables that `rebuild` makes again, each with the columns of its key."""

PAGE = 500


class FileRow(NamedTuple):
    """What a row says of a file's bytes; `erased_at` when there must be none."""

    sha256: str
    bytes: int
    erased_at: str | None


def find_broken_pages(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what SQLite's own check finds in the pages and indexes."""
    for row in connection.execute("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield str(row[0])


def find_broken_references(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield each row that points to a row that is not there."""
    for row in connection.execute("PRAGMA foreign_key_check"):
        yield f"{row[0]}, row {row[1]}: points to nothing in {row[2]}"


def find_broken_revisions(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield each revision that is not what its phone froze, or that the audit does not know."""
    rows = connection.execute(
        """
        SELECT revisions.kind, record_id, revision, sha256, CAST(payload AS BLOB) AS payload,
          audit.digest, audit.subject,
          EXISTS (SELECT 1 FROM erasures WHERE erasures.kind IN ('visit', 'track')
            AND erasures.subject = record_id) AS erased
        FROM revisions LEFT JOIN audit ON audit.seq = revisions.audit_seq ORDER BY key
        """
    )
    for row in rows:
        name = f"{row['kind']} {row['record_id']} revision {row['revision']}"
        if row["payload"] is None:
            # What was said about a visit goes with the visit and has no erasure of its own.
            if row["kind"] in ("visit", "track", "track_part") and not row["erased"]:
                yield f"{name}: the payload is gone without an erasure"
        elif hashlib.sha256(row["payload"]).hexdigest() != row["sha256"]:
            yield f"{name}: the payload does not match its hash"
        if (row["digest"], row["subject"]) != (row["sha256"], row["record_id"]):
            yield f"{name}: the audit knows another hash or none"


def find_broken_quarantine(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield each quarantined record whose bytes do not match their hash."""
    for row in connection.execute("SELECT record_id, sha256, payload FROM quarantine ORDER BY key"):
        if hashlib.sha256(row["payload"]).hexdigest() != row["sha256"]:
            yield f"quarantined {row['record_id']}: the payload does not match its hash"


def count_rows(connection: sqlite3.Connection, table: str) -> int:
    """Return the number of rows of a table of this schema."""
    row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    count: int = row[0]
    return count


def iter_file_rows(connection: sqlite3.Connection) -> Iterator[FileRow]:
    """Yield every file's row by hash, a page at a time, so that no reader is held for long."""
    last = ""
    while True:
        rows = connection.execute(
            "SELECT sha256, bytes, erased_at FROM files WHERE sha256 > ? ORDER BY sha256 LIMIT ?",
            (last, PAGE),
        ).fetchall()
        if not rows:
            return
        for row in rows:
            yield FileRow(*row)
        last = rows[-1][0]


def iter_changed_files(connection: sqlite3.Connection, since: str) -> Iterator[FileRow]:
    """Yield the row of every file that came or was erased at `since` or later."""
    rows = connection.execute(
        "SELECT sha256, bytes, erased_at FROM files WHERE stored_at >= :since"
        " OR erased_at >= :since",
        {"since": since},
    ).fetchall()
    for row in rows:
        yield FileRow(*row)


def take_phone_comments(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Remove the comments that phones sent, which a rebuild adds again; return id and key."""
    rows = connection.execute(
        "SELECT id, key FROM comments WHERE revision_key IS NOT NULL"
    ).fetchall()
    connection.execute("DELETE FROM comments WHERE revision_key IS NOT NULL")
    return [(row[0], row[1]) for row in rows]


def number_comments(connection: sqlite3.Connection, taken: Sequence[tuple[str, int]]) -> None:
    """Give comments that came again the keys that they had."""
    connection.execute("UPDATE comments SET key = -key WHERE revision_key IS NOT NULL")
    connection.executemany(
        "UPDATE comments SET key = ? WHERE id = ?", [(key, name) for name, key in taken]
    )


def find_differences(
    before: sqlite3.Connection, after: sqlite3.Connection, table: str, key: Sequence[str]
) -> Iterator[str]:
    """Yield each row of a table that is not the same in two databases, walking both by key."""
    left, right = _walk(before, table, key), _walk(after, table, key)
    old, new = next(left, None), next(right, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[0] < new[0]):
            assert old is not None
            yield f"{_name(table, key, old[0])} does not come from any record"
            old = next(left, None)
        elif old is None or new[0] < old[0]:
            yield f"{_name(table, key, new[0])} is missing"
            new = next(right, None)
        else:
            if old[1] != new[1]:
                yield f"{_name(table, key, old[0])} differs from its records"
            old, new = next(left, None), next(right, None)


def _walk(
    connection: sqlite3.Connection, table: str, key: Sequence[str]
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY {', '.join(key)}")
    for row in rows:
        yield tuple(row[name] for name in key), tuple(row)


def _name(table: str, key: Sequence[str], values: Sequence[Any]) -> str:
    named = ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))
    return f"{table} ({named})"
