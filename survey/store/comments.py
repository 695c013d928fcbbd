"""Comments on visits: the supervisor's and the officer's, one list."""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant
from survey.domain.problems import Problem

_SELECT = """
SELECT comments.id, comments.visit_id, comments.text, comments.at, comments.revision_key,
  users.id AS author_id, users.name AS author_name
FROM comments JOIN users ON users.key = comments.author_key
"""


def insert_comment(
    connection: sqlite3.Connection,
    *,
    comment_id: str,
    visit_id: str,
    author_key: int,
    text: str,
    now: Instant,
    revision_key: int | None = None,
) -> None:
    """Add a comment; `revision_key` names the record when a phone sent it."""
    connection.execute(
        """
        INSERT INTO comments (id, visit_id, author_key, text, at, revision_key)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
        """,
        (comment_id, visit_id, author_key, text, now, revision_key),
    )


def get_comment(connection: sqlite3.Connection, comment_id: str) -> sqlite3.Row:
    """Return a comment with its author's id and name; an unknown one is a Problem."""
    row: sqlite3.Row | None = connection.execute(
        _SELECT + "WHERE comments.id = ?", (comment_id,)
    ).fetchone()
    if row is None:
        raise Problem("request.not_found")
    return row


def list_comments(connection: sqlite3.Connection, visit_id: str) -> list[sqlite3.Row]:
    """Return the comments on one visit, oldest first."""
    return connection.execute(
        _SELECT + "WHERE comments.visit_id = ? ORDER BY comments.key", (visit_id,)
    ).fetchall()
