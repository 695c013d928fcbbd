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
    connection: sqlite3.Connection,
    scope: str,
    subject: str,
    since: Instant,
    until: Instant,
    nth: int,
) -> Instant | None:
    """Return when the nth newest try between two instants was made, or None when fewer were."""
    row = connection.execute(
        """
        SELECT at FROM sign_in_failures
        WHERE scope = ? AND subject = ? AND at > ? AND at <= ?
        ORDER BY at DESC LIMIT 1 OFFSET ?
        """,
        (scope, subject, since, until, nth - 1),
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


def delete_failures_outside(connection: sqlite3.Connection, since: Instant, until: Instant) -> None:
    """Forget tries that do not count: too old, or of a future that a wrong clock saw."""
    connection.execute("DELETE FROM sign_in_failures WHERE at <= ? OR at > ?", (since, until))
