"""Records whose payload nobody can read here: kept byte for byte until somebody can.

A row is never taken away when its record becomes readable: it then has a revision of the same
id and hash, and no longer waits.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from survey.domain.instants import Instant


class QuarantinedRecord(NamedTuple):
    """One record; `why` is the reason code, `envelope` all but the payload as JSON text."""

    record_id: str
    sha256: str
    why: str
    envelope: str
    payload: bytes
    officer_key: int
    device_key: int | None
    received_at: Instant


_COLUMNS = ", ".join(QuarantinedRecord._fields)

_NOT_READ = """NOT EXISTS (SELECT 1 FROM revisions
  WHERE revisions.record_id = quarantine.record_id AND revisions.sha256 = quarantine.sha256)"""

_SELECT = f"""
SELECT quarantine.key, quarantine.record_id, quarantine.sha256, quarantine.why,
  quarantine.envelope, length(quarantine.payload) AS bytes, quarantine.received_at,
  quarantine.settled_at, quarantine.remark, users.name AS officer, settlers.name AS settled_by,
  devices.model, devices.app_version, NOT {_NOT_READ} AS read_since
FROM quarantine JOIN users ON users.key = quarantine.officer_key
LEFT JOIN devices ON devices.key = quarantine.device_key
LEFT JOIN users AS settlers ON settlers.key = quarantine.settled_by
"""


def insert_quarantined(
    connection: sqlite3.Connection, records: Iterable[QuarantinedRecord]
) -> None:
    """Keep records; one that is here already stays as it is."""
    marks = ", ".join("?" * len(QuarantinedRecord._fields))
    connection.executemany(
        f"INSERT INTO quarantine ({_COLUMNS}) VALUES ({marks})"
        " ON CONFLICT (record_id, sha256) DO NOTHING",
        records,
    )


def list_known(
    connection: sqlite3.Connection, record_ids: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Return (record id, hash) -> officer's key of the quarantined ones of some records."""
    rows = connection.execute(
        """
        SELECT record_id, sha256, officer_key FROM quarantine
        WHERE record_id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(record_ids),),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def list_unread(
    connection: sqlite3.Connection, after: int, count: int
) -> list[tuple[int, QuarantinedRecord]]:
    """Return those that have no revision yet, by key in order of arrival, after a key."""
    rows = connection.execute(
        f"""SELECT key, {_COLUMNS} FROM quarantine WHERE key > ? AND {_NOT_READ}
        ORDER BY key LIMIT ?""",
        (after, count),
    )
    return [(row[0], QuarantinedRecord(*row[1:])) for row in rows]


def count_open(connection: sqlite3.Connection) -> int:
    """Count those that nobody looked at and that cannot be read yet."""
    row = connection.execute(
        f"SELECT count(*) FROM quarantine WHERE settled_at IS NULL AND {_NOT_READ}"
    ).fetchone()
    return int(row[0])


def list_quarantined(connection: sqlite3.Connection, count: int) -> list[sqlite3.Row]:
    """Return rows for people, those that wait for a look first, then the newest; no payloads."""
    return connection.execute(
        f"""{_SELECT} ORDER BY (quarantine.settled_at IS NULL AND {_NOT_READ}) DESC,
        quarantine.key DESC LIMIT ?""",
        (count,),
    ).fetchall()


def find_quarantined(connection: sqlite3.Connection, key: int) -> sqlite3.Row | None:
    """Return one row for people, or None."""
    row: sqlite3.Row | None = connection.execute(
        f"{_SELECT} WHERE quarantine.key = ?", (key,)
    ).fetchone()
    return row


def find_payload(connection: sqlite3.Connection, key: int) -> bytes | None:
    """Return the bytes of one as they came, or None."""
    row = connection.execute("SELECT payload FROM quarantine WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def settle(
    connection: sqlite3.Connection, key: int, user_key: int, remark: str, now: Instant
) -> None:
    """Note who looked at one and what they found; a later remark replaces the one before."""
    connection.execute(
        "UPDATE quarantine SET settled_at = ?, settled_by = ?, remark = ? WHERE key = ?",
        (now, user_key, remark, key),
    )
