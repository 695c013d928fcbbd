"""The history of one visit as one list for people: what came in, what the office did."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from survey.domain.differences import Difference
from survey.services.visit_pages import RevisionOnPage, VisitPage


@dataclass(frozen=True, slots=True)
class Step:
    """One event: its kind, when, who, the row it stands on, what a version changed."""

    kind: str
    at: str
    seq: int
    who: str
    row: sqlite3.Row
    differences: list[Difference]
    compared_with: int | None = None
    correction_reason: str | None = None


def list_steps(page: VisitPage) -> list[Step]:
    """Return the events of a visit, the newest first."""
    steps = [_step_of_revision(one) for one in page.revisions]
    steps += [
        Step("review", row["at"], row["audit_seq"], row["reviewer_name"], row, [])
        for row in page.reviews
    ]
    steps += [
        Step("layer", row["at"], row["audit_seq"], row["author_name"], row, [])
        for row in page.layers
    ]
    steps += [
        Step(
            "settled",
            one.row["settled_at"],
            one.row["audit_seq"],
            one.row["settler_name"],
            one.row,
            [],
        )
        for one in page.conflicts
        if one.row["choice"] is not None
    ]
    return sorted(steps, key=lambda step: step.seq, reverse=True)


def _step_of_revision(one: RevisionOnPage) -> Step:
    row = one.row
    if row["kind"] == "withdrawal":
        kind = "withdrawal"
    elif row["conflict"]:
        kind = "branch"
    else:
        kind = "revision" if one.compared_with is None else "correction"
    return Step(
        kind,
        row["received_at"],
        row["audit_seq"],
        row["officer_name"],
        row,
        one.differences,
        one.compared_with,
        one.correction_reason,
    )


def layers_in_force(page: VisitPage) -> dict[str, Any]:
    """Return (field or photo hash) -> the newest layer: what on the page is the office's."""
    return {row["subject"] or row["field"]: row for row in page.layers}
