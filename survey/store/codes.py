"""Enrolment codes by their keyed hash: the code itself is never stored."""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant


def insert_code(
    connection: sqlite3.Connection,
    *,
    code_hash: str,
    user_key: int,
    created_by: int | None,
    now: Instant,
    expires_at: Instant,
) -> None:
    """Keep a new code."""
    connection.execute(
        """
        INSERT INTO enrolment_codes (code_hash, user_key, created_by, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?)
        """,
        (code_hash, user_key, created_by, now, expires_at),
    )


def find_code(connection: sqlite3.Connection, code_hash: str) -> sqlite3.Row | None:
    """Return a code's row (whose, from whom, until when, used by which phone), or None."""
    row: sqlite3.Row | None = connection.execute(
        """
        SELECT user_key, created_by, expires_at, device_id, used_at, revoked_at
        FROM enrolment_codes WHERE code_hash = ?
        """,
        (code_hash,),
    ).fetchone()
    return row


def use_code(connection: sqlite3.Connection, code_hash: str, device_id: str, now: Instant) -> None:
    """Bind a code to the phone that used it."""
    connection.execute(
        "UPDATE enrolment_codes SET device_id = ?, used_at = ? WHERE code_hash = ?",
        (device_id, now, code_hash),
    )


def revoke_open_codes(connection: sqlite3.Connection, user_key: int, now: Instant) -> None:
    """Make a person's unused codes worthless."""
    connection.execute(
        """
        UPDATE enrolment_codes SET revoked_at = ?
        WHERE user_key = ? AND used_at IS NULL AND revoked_at IS NULL
        """,
        (now, user_key),
    )
