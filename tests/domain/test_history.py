"""Replaying the events of a visit: heads, states, branches, withdrawals."""

from __future__ import annotations

from typing import Any

import pytest

from survey.domain.history import Event, EventKind, Standing, may_withdraw, replay
from survey.domain.review import DECISIONS, STATES


def events(*steps: tuple[EventKind, dict[str, Any]]) -> list[Event]:
    """Events with rising positions; the revision key of the n-th is n, its hash "h<n>"."""
    made = []
    for seq, (kind, more) in enumerate(steps, start=1):
        fields = {"revision_key": seq, "sha256": f"h{seq}", **more}
        made.append(Event(seq, kind, f"2026-05-04T00:00:0{seq}.000Z", **fields))
    return made


def standing(*steps: tuple[EventKind, dict[str, Any]]) -> Standing:
    found = replay(events(*steps))
    assert found is not None
    return found


REVISION: tuple[EventKind, dict[str, Any]] = ("revision", {})
BRANCH: tuple[EventKind, dict[str, Any]] = ("branch", {})
WITHDRAWAL: tuple[EventKind, dict[str, Any]] = ("withdrawal", {})


def review(decision: str, review_id: str = "r") -> tuple[EventKind, dict[str, Any]]:
    return "review", {"word": decision, "subject": review_id}


def settled(choice: str, key: int, kind: str = "visit") -> tuple[EventKind, dict[str, Any]]:
    return "settled", {"word": choice, "revision_key": key, "sha256": f"h{key}", "subject": kind}


def test_nothing_happened_is_no_standing() -> None:
    assert replay([]) is None


def test_the_first_revision_is_received() -> None:
    found = standing(REVISION)
    assert (found.state, found.head_sha256, found.first_key) == ("received", "h1", 1)
    assert found.changed_seq == 1
    assert found.first_received_at == found.changed_at == "2026-05-04T00:00:01.000Z"


def test_a_correction_is_edited_and_keeps_where_it_began() -> None:
    found = standing(REVISION, REVISION)
    assert (found.state, found.head_key, found.first_key) == ("edited", 2, 1)
    assert found.first_received_at == "2026-05-04T00:00:01.000Z"


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_the_state_and_the_newest_review(decision: str) -> None:
    found = standing(REVISION, review("has_issues", "r1"), review(decision, "r2"))
    assert (found.state, found.latest_review) == (decision, "r2")


def test_a_correction_of_a_returned_visit_is_edited_and_remembers_the_review() -> None:
    found = standing(REVISION, review("has_issues", "r1"), REVISION)
    assert (found.state, found.latest_review) == ("edited", "r1")


def test_a_branch_changes_nothing_but_when() -> None:
    found = standing(REVISION, review("approved"), BRANCH)
    assert (found.state, found.head_key, found.changed_seq) == ("approved", 1, 3)


def test_a_branch_of_nothing_is_the_head() -> None:
    found = standing(BRANCH, REVISION)
    assert (found.first_key, found.head_key, found.state) == (1, 2, "edited")
    assert standing(BRANCH).state == "received"


def test_taking_a_branch_makes_it_the_head_that_waits_anew() -> None:
    found = standing(REVISION, review("approved"), BRANCH, settled("take_branch", 3))
    assert (found.state, found.head_key, found.head_sha256) == ("edited", 3, "h3")


def test_keeping_the_head_changes_nothing_but_when() -> None:
    found = standing(REVISION, review("approved"), BRANCH, settled("keep_head", 3))
    assert (found.state, found.head_key, found.changed_seq) == ("approved", 1, 4)


def test_a_withdrawal_withdraws() -> None:
    assert standing(REVISION, WITHDRAWAL).state == "withdrawn"


def test_a_withdrawal_that_was_a_question_withdraws_when_it_is_taken() -> None:
    steps = (REVISION, review("approved"), ("question", {}))
    assert standing(*steps).state == "approved"
    found = standing(*steps, settled("take_branch", 3, "withdrawal"))
    assert (found.state, found.head_key) == ("withdrawn", 1)


def test_a_withdrawal_before_its_visit_holds_once_the_visit_is_there() -> None:
    assert standing(WITHDRAWAL, REVISION).state == "withdrawn"


def test_a_layer_changes_nothing_but_when() -> None:
    found = standing(REVISION, ("layer", {}))
    assert (found.state, found.changed_seq) == ("received", 2)


def test_an_officer_may_withdraw_before_a_decision_only() -> None:
    allowed = {state for state in STATES if may_withdraw(state)}
    assert allowed == {"received", "edited", "has_issues"}
    assert may_withdraw(None)
