"""Assignments: who goes where, and what each phone is told of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from survey.domain.problems import Problem
from survey.services.accounts import disable_user
from survey.services.assigning import assign_areas, cancel_assignment
from survey.services.campaigns import close_campaign, create_campaign
from survey.store.assignments import get_assignment, list_open_assignments
from survey.store.connection import Store
from survey.store.users import get_user
from tests.area_places import feed_position, put_user
from tests.factories import NOW

TARGETS = ["13.11/j0001", "13.11/j0042"]


@pytest.fixture
def campaign_id(store: Store) -> str:
    return create_campaign(
        store,
        name="Ronde 1",
        starts_on=None,
        ends_on=None,
        area_ids=TARGETS,
        actor="admin",
        now=NOW,
    )


@pytest.fixture
def assign(store: Store, campaign_id: str) -> Callable[..., list[str]]:
    def do(*officers: str, areas: list[str] = TARGETS[:1], **changes: object) -> list[str]:
        given = {"due_on": "2026-05-20", "letter_number": "094/17/Kominfo-2026", **changes}
        return assign_areas(
            store,
            campaign_id=campaign_id,
            area_ids=areas,
            officer_ids=officers,
            actor="admin",
            now=NOW,
            **given,  # type: ignore[arg-type]
        )

    return do


def told(store: Store, officer: str, after: int = 0) -> list[tuple[str, int]]:
    """What the phone of one officer hears of assignments."""
    key = get_user(store.reader(), officer).key
    rows = store.reader().execute(
        "SELECT subject, deleted FROM changes WHERE kind = 'assignment' AND user_key = ?"
        " AND seq > ? ORDER BY seq",
        (key, after),
    )
    return [(row["subject"], row["deleted"]) for row in rows]


def test_an_assignment_reaches_its_officers_and_nobody_else(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    budi, sari, other = (put_user(store, name, "officer") for name in ("budi", "sari", "wati"))
    (assignment_id,) = assign(budi, sari)
    assignment = get_assignment(store.reader(), assignment_id)
    assert (assignment.due_on, assignment.letter_number) == ("2026-05-20", "094/17/Kominfo-2026")
    assert [officer.id for officer in assignment.officers] == [budi, sari]
    assert told(store, budi) == told(store, sari) == [(assignment_id, 0)]
    assert told(store, other) == []


def test_several_jorong_are_assigned_in_one_step(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    budi = put_user(store, "budi", "officer")
    assert len(assign(budi, areas=TARGETS)) == 2
    assert {a.area_id for a in list_open_assignments(store.reader())} == set(TARGETS)


def test_a_new_officer_takes_over_and_the_old_phone_forgets(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    budi, sari = put_user(store, "budi", "officer"), put_user(store, "sari", "officer")
    first = assign(budi)
    assert assign(sari, due_on="2026-06-01") == first
    assert told(store, budi) == [(first[0], 1)]
    assert told(store, sari) == [(first[0], 0)]
    assert get_assignment(store.reader(), first[0]).due_on == "2026-06-01"


def test_an_officer_who_stays_hears_of_the_change(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    budi, sari = put_user(store, "budi", "officer"), put_user(store, "sari", "officer")
    first = assign(budi)
    before = feed_position(store)
    assign(budi, sari)
    assert told(store, budi, before) == [(first[0], 0)]


def test_a_cancelled_assignment_leaves_the_phones(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    budi = put_user(store, "budi", "officer")
    (assignment_id,) = assign(budi)
    cancel_assignment(store, assignment_id, "admin", NOW)
    before = feed_position(store)
    cancel_assignment(store, assignment_id, "admin", NOW)
    assert told(store, budi) == [(assignment_id, 1)]
    assert feed_position(store) == before
    assert list_open_assignments(store.reader()) == []


def test_after_a_cancelled_assignment_the_jorong_can_be_assigned_anew(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    budi = put_user(store, "budi", "officer")
    (first,) = assign(budi)
    cancel_assignment(store, first, "admin", NOW)
    (second,) = assign(budi)
    assert second != first


def test_the_assignments_of_one_officer_are_listed_most_urgent_first(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    budi, sari = put_user(store, "budi", "officer"), put_user(store, "sari", "officer")
    (late,) = assign(budi, areas=TARGETS[:1], due_on=None)
    (soon,) = assign(budi, sari, areas=TARGETS[1:], due_on="2026-05-10")
    key = get_user(store.reader(), budi).key
    listed = list_open_assignments(store.reader(), user_key=key)
    assert [assignment.id for assignment in listed] == [soon, late]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"due_on": "20/5/2026"}, "field.invalid"),
        ({"letter_number": "x" * 101}, "field.invalid"),
        ({"areas": ["13.11/j0005"]}, "assignment.not_a_target"),
        ({"areas": [*TARGETS, "13.11/j9999"]}, "assignment.not_a_target"),
    ],
)
def test_a_faulty_assignment_changes_nothing(
    store: Store, assign: Callable[..., list[str]], changes: dict[str, object], code: str
) -> None:
    budi = put_user(store, "budi", "officer")
    with pytest.raises(Problem) as caught:
        assign(budi, **changes)
    assert caught.value.code == code
    assert list_open_assignments(store.reader()) == []


def test_nobody_is_no_officer(assign: Callable[..., list[str]]) -> None:
    with pytest.raises(Problem) as caught:
        assign()
    assert caught.value.code == "assignment.no_officer"


def test_only_an_enabled_officer_can_be_sent(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    viewer, budi = put_user(store, "tamu", "viewer"), put_user(store, "budi", "officer")
    disable_user(store, budi, NOW, actor="admin")
    for person in (viewer, budi):
        with pytest.raises(Problem) as caught:
            assign(person)
        assert caught.value.code == "assignment.not_an_officer"


def test_nobody_is_sent_for_a_closed_campaign(
    store: Store, assign: Callable[..., list[str]], campaign_id: str
) -> None:
    close_campaign(store, campaign_id, True, "admin", NOW)
    with pytest.raises(Problem) as caught:
        assign(put_user(store, "budi", "officer"))
    assert caught.value.code == "campaign.closed"


def test_what_a_phone_is_told_of_an_assignment_can_be_written_as_json(
    store: Store, assign: Callable[..., list[str]]
) -> None:
    from survey.store.phone_feed import describe

    budi = put_user(store, "budi", "officer")
    (assignment_id,) = assign(budi)
    data = describe(store.reader(), "assignment", assignment_id)
    assert data is not None
    assert json.loads(json.dumps(data))["area_id"] == TARGETS[0]
    cancel_assignment(store, assignment_id, "admin", NOW)
    assert describe(store.reader(), "assignment", assignment_id) is None
