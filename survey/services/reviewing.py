"""Decisions on visits: approve, return with a reason, reject with a reason.

A decision is appended, never changed; the visit's state follows by the same replay as a
rebuild's, and the officer's phone learns of it by the feed.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Protocol

from survey.domain.identifiers import new_id
from survey.domain.instants import Instant
from survey.domain.labels import N_
from survey.domain.limits import REASON_CHARACTERS
from survey.domain.problems import FieldError, Problem
from survey.domain.review import DECISIONS, may_decide, may_follow, reason_needed
from survey.domain.roles import may_review
from survey.services.areas import learn_point
from survey.services.projecting import project_visit
from survey.store.audit import append_audit
from survey.store.changes import record_change
from survey.store.connection import Store
from survey.store.reviews import insert_review
from survey.store.visit_page import get_visit_row


class Reviewer(Protocol):
    """Who acts: a person of the office with key, id and roles."""

    @property
    def key(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


def decide(
    store: Store,
    visit_id: str,
    decision: str,
    reason: str | None,
    reviewer: Reviewer,
    expected_seq: int,
    now: Instant,
) -> str:
    """Decide on the head revision of a visit and return the review's id.

    `expected_seq` is the visit's `changed_seq` as the reviewer saw it. Raises visit.not_found,
    visit.own, visit.changed, visit.not_reviewable, auth.forbidden, review.unknown_decision,
    review.reason_missing, field.invalid (reason too long).
    """
    if decision not in DECISIONS:
        raise Problem("review.unknown_decision")
    text = require_reason(reason) if reason_needed(decision) else clean_text(reason)

    def write(connection: sqlite3.Connection) -> str:
        visit = get_visit_to_change(connection, visit_id, reviewer, expected_seq)
        if not may_follow(visit["state"], decision):
            raise Problem("visit.not_reviewable")
        review_id = new_id()
        content = {
            "id": review_id,
            "visit_id": visit_id,
            "revision_sha256": visit["head_sha256"],
            "decision": decision,
            "reason": text,
        }
        seq = append_audit(
            connection,
            now,
            reviewer.id,
            f"visit.{decision}",
            visit_id,
            json.dumps(content, ensure_ascii=False, sort_keys=True),
        )
        insert_review(
            connection,
            review_id=review_id,
            visit_id=visit_id,
            revision_sha256=visit["head_sha256"],
            decision=decision,
            reason=text,
            reviewer_key=reviewer.key,
            now=now,
            audit_seq=seq,
        )
        refresh_visit(connection, visit)
        record_change(connection, "review", review_id, visit["officer_key"])
        return review_id

    return store.write(write)


def get_visit_to_change(
    connection: sqlite3.Connection, visit_id: str, person: Reviewer, expected_seq: int
) -> sqlite3.Row:
    """Return a visit that this person may change as it stands now, else raise a Problem.

    Raises auth.forbidden, visit.not_found, visit.own, visit.changed.
    """
    if not may_review(person.roles):
        raise Problem("auth.forbidden")
    visit = get_visit_row(connection, visit_id)
    if not may_decide(person.roles, person.id, visit["officer_id"]):
        raise Problem("visit.own")
    if visit["changed_seq"] != expected_seq:
        raise Problem("visit.changed")
    return visit


def refresh_visit(connection: sqlite3.Connection, before: sqlite3.Row) -> None:
    """Project a visit anew after a person's act; tell its officer and its areas.

    `before` is the visit's row as it was.
    """
    project_visit(connection, before["id"])
    after = get_visit_row(connection, before["id"])
    record_change(connection, "visit", before["id"], before["officer_key"])
    for area_id in {before["area_id"], after["area_id"]} - {None}:
        learn_point(connection, area_id)


def clean_text(text: str | None) -> str | None:
    """Return what a person wrote without outer spaces, None when there is nothing.

    Raises field.invalid when it is longer than REASON_CHARACTERS.
    """
    words = (text or "").replace("\x00", "").strip()
    if len(words) > REASON_CHARACTERS:
        raise Problem("field.invalid", [FieldError("reason", N_("This text is too long."))])
    return words or None


def require_reason(reason: str | None) -> str:
    """Return a reason as `clean_text` does; none at all raises review.reason_missing."""
    words = clean_text(reason)
    if words is None:
        raise Problem("review.reason_missing")
    return words
