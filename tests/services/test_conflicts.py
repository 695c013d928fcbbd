"""Two versions of a visit: both are kept, a supervisor chooses, the officer learns of it."""

from __future__ import annotations

import pytest

from survey.domain.problems import Problem
from survey.services.conflicts import list_questions, settle
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.users import User
from survey.store.visit_page import list_revisions
from tests.factories import FixedClock
from tests.office_kit import Office, open_office
from tests.people_kit import add_person, enrol_phone


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def decided(office: Office) -> str:
    """A visit that was approved while its officer, offline, was writing a correction."""
    payload = office.receive(note="pertama")
    office.decide(payload["id"], "approved")
    office.correct(payload, seen=False, note="kedua")
    visit_id: str = payload["id"]
    return visit_id


def choose(
    office: Office,
    visit_id: str,
    choice: str,
    reason: str = "sudah ditanyakan",
    *,
    by: User | None = None,
    seq: int | None = None,
) -> str:
    (question,) = list_questions(office.store)
    expected = office.row(visit_id)["changed_seq"] if seq is None else seq
    return settle(
        office.store,
        question["key"],
        choice,
        reason,
        by or office.supervisor,
        expected,
        office.clock.tick(),
    )


def problem_of(office: Office, *arguments: object, **named: object) -> str:
    with pytest.raises(Problem) as caught:
        choose(office, *arguments, **named)  # type: ignore[arg-type]
    return caught.value.code


def test_correction_after_approval_is_an_open_question_and_the_head_stands(
    office: Office, decided: str
) -> None:
    (question,) = list_questions(office.store)
    assert (question["visit_id"], question["cause"]) == (decided, "already_decided")
    row = office.row(decided)
    assert (row["state"], row["note"], row["revision"]) == ("approved", "pertama", 1)


def test_taken_branch_becomes_the_head_and_waits_for_a_decision(
    office: Office, decided: str
) -> None:
    assert choose(office, decided, "take_branch") == decided
    row = office.row(decided)
    assert (row["state"], row["note"], row["revision"]) == ("edited", "kedua", 2)
    assert list_questions(office.store) == []
    assert office.audit(decided)[-1] == "visit.take_branch"
    assert office.feed("visit")[-1] == decided


def test_kept_head_stays_and_the_branch_stays_in_the_history(office: Office, decided: str) -> None:
    choose(office, decided, "keep_head")
    row = office.row(decided)
    assert (row["state"], row["note"]) == ("approved", "pertama")
    assert len(list_revisions(office.store.reader(), decided)) == 2
    assert list_questions(office.store) == []


def test_withdrawal_after_approval_may_be_taken(office: Office) -> None:
    visit_id = office.receive()["id"]
    office.decide(visit_id, "approved")
    office.withdraw(visit_id)
    assert office.row(visit_id)["state"] == "approved"
    choose(office, visit_id, "take_branch")
    assert office.row(visit_id)["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("choice", "reason", "code"),
    [
        ("both", "ya", "conflict.unknown_choice"),
        ("keep_head", "", "review.reason_missing"),
        ("take_branch", "  ", "review.reason_missing"),
    ],
)
def test_choice_needs_to_be_one_of_two_and_a_reason(
    office: Office, decided: str, choice: str, reason: str, code: str
) -> None:
    assert problem_of(office, decided, choice, reason) == code
    assert len(list_questions(office.store)) == 1


def test_settled_question_is_not_open_any_more(office: Office, decided: str) -> None:
    (question,) = list_questions(office.store)
    choose(office, decided, "keep_head")
    with pytest.raises(Problem) as caught:
        settle(
            office.store,
            question["key"],
            "take_branch",
            "x",
            office.supervisor,
            office.row(decided)["changed_seq"],
            office.clock.tick(),
        )
    assert caught.value.code == "conflict.not_found"


def test_choice_on_what_somebody_changed_meanwhile_is_not_taken(
    office: Office, decided: str
) -> None:
    seen = office.row(decided)["changed_seq"]
    office.decide(decided, "has_issues", "lihat lagi")
    assert problem_of(office, decided, "keep_head", seq=seen) == "visit.changed"


def test_only_supervisors_choose_and_nobody_on_their_own(office: Office) -> None:
    viewer = add_person(office.store, "tamu", "viewer")
    both = add_person(office.store, "rina", "officer", "supervisor")
    office.phone = enrol_phone(office.store, office.settings, both)
    payload = office.receive()
    office.decide(payload["id"], "approved")
    office.correct(payload, seen=False, note="kedua")
    assert problem_of(office, payload["id"], "keep_head", by=viewer) == "auth.forbidden"
    assert problem_of(office, payload["id"], "keep_head", by=both) == "visit.own"


def test_questions_come_newest_first_page_by_page(office: Office) -> None:
    for note in ("a", "b", "c"):
        payload = office.receive(note=note)
        office.decide(payload["id"], "approved")
        office.correct(payload, seen=False, note=note * 2)
    first = list_questions(office.store, limit=2)
    rest = list_questions(office.store, before_key=first[-1]["key"], limit=2)
    assert [one["key"] for one in (*first, *rest)] == [3, 2, 1]
