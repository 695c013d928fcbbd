"""Decisions of supervisors on visits: append-only, one row a decision."""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant
from survey.domain.problems import Problem

_SELECT = """
SELECT reviews.id, reviews.visit_id, reviews.revision_sha256, reviews.decision, reviews.reason,
  reviews.at, reviews.audit_seq, users.id AS reviewer_id, users.name AS reviewer_name
FROM reviews JOIN users ON users.key = reviews.reviewer_key
"""


def insert_review(
    connection: sqlite3.Connection,
    *,
    review_id: str,
    visit_id: str,
    revision_sha256: str,
    decision: str,
    reason: str | None,
    reviewer_key: int,
    now: Instant,
    audit_seq: int,
) -> None:
    """Append a decision on the revision a supervisor looked at."""
    connection.execute(
        """
        INSERT INTO reviews (id, visit_id, revision_sha256, decision, reason, reviewer_key, at,
          audit_seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (review_id, visit_id, revision_sha256, decision, reason, reviewer_key, now, audit_seq),
    )


def find_review(connection: sqlite3.Connection, review_id: str) -> sqlite3.Row | None:
    """Return a decision with its reviewer's id and name, or None."""
    row: sqlite3.Row | None = connection.execute(
        _SELECT + "WHERE reviews.id = ?", (review_id,)
    ).fetchone()
    return row


def get_review(connection: sqlite3.Connection, review_id: str) -> sqlite3.Row:
    """Return a decision with its reviewer's id and name; an unknown one is a Problem."""
    row = find_review(connection, review_id)
    if row is None:
        raise Problem("request.not_found")
    return row


def list_reviews(connection: sqlite3.Connection, visit_id: str) -> list[sqlite3.Row]:
    """Return the decisions on one visit, oldest first."""
    return connection.execute(
        _SELECT + "WHERE reviews.visit_id = ? ORDER BY reviews.key", (visit_id,)
    ).fetchall()
