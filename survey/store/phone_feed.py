"""What a phone is told of each thing in its feed: one query a kind, JSON values out.

A description is None when the thing is gone (the door then says `deleted`). Personal data of
others never enters: an officer sees names of reviewers and own visits only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from survey.domain.operators import OPERATORS
from survey.domain.review import UNDECIDED_STATES

Description = dict[str, Any]


def _describe_area(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        """
        SELECT id, level, name, parent_id, latitude_deg, longitude_deg, standing, merged_into
        FROM areas WHERE id = ? AND retired_at IS NULL
        """,
        (subject,),
    ).fetchone()
    if row is None or row["merged_into"] is not None:
        return None
    aliases = connection.execute(
        "SELECT name FROM area_aliases WHERE area_id = ? ORDER BY name", (subject,)
    )
    return {**dict(row), "aliases": [alias[0] for alias in aliases]}


def _describe_campaign(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        """
        SELECT id, name, starts_on, ends_on, closed_at, practice, demo, rule_version,
          sampling_plan, note
        FROM campaigns WHERE id = ?
        """,
        (subject,),
    ).fetchone()
    if row is None:
        return None
    plan = row["sampling_plan"]
    return {
        **dict(row),
        "practice": bool(row["practice"]),
        "demo": bool(row["demo"]),
        "sampling_plan": json.loads(plan) if plan else None,
    }


def _describe_assignment(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        """
        SELECT id, campaign_id, area_id, due_on, letter_number, note FROM assignments
        WHERE id = ? AND cancelled_at IS NULL
        """,
        (subject,),
    ).fetchone()
    if row is None:
        return None
    officers = connection.execute(
        """
        SELECT users.id, users.name FROM assignment_officers
        JOIN users ON users.key = assignment_officers.user_key
        WHERE assignment_officers.assignment_id = ? ORDER BY users.name
        """,
        (subject,),
    )
    return {**dict(row), "officers": [dict(officer) for officer in officers]}


def _describe_visit(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        """
        SELECT visits.id, visits.state, visits.revision, visits.latest_review, visits.practice,
          visits.campaign_id, visits.area_id, visits.claimed_name, visits.saved_at,
          visits.occurred_at, visits.received_at, areas.name AS area_name,
          revisions.sha256 AS head, revisions.schema, revisions.payload,
          EXISTS (SELECT 1 FROM conflicts WHERE conflicts.visit_id = visits.id
            AND conflicts.choice IS NULL) AS conflict
        FROM visits JOIN revisions ON revisions.key = visits.head_key
        LEFT JOIN areas ON areas.id = visits.area_id
        WHERE visits.id = ?
        """,
        (subject,),
    ).fetchone()
    if row is None:
        return None
    described = dict(row)
    claimed = described.pop("claimed_name")
    described["area_name"] = described["area_name"] or claimed or ""
    described["practice"] = bool(row["practice"])
    described["conflict"] = bool(row["conflict"])
    if row["state"] not in UNDECIDED_STATES:
        described["payload"] = None
    return described


def _describe_review(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        """
        SELECT reviews.id, reviews.visit_id, reviews.revision_sha256, reviews.decision,
          reviews.reason, reviews.at, users.name AS reviewer
        FROM reviews JOIN users ON users.key = reviews.reviewer_key WHERE reviews.id = ?
        """,
        (subject,),
    ).fetchone()
    return dict(row) if row else None


def _describe_comment(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        """
        SELECT comments.id, comments.visit_id, comments.text, comments.at,
          users.id AS author_id, users.name AS author
        FROM comments JOIN users ON users.key = comments.author_key WHERE comments.id = ?
        """,
        (subject,),
    ).fetchone()
    return dict(row) if row else None


def _describe_rule(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        "SELECT version, content FROM rules WHERE version = ?", (int(subject),)
    ).fetchone()
    if row is None:
        return None
    return {"id": subject, "version": row["version"], "content": json.loads(row["content"])}


def _describe_operator(connection: sqlite3.Connection, subject: str) -> Description | None:
    for operator in OPERATORS:
        if operator.key == subject:
            return {"id": subject, "brand": operator.brand, "plmns": list(operator.plmns)}
    row = connection.execute(
        "SELECT key, brand, plmns FROM office_operators WHERE key = ? AND retired_at IS NULL",
        (subject,),
    ).fetchone()
    if row is None:
        return None
    return {"id": row["key"], "brand": row["brand"], "plmns": json.loads(row["plmns"])}


def _describe_file_safe(connection: sqlite3.Connection, subject: str) -> Description | None:
    row = connection.execute(
        "SELECT sha256, safe_at FROM files WHERE sha256 = ? AND safe_at IS NOT NULL", (subject,)
    ).fetchone()
    return {"id": row["sha256"], "safe_at": row["safe_at"]} if row else None


_DESCRIBE: dict[str, Callable[[sqlite3.Connection, str], Description | None]] = {
    "area": _describe_area,
    "campaign": _describe_campaign,
    "assignment": _describe_assignment,
    "visit": _describe_visit,
    "review": _describe_review,
    "comment": _describe_comment,
    "rule": _describe_rule,
    "operator": _describe_operator,
    "file_safe": _describe_file_safe,
}


def describe(connection: sqlite3.Connection, kind: str, subject: str) -> Description | None:
    """Return what a phone is told of one thing, or None when it is gone or of unknown kind."""
    function = _DESCRIBE.get(kind)
    return function(connection, subject) if function else None
