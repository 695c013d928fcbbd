"""Which files are in a backup, and which officers' phones were told so.

A phone drops its copy of a photo some days after it was told: only what is durable elsewhere
may be called safe.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from survey.domain.instants import Instant
from survey.store.changes import record_change


def list_unsafe(connection: sqlite3.Connection, hashes: Sequence[str]) -> list[str]:
    """Return those of some files that are not called safe, or not to all who sent them."""
    rows = connection.execute(
        """
        SELECT sha256 FROM files
        WHERE sha256 IN (SELECT value FROM json_each(?)) AND erased_at IS NULL
          AND (safe_at IS NULL OR EXISTS (
            SELECT 1 FROM file_officers WHERE file_officers.sha256 = files.sha256
              AND NOT EXISTS (SELECT 1 FROM changes
                WHERE kind = 'file_safe' AND subject = files.sha256
                  AND ifnull(user_key, 0) = file_officers.officer_key)))
        ORDER BY sha256
        """,
        (json.dumps(list(hashes)),),
    )
    return [row[0] for row in rows]


def mark_safe(connection: sqlite3.Connection, hashes: Sequence[str], now: Instant) -> int:
    """Call files safe and say so to every officer who sent them; return how many files."""
    unsafe = list_unsafe(connection, hashes)
    chosen = json.dumps(unsafe)
    connection.execute(
        "UPDATE files SET safe_at = ?"
        " WHERE sha256 IN (SELECT value FROM json_each(?)) AND safe_at IS NULL",
        (now, chosen),
    )
    officers = connection.execute(
        "SELECT sha256, officer_key FROM file_officers"
        " WHERE sha256 IN (SELECT value FROM json_each(?)) ORDER BY sha256, officer_key",
        (chosen,),
    ).fetchall()
    for sha256, officer_key in officers:
        record_change(connection, "file_safe", sha256, officer_key)
    return len(unsafe)


def forget_files(connection: sqlite3.Connection, hashes: Sequence[str]) -> None:
    """Remove the rows of files whose bytes are nowhere: phones that hold them send them again."""
    chosen = (json.dumps(list(hashes)),)
    for table in ("file_officers", "files"):
        connection.execute(
            f"DELETE FROM {table} WHERE sha256 IN (SELECT value FROM json_each(?))", chosen
        )
    connection.execute(
        "DELETE FROM changes WHERE kind = 'file_safe'"
        " AND subject IN (SELECT value FROM json_each(?))",
        chosen,
    )


def forget_safety(connection: sqlite3.Connection) -> None:
    """Call no file safe any more, until the next backup says so."""
    connection.execute("UPDATE files SET safe_at = NULL WHERE safe_at IS NOT NULL")
    connection.execute("DELETE FROM changes WHERE kind = 'file_safe'")


def count_unsafe(connection: sqlite3.Connection) -> int:
    """Return how many files are in no backup yet."""
    row = connection.execute(
        "SELECT count(*) FROM files WHERE safe_at IS NULL AND erased_at IS NULL"
    ).fetchone()
    count: int = row[0]
    return count
