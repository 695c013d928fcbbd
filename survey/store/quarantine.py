"""Records whose payload nobody can read here: kept byte for byte until somebody can."""

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


def insert_quarantined(
    connection: sqlite3.Connection, records: Iterable[QuarantinedRecord]
) -> None:
    """Keep records; one that is here already stays as it is."""
    columns = ", ".join(QuarantinedRecord._fields)
    marks = ", ".join("?" * len(QuarantinedRecord._fields))
    connection.executemany(
        f"INSERT INTO quarantine ({columns}) VALUES ({marks})"
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
