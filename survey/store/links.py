"""One-time links, by the hash of their token: the token itself is never stored."""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant


def insert_link(
    connection: sqlite3.Connection,
    *,
    token_hash: str,
    user_key: int,
    now: Instant,
    expires_at: Instant,
) -> None:
    """Keep a new link and drop those the person did not use."""
    connection.execute(
        "DELETE FROM one_time_links WHERE user_key = ? AND used_at IS NULL", (user_key,)
    )
    connection.execute(
        """
        INSERT INTO one_time_links (token_hash, user_key, created_at, expires_at)
        VALUES (?, ?, ?, ?)
        """,
        (token_hash, user_key, now, expires_at),
    )


def find_open_link(connection: sqlite3.Connection, token_hash: str, now: Instant) -> int | None:
    """Return the user key of a link that is neither used nor expired, or None."""
    row = connection.execute(
        """
        SELECT user_key FROM one_time_links
        WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?
        """,
        (token_hash, now),
    ).fetchone()
    return row[0] if row else None


def use_link(connection: sqlite3.Connection, token_hash: str, now: Instant) -> None:
    """Note that a link was used."""
    connection.execute(
        "UPDATE one_time_links SET used_at = ? WHERE token_hash = ?", (now, token_hash)
    )


def drop_open_links(connection: sqlite3.Connection, user_key: int) -> None:
    """Drop the links a person has not used."""
    connection.execute(
        "DELETE FROM one_time_links WHERE user_key = ? AND used_at IS NULL", (user_key,)
    )
