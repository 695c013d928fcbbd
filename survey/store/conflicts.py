"""Open questions: side branches of visits, and which way a supervisor settled each."""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant
from survey.domain.problems import Problem

_SELECT = """
SELECT conflicts.key, conflicts.visit_id, conflicts.revision_key, conflicts.cause,
  conflicts.opened_at, conflicts.choice, conflicts.reason, conflicts.settled_at,
  conflicts.audit_seq, revisions.sha256, revisions.revision, revisions.payload,
  revisions.received_at, revisions.kind, officers.name AS officer_name,
  settlers.name AS settler_name
FROM conflicts JOIN revisions ON revisions.key = conflicts.revision_key
JOIN users AS officers ON officers.key = revisions.officer_key
LEFT JOIN users AS settlers ON settlers.key = conflicts.settled_by
"""


def insert_conflict(
    connection: sqlite3.Connection,
    *,
    visit_id: str,
    revision_key: int,
    cause: str,
    now: Instant,
) -> None:
    """Open a question: this revision did not become the head of its visit."""
    connection.execute(
        "INSERT INTO conflicts (visit_id, revision_key, cause, opened_at) VALUES (?, ?, ?, ?)",
        (visit_id, revision_key, cause, now),
    )


def get_open_conflict(connection: sqlite3.Connection, key: int) -> sqlite3.Row:
    """Return an open question with its branch's revision; else a Problem."""
    row: sqlite3.Row | None = connection.execute(
        _SELECT + "WHERE conflicts.key = ? AND conflicts.choice IS NULL", (key,)
    ).fetchone()
    if row is None:
        raise Problem("conflict.not_found")
    return row


def list_conflicts(connection: sqlite3.Connection, visit_id: str) -> list[sqlite3.Row]:
    """Return the questions of one visit, settled ones too, oldest first."""
    return connection.execute(
        _SELECT + "WHERE conflicts.visit_id = ? ORDER BY conflicts.key", (visit_id,)
    ).fetchall()


def list_open_conflicts(
    connection: sqlite3.Connection, before_key: int | None, limit: int
) -> list[sqlite3.Row]:
    """Return open questions of all visits, newest first."""
    return connection.execute(
        _SELECT
        + """
        WHERE conflicts.choice IS NULL AND (:before IS NULL OR conflicts.key < :before)
        ORDER BY conflicts.key DESC LIMIT :limit
        """,
        {"before": before_key, "limit": limit},
    ).fetchall()


def has_open_conflict(connection: sqlite3.Connection, visit_id: str) -> bool:
    """Tell whether a visit has a question that waits for a supervisor."""
    row = connection.execute(
        "SELECT 1 FROM conflicts WHERE visit_id = ? AND choice IS NULL LIMIT 1", (visit_id,)
    ).fetchone()
    return row is not None


def count_open_conflicts(connection: sqlite3.Connection, limit: int) -> int:
    """Return how many questions are open, counting no further than `limit`."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM conflicts WHERE choice IS NULL LIMIT ?)", (limit,)
    ).fetchone()
    count: int = row[0]
    return count


def settle_conflict(
    connection: sqlite3.Connection,
    *,
    key: int,
    choice: str,
    reason: str,
    settled_by: int,
    now: Instant,
    audit_seq: int,
) -> None:
    """Write a supervisor's choice on an open question."""
    connection.execute(
        """
        UPDATE conflicts
        SET choice = ?, reason = ?, settled_by = ?, settled_at = ?, audit_seq = ?
        WHERE key = ? AND choice IS NULL
        """,
        (choice, reason, settled_by, now, audit_seq, key),
    )
