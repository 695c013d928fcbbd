"""What happens to areas by hand: adding, merging, learning a point from visits."""

from __future__ import annotations

from typing import Any

import pytest

from survey.domain.areas import Area, Point
from survey.domain.problems import Problem
from survey.services.areas import (
    add_area,
    effective_point,
    learn_point,
    merge_areas,
    search_areas,
)
from survey.services.assigning import assign_areas
from survey.services.campaigns import create_campaign
from survey.store.area_baselines import list_baselines
from survey.store.areas import find_area, get_area, list_parents, resolve_area_id
from survey.store.assignments import list_open_assignments
from survey.store.campaigns import list_target_ids
from survey.store.connection import Store
from tests.area_places import (
    DISTRICT,
    OTHER_VILLAGE,
    VILLAGE,
    changed_subjects,
    feed_position,
    put_area,
    put_user,
    put_visit,
    set_columns,
)
from tests.factories import NOW


@pytest.fixture
def hamlet(store: Store) -> Area:
    return put_area(store, Area("13.11/j9001", "jorong", "Ujung", VILLAGE))


@pytest.fixture
def twin(store: Store) -> Area:
    return put_area(store, Area("13.11/j9002", "jorong", "Hujung", OTHER_VILLAGE))


# --- adding -------------------------------------------------------------------------------


def test_an_added_jorong_gets_the_next_id_and_reaches_the_phones(store: Store) -> None:
    before = feed_position(store)
    area_id = add_area(
        store, name="  Rimbo   Dalam ", level="jorong", parent_id=VILLAGE, actor="a", now=NOW
    )
    assert area_id == "13.11/j0063"
    area = get_area(store.reader(), area_id)
    assert (area.name, area.standing, area.parent_id) == ("Rimbo Dalam", "official", VILLAGE)
    assert list_parents(store.reader(), area_id) == [(VILLAGE, NOW)]
    assert changed_subjects(store, "area", before) == [(area_id, 0)]


def test_a_nagari_persiapan_without_a_code_gets_an_opaque_id(store: Store) -> None:
    area_id = add_area(
        store, name="Persiapan", level="nagari", parent_id=DISTRICT, actor="a", now=NOW
    )
    assert area_id == "13.11/n0001"


@pytest.mark.parametrize(
    ("name", "level", "parent", "code"),
    [
        ("Padang Aro", "jorong", VILLAGE, "area.name_taken"),
        ("jr. PADANG ARO", "jorong", VILLAGE, "area.name_taken"),
        ("Baru", "nagari", VILLAGE, "area.bad_parent"),
        ("Baru", "kabupaten", VILLAGE, "area.bad_parent"),
        ("Baru", "jorong", "13.11.99", "area.not_found"),
        (" . ", "jorong", VILLAGE, "field.invalid"),
        ("x" * 201, "jorong", VILLAGE, "field.invalid"),
    ],
)
def test_an_area_that_cannot_be_added_says_why(
    store: Store, name: str, level: str, parent: str, code: str
) -> None:
    with pytest.raises(Problem) as caught:
        add_area(store, name=name, level=level, parent_id=parent, actor="a", now=NOW)
    assert caught.value.code == code


# --- searching ----------------------------------------------------------------------------


def test_search_finds_the_other_spelling_of_a_real_jorong(store: Store) -> None:
    names = [s.area.name for s in search_areas(store, "Kota Tengah", level="jorong") if s.suggested]
    assert names[0] == "Koto Tangah"


# --- merging ------------------------------------------------------------------------------


def test_visits_of_a_merged_area_count_for_its_successor_and_keep_their_words(
    store: Store, hamlet: Area, twin: Area
) -> None:
    officer = put_user(store, "budi", "officer")
    visit_id = put_visit(store, officer, hamlet.id)
    before = feed_position(store)
    merge_areas(store, hamlet.id, twin.id, "admin", NOW)
    row = store.reader().execute("SELECT area_id, chosen_area_id FROM visits").fetchone()
    assert tuple(row) == (twin.id, hamlet.id)
    assert resolve_area_id(store.reader(), hamlet.id) == twin.id
    assert changed_subjects(store, "visit", before) == [(visit_id, 0)]


def test_phones_forget_a_merged_area_and_learn_its_names(
    store: Store, hamlet: Area, twin: Area
) -> None:
    before = feed_position(store)
    merge_areas(store, hamlet.id, twin.id, "admin", NOW)
    assert changed_subjects(store, "area", before) == [(hamlet.id, 1), (twin.id, 0)]
    assert get_area(store.reader(), twin.id).aliases == ("Ujung",)
    assert search_areas(store, "Ujung")[0].area.id == twin.id


def test_children_of_a_merged_nagari_move_on_that_day(store: Store, hamlet: Area) -> None:
    merge_areas(store, VILLAGE, OTHER_VILLAGE, "admin", NOW)
    assert get_area(store.reader(), hamlet.id).parent_id == OTHER_VILLAGE
    assert list_parents(store.reader(), hamlet.id)[-1] == (OTHER_VILLAGE, NOW)


def test_merges_in_a_row_lead_to_the_last(store: Store, hamlet: Area, twin: Area) -> None:
    last = put_area(store, Area("13.11/j9003", "jorong", "Ujuang", VILLAGE))
    merge_areas(store, hamlet.id, twin.id, "admin", NOW)
    merge_areas(store, twin.id, last.id, "admin", NOW)
    assert resolve_area_id(store.reader(), hamlet.id) == last.id


def test_baseline_of_a_merged_jorong_is_shown_at_its_successor(store: Store) -> None:
    merge_areas(store, "13.11/j0001", "13.11/j0008", "admin", NOW)
    assert [row["metric"] for row in list_baselines(store.reader(), "13.11/j0008")] == [
        "blankspot_listed"
    ]


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ("13.11/j9001", "13.11/j9001", "area.merge_impossible"),
        ("13.11/j9001", VILLAGE, "area.merge_impossible"),
        ("13.11/j9001", "13.11/j9999", "area.not_found"),
    ],
)
def test_a_merge_that_makes_no_sense_changes_nothing(
    store: Store, hamlet: Area, source: str, target: str, code: str
) -> None:
    with pytest.raises(Problem) as caught:
        merge_areas(store, source, target, "admin", NOW)
    assert caught.value.code == code
    assert find_area(store.reader(), hamlet.id) == hamlet


def test_a_circle_of_merges_is_refused(store: Store, hamlet: Area, twin: Area) -> None:
    merge_areas(store, hamlet.id, twin.id, "admin", NOW)
    with pytest.raises(Problem, match="merged"):
        merge_areas(store, twin.id, hamlet.id, "admin", NOW)


def assign(store: Store, campaign_id: str, area_id: str, officer: str) -> str:
    (assignment_id,) = assign_areas(
        store,
        campaign_id=campaign_id,
        area_ids=[area_id],
        officer_ids=[officer],
        due_on=None,
        letter_number=None,
        actor="admin",
        now=NOW,
    )
    return assignment_id


def make_campaign(store: Store, *area_ids: str) -> str:
    return create_campaign(
        store,
        name="Ronde 1",
        starts_on=None,
        ends_on=None,
        area_ids=area_ids,
        actor="admin",
        now=NOW,
    )


def test_target_and_assignment_move_to_the_successor(
    store: Store, hamlet: Area, twin: Area
) -> None:
    campaign_id = make_campaign(store, hamlet.id)
    assignment_id = assign(store, campaign_id, hamlet.id, put_user(store, "budi", "officer"))
    merge_areas(store, hamlet.id, twin.id, "admin", NOW)
    assert list_target_ids(store.reader(), campaign_id) == [twin.id]
    (assignment,) = list_open_assignments(store.reader())
    assert (assignment.id, assignment.area_id) == (assignment_id, twin.id)


def test_two_assignments_of_one_place_become_one_with_all_officers(
    store: Store, hamlet: Area, twin: Area
) -> None:
    campaign_id = make_campaign(store, hamlet.id, twin.id)
    first = assign(store, campaign_id, hamlet.id, put_user(store, "budi", "officer"))
    second = assign(store, campaign_id, twin.id, put_user(store, "sari", "officer"))
    before = feed_position(store)
    merge_areas(store, hamlet.id, twin.id, "admin", NOW)
    (assignment,) = list_open_assignments(store.reader())
    assert assignment.id == second
    assert [officer.name for officer in assignment.officers] == ["Budi", "Sari"]
    assert (first, 1) in changed_subjects(store, "assignment", before)


# --- the point ----------------------------------------------------------------------------


def learn(store: Store, area_id: str) -> Point | None:
    return store.write(lambda connection: learn_point(connection, area_id))


def test_an_area_learns_the_median_of_its_approved_centre_visits(
    store: Store, hamlet: Area
) -> None:
    officer = put_user(store, "budi", "officer")
    for latitude in (-1.51, -1.52, -1.55):
        put_visit(store, officer, hamlet.id, state="approved", latitude_deg=latitude)
    before = feed_position(store)
    assert learn(store, hamlet.id) == Point(-1.52, 101.243342, "own")
    assert get_area(store.reader(), hamlet.id).point_source == "visits"
    assert changed_subjects(store, "area", before) == [(hamlet.id, 0)]


@pytest.mark.parametrize(
    "spoiled",
    [
        {"state": "received"},
        {"state": "rejected"},
        {"place_kind": "road"},
        {"accuracy_m": 50.1},
        {"practice": 1},
        {"latitude_deg": None, "accuracy_m": None},
    ],
)
def test_other_visits_teach_nothing(store: Store, hamlet: Area, spoiled: dict[str, Any]) -> None:
    officer = put_user(store, "budi", "officer")
    put_visit(store, officer, hamlet.id, **{"state": "approved", **spoiled})
    assert learn(store, hamlet.id) is None
    point = effective_point(store.reader(), hamlet.id)
    assert point is not None
    assert point.of == "parent"


def test_a_visit_just_accurate_enough_teaches(store: Store, hamlet: Area) -> None:
    officer = put_user(store, "budi", "officer")
    put_visit(store, officer, hamlet.id, state="approved", accuracy_m=50)
    assert learn(store, hamlet.id) is not None


def test_learning_the_same_again_tells_the_phones_nothing(store: Store, hamlet: Area) -> None:
    put_visit(store, put_user(store, "budi", "officer"), hamlet.id, state="approved")
    learn(store, hamlet.id)
    before = feed_position(store)
    learn(store, hamlet.id)
    assert changed_subjects(store, "area", before) == []


def test_a_learned_point_goes_when_no_visit_stands_for_it(store: Store, hamlet: Area) -> None:
    visit_id = put_visit(store, put_user(store, "budi", "officer"), hamlet.id, state="approved")
    learn(store, hamlet.id)
    set_columns(store, visit_id, state="rejected")
    assert learn(store, hamlet.id) is None
    assert get_area(store.reader(), hamlet.id).point_source is None


def test_a_point_of_the_office_is_never_overridden(store: Store) -> None:
    put_area(
        store,
        Area("13.11/j9001", "jorong", "Ujung", VILLAGE, latitude_deg=-1.4, longitude_deg=101.3,
             point_source="office"),
    )  # fmt: skip
    put_visit(store, put_user(store, "budi", "officer"), "13.11/j9001", state="approved")
    assert learn(store, "13.11/j9001") == Point(-1.4, 101.3, "own")


def test_learning_of_an_unknown_area_is_nothing(store: Store) -> None:
    assert learn(store, "13.11/j9999") is None
