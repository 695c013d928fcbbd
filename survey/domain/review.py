"""The life of a visit in the office: states, decisions and who may take them.

A conflict is an open question on a visit, not a state. Knows nothing of storage.
"""

from __future__ import annotations

from typing import Final

STATES: Final = ("received", "has_issues", "edited", "approved", "rejected", "withdrawn")
DECISIONS: Final = ("approved", "has_issues", "rejected")
"""What a supervisor decides; the word is also the state that follows."""

OPEN_STATES: Final = frozenset({"received", "edited"})
"""States that wait for a supervisor."""

UNDECIDED_STATES: Final = frozenset({"received", "edited", "has_issues"})
"""States in which the officer may still correct or withdraw."""

LEFT_OUT_OF_EXPORTS: Final = frozenset({"rejected", "withdrawn"})

LAYER_FIELDS: Final = ("area_id", "campaign_id", "place_kind", "note", "photo_kind")
"""What the office may correct: never a measured value, never a position."""


def reason_needed(decision: str) -> bool:
    """Tell whether a decision needs a reason: whatever sends work back or away."""
    return decision in ("has_issues", "rejected")


def may_decide(roles: frozenset[str], reviewer_id: str, officer_id: str) -> bool:
    """Tell whether a person may decide on a visit: a supervisor, never on their own."""
    return "supervisor" in roles and reviewer_id != officer_id


def may_follow(state: str, decision: str) -> bool:
    """Tell whether a decision may come upon a state: any but the same again.

    A supervisor may think better of it, also after an approval; what its officer took back is
    nobody's to decide any more.
    """
    return state != "withdrawn" and state != decision


def state_after_revision(state: str, first: bool) -> str:
    """Return the state after the officer's new head revision arrived."""
    if first:
        return "received"
    return "edited" if state in UNDECIDED_STATES else state


def conflict_cause(
    *,
    base: str | None,
    head: str | None,
    state: str,
    seen_review: str | None,
    latest_review: str | None,
) -> str | None:
    """Return why a revision is a side branch, or None when it becomes the head.

    `base` and `head` are payload hashes, the reviews are ids. The first revision of a visit
    has base None and head None.
    """
    if base != head:
        return "base_not_head"
    if head is not None and state in ("approved", "rejected", "withdrawn"):
        return "already_decided"
    if head is not None and seen_review != latest_review:
        return "review_not_seen"
    return None
