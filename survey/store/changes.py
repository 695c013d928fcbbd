"""The feed of what phones have to learn: one row a thing and reader, newest at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def record_change(
    connection: sqlite3.Connection,
    kind: str,
    subject: str,
    user_key: int | None = None,
    deleted: bool = False,
) -> None:
    """Say that a thing changed for one officer, or for all when `user_key` is None."""
    connection.execute(
        "DELETE FROM changes WHERE kind = ? AND subject = ? AND ifnull(user_key, 0) = ?",
        (kind, subject, user_key or 0),
    )
    connection.execute(
        "INSERT INTO changes (kind, subject, user_key, deleted) VALUES (?, ?, ?, ?)",
        (kind, subject, user_key, int(deleted)),
    )


def record_changes(
    connection: sqlite3.Connection, user_key: int, things: Iterable[tuple[str, str]]
) -> None:
    """Say that many things (kind, subject) changed for one officer."""
    connection.executemany(
        "INSERT OR REPLACE INTO changes (kind, subject, user_key) VALUES (?, ?, ?)",
        [(kind, subject, user_key) for kind, subject in things],
    )


def list_changes(
    connection: sqlite3.Connection, user_key: int, after_seq: int, limit: int
) -> list[sqlite3.Row]:
    """Return what one officer has not seen: rows seq, kind, subject, deleted, oldest first."""
    return connection.execute(
        """
        SELECT seq, kind, subject, deleted FROM changes
        WHERE seq > ? AND (user_key IS NULL OR user_key = ?)
        ORDER BY seq LIMIT ?
        """,
        (after_seq, user_key, limit),
    ).fetchall()


def get_last_seq(connection: sqlite3.Connection) -> int:
    """Return the highest position that was ever given, 0 before the first; rows may be gone."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return row[0] if row else 0
