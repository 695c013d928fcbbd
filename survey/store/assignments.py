"""Assignments: which officers visit an area for a campaign, until when, by which letter."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from survey.domain.instants import Instant
from survey.domain.problems import Problem

_SELECT = """
SELECT id, campaign_id, area_id, due_on, letter_number, note, created_at, cancelled_at
FROM assignments
"""


@dataclass(frozen=True, slots=True)
class Officer:
    """One person of an assignment, as much as others may know."""

    key: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One area of one campaign given to officers; `due_on` is a calendar day of the office."""

    id: str
    campaign_id: str
    area_id: str
    due_on: str | None
    letter_number: str | None
    note: str | None
    created_at: Instant
    cancelled_at: Instant | None = None
    officers: tuple[Officer, ...] = ()


def _assignment(connection: sqlite3.Connection, row: sqlite3.Row) -> Assignment:
    officers = connection.execute(
        """
        SELECT users.key, users.id, users.name FROM assignment_officers
        JOIN users ON users.key = assignment_officers.user_key
        WHERE assignment_id = ? ORDER BY users.name COLLATE NOCASE, users.key
        """,
        (row["id"],),
    )
    return Assignment(**dict(row), officers=tuple(Officer(**dict(o)) for o in officers))


def find_assignment(connection: sqlite3.Connection, assignment_id: str) -> Assignment | None:
    """Return the assignment with this id, cancelled ones too, or None."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (assignment_id,)).fetchone()
    return _assignment(connection, row) if row else None


def get_assignment(connection: sqlite3.Connection, assignment_id: str) -> Assignment:
    """Return the assignment with this id, else raise `assignment.not_found`."""
    assignment = find_assignment(connection, assignment_id)
    if assignment is None:
        raise Problem("assignment.not_found")
    return assignment


def find_open_assignment(
    connection: sqlite3.Connection, campaign_id: str, area_id: str
) -> Assignment | None:
    """Return the assignment in force for an area of a campaign, or None."""
    row = connection.execute(
        f"{_SELECT} WHERE campaign_id = ? AND area_id = ? AND cancelled_at IS NULL",
        (campaign_id, area_id),
    ).fetchone()
    return _assignment(connection, row) if row else None


def list_open_assignments(
    connection: sqlite3.Connection,
    *,
    campaign_id: str | None = None,
    area_id: str | None = None,
    user_key: int | None = None,
) -> list[Assignment]:
    """Return the assignments in force (of a campaign, area, officer), the most urgent first."""
    rows = connection.execute(
        _SELECT
        + """
        WHERE cancelled_at IS NULL
          AND (:campaign IS NULL OR campaign_id = :campaign)
          AND (:area IS NULL OR area_id = :area)
          AND (:user IS NULL OR id IN (
            SELECT assignment_id FROM assignment_officers WHERE user_key = :user))
        ORDER BY due_on IS NULL, due_on, created_at, id
        """,
        {"campaign": campaign_id, "area": area_id, "user": user_key},
    ).fetchall()
    return [_assignment(connection, row) for row in rows]


def save_assignment(
    connection: sqlite3.Connection, assignment: Assignment, officer_keys: Iterable[int]
) -> None:
    """Insert an assignment or write it anew, with exactly these officers."""
    connection.execute(
        """
        INSERT INTO assignments (id, campaign_id, area_id, due_on, letter_number, note,
          created_at, cancelled_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET area_id = excluded.area_id, due_on = excluded.due_on,
          letter_number = excluded.letter_number, note = excluded.note,
          cancelled_at = excluded.cancelled_at
        """,
        (
            assignment.id,
            assignment.campaign_id,
            assignment.area_id,
            assignment.due_on,
            assignment.letter_number,
            assignment.note,
            assignment.created_at,
            assignment.cancelled_at,
        ),
    )
    connection.execute("DELETE FROM assignment_officers WHERE assignment_id = ?", (assignment.id,))
    connection.executemany(
        "INSERT INTO assignment_officers (assignment_id, user_key) VALUES (?, ?)",
        [(assignment.id, key) for key in sorted(set(officer_keys))],
    )
