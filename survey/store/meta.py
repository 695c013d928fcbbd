"""Named values of the instance itself: the store's id, the fixed public address."""

from __future__ import annotations

import sqlite3


def find_meta(connection: sqlite3.Connection, name: str) -> str | None:
    """Return a named value, or None."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def set_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Set a named value, replacing what stood there."""
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
