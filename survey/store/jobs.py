"""The table of background work: what to do, from when, and who holds it."""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant, add_to_instant

ATTEMPTS = 5

FURTHEST_HOURS = 50
"""No work is asked for later than that."""


def enqueue_job(
    connection: sqlite3.Connection, kind: str, subject: str, run_after: Instant
) -> None:
    """Ask for a piece of work; asking twice for the same is one job, run anew."""
    connection.execute(
        """
        INSERT INTO jobs (kind, subject, run_after) VALUES (?, ?, ?)
        ON CONFLICT (kind, subject) DO UPDATE
        SET run_after = excluded.run_after, attempts = 0, failed_at = NULL, last_error = NULL
        """,
        (kind, subject, run_after),
    )


def find_job(connection: sqlite3.Connection, kind: str, subject: str) -> sqlite3.Row | None:
    """Return a job that waits, runs or failed, or None."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT key, run_after, failed_at FROM jobs WHERE kind = ? AND subject = ?",
        (kind, subject),
    ).fetchone()
    return row


def take_job(
    connection: sqlite3.Connection, now: Instant, lease_seconds: int
) -> sqlite3.Row | None:
    """Take the oldest due job under a lease; a job whose lease ran out is due again.

    So is one put off or leased for longer than any can be: by a clock that ran ahead.
    """
    row: sqlite3.Row | None = connection.execute(
        """
        SELECT key, kind, subject, attempts, run_after FROM jobs
        WHERE failed_at IS NULL AND (run_after <= :now OR run_after > :furthest)
          AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :longest)
        ORDER BY run_after, key LIMIT 1
        """,
        {
            "now": now,
            "furthest": add_to_instant(now, hours=FURTHEST_HOURS),
            "longest": add_to_instant(now, seconds=lease_seconds),
        },
    ).fetchone()
    if row is not None:
        connection.execute(
            "UPDATE jobs SET lease_until = ?, attempts = attempts + 1 WHERE key = ?",
            (add_to_instant(now, seconds=lease_seconds), row["key"]),
        )
    return row


def finish_job(connection: sqlite3.Connection, key: int, run_after: Instant) -> None:
    """Remove a done job, unless it was asked for anew while it ran."""
    connection.execute("DELETE FROM jobs WHERE key = ? AND run_after = ?", (key, run_after))
    connection.execute("UPDATE jobs SET lease_until = NULL WHERE key = ?", (key,))


def fail_job(connection: sqlite3.Connection, key: int, error: str, now: Instant) -> None:
    """Put a failed job off, longer each time; after the last attempt it stays as failed."""
    connection.execute(
        """
        UPDATE jobs SET lease_until = NULL, last_error = :error,
          failed_at = CASE WHEN attempts >= :attempts THEN :now END,
          run_after = :later
        WHERE key = :key
        """,
        {
            "error": error[:500],
            "attempts": ATTEMPTS,
            "now": now,
            "later": add_to_instant(now, seconds=60),
            "key": key,
        },
    )


def is_running(connection: sqlite3.Connection, kind: str, now: Instant) -> bool:
    """Tell whether a job of a kind is asked for at once or under a lease."""
    row = connection.execute(
        "SELECT 1 FROM jobs WHERE kind = :kind AND failed_at IS NULL"
        " AND (run_after <= :now OR lease_until > :now) LIMIT 1",
        {"kind": kind, "now": now},
    ).fetchone()
    return row is not None


def count_jobs(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many jobs wait and how many failed for good."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE failed_at IS NULL), count(failed_at) FROM jobs"
    ).fetchone()
    return row[0], row[1]


def count_jobs_of(connection: sqlite3.Connection, kind: str) -> int:
    """Return how many jobs of a kind wait, run or failed."""
    row = connection.execute("SELECT count(*) FROM jobs WHERE kind = ?", (kind,)).fetchone()
    count: int = row[0]
    return count
