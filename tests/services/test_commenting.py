"""Comments of the office: they reach the officer, change no state, and may be on any visit."""

from __future__ import annotations

import pytest

from survey.domain.problems import Problem
from survey.services.commenting import comment_on_visit
from survey.settings import Settings
from survey.store.comments import get_comment, list_comments
from survey.store.connection import Store
from tests.factories import FixedClock
from tests.office_kit import Office, open_office
from tests.people_kit import add_person


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


def test_comment_reaches_the_officers_feed_and_changes_no_state(office: Office) -> None:
    visit_id = office.receive()["id"]
    before = office.row(visit_id)
    comment_id = comment_on_visit(
        office.store, visit_id, " Terima kasih, fotonya jelas. ", office.supervisor, office.clock()
    )
    comment = get_comment(office.store.reader(), comment_id)
    assert comment["text"] == "Terima kasih, fotonya jelas."
    assert comment["author_name"] == "Yanti Oktavia"
    assert office.feed("comment") == [comment_id]
    assert office.audit(visit_id)[-1] == "visit.commented"
    assert office.row(visit_id) == before


def test_comments_come_oldest_first(office: Office) -> None:
    visit_id = office.receive()["id"]
    for text in ("satu", "dua"):
        comment_on_visit(office.store, visit_id, text, office.supervisor, office.clock.tick())
    rows = list_comments(office.store.reader(), visit_id)
    assert [row["text"] for row in rows] == ["satu", "dua"]


@pytest.mark.parametrize("text", [None, "", " \n", "\x00"])
def test_empty_comment_is_a_problem(office: Office, text: str | None) -> None:
    visit_id = office.receive()["id"]
    with pytest.raises(Problem) as caught:
        comment_on_visit(office.store, visit_id, text, office.supervisor, office.clock())
    assert caught.value.code == "comment.empty"


@pytest.mark.parametrize(("extra", "allowed"), [(-1, True), (0, True), (1, False)])
def test_comment_just_below_on_and_above_its_length(
    office: Office, extra: int, allowed: bool
) -> None:
    visit_id = office.receive()["id"]
    text = "x" * (2_000 + extra)
    if allowed:
        comment_on_visit(office.store, visit_id, text, office.supervisor, office.clock())
    else:
        with pytest.raises(Problem) as caught:
            comment_on_visit(office.store, visit_id, text, office.supervisor, office.clock())
        assert caught.value.code == "field.invalid"


def test_viewer_cannot_comment_and_an_unknown_visit_has_no_comments(office: Office) -> None:
    viewer = add_person(office.store, "tamu", "viewer")
    visit_id = office.receive()["id"]
    with pytest.raises(Problem) as caught:
        comment_on_visit(office.store, visit_id, "halo", viewer, office.clock())
    assert caught.value.code == "auth.forbidden"
    with pytest.raises(Problem) as caught:
        comment_on_visit(office.store, "0" * 36, "halo", office.supervisor, office.clock())
    assert caught.value.code == "visit.not_found"
