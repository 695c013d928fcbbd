"""Failed tries to sign in or to enrol, by account and by address, for the throttle."""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant


def insert_failure(connection: sqlite3.Connection, scope: str, subject: str, now: Instant) -> int:
    """Note a try and return its key; `scope` is account, address or code_address."""
    cursor = connection.execute(
        "INSERT INTO sign_in_failures (scope, subject, at) VALUES (?, ?, ?)",
        (scope, subject, now),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def find_nth_failure(
    connection: sqlite3.Connection, scope: str, subject: str, since: Instant, nth: int
) -> Instant | None:
    """Return when the nth newest try since an instant was made, or None when fewer were."""
    row = connection.execute(
        """
        SELECT at FROM sign_in_failures WHERE scope = ? AND subject = ? AND at > ?
        ORDER BY at DESC LIMIT 1 OFFSET ?
        """,
        (scope, subject, since, nth - 1),
    ).fetchone()
    return row[0] if row else None


def clear_failures(connection: sqlite3.Connection, scope: str, subject: str) -> None:
    """Forget every try of an account or address."""
    connection.execute(
        "DELETE FROM sign_in_failures WHERE scope = ? AND subject = ?", (scope, subject)
    )


def delete_failure(connection: sqlite3.Connection, key: int) -> None:
    """Forget one try."""
    connection.execute("DELETE FROM sign_in_failures WHERE key = ?", (key,))


def delete_failures_before(connection: sqlite3.Connection, instant: Instant) -> None:
    """Forget tries that are too old to count."""
    connection.execute("DELETE FROM sign_in_failures WHERE at <= ?", (instant,))
