"""Decisions: who may, upon which state, what follows for state, audit and phone."""

from __future__ import annotations

import sqlite3

import pytest

from survey.domain.problems import Problem
from survey.domain.review import DECISIONS, STATES, may_follow
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.reviews import get_review, list_reviews
from tests.factories import FixedClock, make_envelope
from tests.office_kit import Office, open_office
from tests.people_kit import add_person, enrol_phone


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.mark.parametrize("decision", DECISIONS)
def test_decision_gives_the_state_a_review_an_audit_row_and_news_for_the_phone(
    office: Office, decision: str
) -> None:
    visit_id = office.receive()["id"]
    review_id = office.decide(visit_id, decision, "  foto kabur  ")
    row = office.row(visit_id)
    review = get_review(office.store.reader(), review_id)
    assert (row["state"], row["latest_review"]) == (decision, review_id)
    assert (review["reason"], review["reviewer_name"]) == ("foto kabur", "Yanti Oktavia")
    assert review["revision_sha256"] == row["head_sha256"]
    assert office.audit(visit_id)[-1] == f"visit.{decision}"
    assert row["changed_seq"] == review["audit_seq"]
    assert office.feed("review") == [review_id]
    assert office.feed("visit")[-1] == visit_id


@pytest.mark.parametrize("decision", ["has_issues", "rejected"])
@pytest.mark.parametrize("reason", [None, "", "  \n "])
def test_sending_back_or_away_needs_a_reason(
    office: Office, decision: str, reason: str | None
) -> None:
    visit_id = office.receive()["id"]
    with pytest.raises(Problem) as caught:
        office.decide(visit_id, decision, reason)
    assert caught.value.code == "review.reason_missing"
    assert office.row(visit_id)["state"] == "received"


def test_approval_needs_no_reason(office: Office) -> None:
    visit_id = office.receive()["id"]
    review_id = office.decide(visit_id, "approved")
    assert get_review(office.store.reader(), review_id)["reason"] is None


@pytest.mark.parametrize(("extra", "allowed"), [(-1, True), (0, True), (1, False)])
def test_reason_just_below_on_and_above_its_length(
    office: Office, extra: int, allowed: bool
) -> None:
    visit_id = office.receive()["id"]
    reason = "x" * (2_000 + extra)
    if allowed:
        office.decide(visit_id, "rejected", reason)
    else:
        with pytest.raises(Problem) as caught:
            office.decide(visit_id, "rejected", reason)
        assert caught.value.code == "field.invalid"


def test_nobody_decides_on_a_visit_of_their_own(office: Office) -> None:
    both = add_person(office.store, "rina", "officer", "supervisor")
    phone = enrol_phone(office.store, office.settings, both)
    visit_id = office.receive(phone)["id"]
    with pytest.raises(Problem) as caught:
        office.decide(visit_id, "approved", by=both)
    assert caught.value.code == "visit.own"
    assert list_reviews(office.store.reader(), visit_id) == []
    office.decide(visit_id, "approved")


@pytest.mark.parametrize("roles", [("officer",), ("admin",), ("viewer",), ("admin", "viewer")])
def test_only_supervisors_decide(office: Office, roles: tuple[str, ...]) -> None:
    visit_id = office.receive()["id"]
    other = add_person(office.store, "budi", *roles)
    with pytest.raises(Problem) as caught:
        office.decide(visit_id, "approved", by=other)
    assert caught.value.code == "auth.forbidden"


def test_decision_on_what_somebody_changed_meanwhile_is_not_taken(office: Office) -> None:
    payload = office.receive()
    seen = office.row(payload["id"])["changed_seq"]
    office.correct(payload, note="sudah diperbaiki")
    with pytest.raises(Problem) as caught:
        office.decide(payload["id"], "approved", seq=seen)
    assert caught.value.code == "visit.changed"
    assert office.row(payload["id"])["state"] == "edited"


def test_two_supervisors_at_once_are_not_both_heard(office: Office) -> None:
    visit_id = office.receive()["id"]
    seen = office.row(visit_id)["changed_seq"]
    office.decide(visit_id, "approved", seq=seen)
    with pytest.raises(Problem) as caught:
        office.decide(visit_id, "rejected", "dobel", seq=seen)
    assert caught.value.code == "visit.changed"
    assert office.row(visit_id)["state"] == "approved"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("decision", DECISIONS)
def test_which_decision_may_follow_which_state(state: str, decision: str) -> None:
    assert may_follow(state, decision) == (state not in ("withdrawn", decision))


def test_same_decision_twice_is_not_taken(office: Office) -> None:
    visit_id = office.receive()["id"]
    office.decide(visit_id, "approved")
    with pytest.raises(Problem) as caught:
        office.decide(visit_id, "approved")
    assert caught.value.code == "visit.not_reviewable"


def test_supervisor_may_think_better_of_an_approval(office: Office) -> None:
    visit_id = office.receive()["id"]
    office.decide(visit_id, "approved")
    office.decide(visit_id, "has_issues", "ternyata foto dari tempat lain")
    assert office.row(visit_id)["state"] == "has_issues"
    decisions = [row["decision"] for row in list_reviews(office.store.reader(), visit_id)]
    assert decisions == ["approved", "has_issues"]


def test_withdrawn_visit_is_nobodys_to_decide(office: Office) -> None:
    visit_id = office.receive()["id"]
    office.withdraw(visit_id)
    with pytest.raises(Problem) as caught:
        office.decide(visit_id, "approved")
    assert caught.value.code == "visit.not_reviewable"


def test_unknown_visit_and_unknown_decision_are_problems(office: Office) -> None:
    visit_id = office.receive()["id"]
    with pytest.raises(Problem) as caught:
        office.decide(visit_id, "maybe")
    assert caught.value.code == "review.unknown_decision"
    with pytest.raises(Problem) as caught:
        office.decide("0" * 36, "approved", seq=1)
    assert caught.value.code == "visit.not_found"


def test_returned_visit_comes_back_as_edited_and_can_be_approved(office: Office) -> None:
    payload = office.receive()
    office.decide(payload["id"], "has_issues", "akurasi 80 m, ulangi di luar rumah")
    office.correct(payload, note="diulang di halaman")
    assert office.row(payload["id"])["state"] == "edited"
    office.decide(payload["id"], "approved")
    assert office.row(payload["id"])["state"] == "approved"


def test_reviews_cannot_be_changed_or_deleted(office: Office) -> None:
    visit_id = office.receive()["id"]
    office.decide(visit_id, "approved")
    for statement in ("UPDATE reviews SET reason = 'x'", "DELETE FROM reviews"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            office.store.write(lambda connection, sql=statement: connection.execute(sql))  # type: ignore[misc]


def test_approved_centre_visits_teach_a_jorong_its_point(office: Office) -> None:
    visit_id = office.receive()["id"]
    area_id = office.row(visit_id)["area_id"]
    query = "SELECT latitude_deg, point_source FROM areas WHERE id = ?"
    before = office.store.reader().execute(query, (area_id,)).fetchone()
    office.decide(visit_id, "approved")
    after = office.store.reader().execute(query, (area_id,)).fetchone()
    office.decide(visit_id, "rejected", "bukan jorong ini")
    last = office.store.reader().execute(query, (area_id,)).fetchone()
    assert tuple(before) == tuple(last) == (None, None)
    assert tuple(after) == (-1.541671, "visits")


def test_resent_head_after_a_decision_changes_nothing(office: Office) -> None:
    payload = office.receive()
    office.decide(payload["id"], "approved")
    (result,) = office.send(make_envelope(payload))
    assert result["result"] == "already_stored"
    assert office.row(payload["id"])["state"] == "approved"
