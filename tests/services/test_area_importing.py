"""Imports of the office's lists and boundaries: whole or not at all, and back again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from survey.domain.area_plan import Plan
from survey.domain.areas import Area
from survey.domain.problems import Problem
from survey.services.area_importing import Outcome, import_areas, plan_area_import, undo_import
from survey.services.areas import learn_point, merge_areas
from survey.store.area_boundaries import find_boundary, find_box
from survey.store.area_imports import list_imports
from survey.store.areas import find_area, get_area, list_areas, list_parents
from survey.store.audit import list_audit
from survey.store.connection import Store
from tests.area_places import (
    DISTRICT,
    OTHER_VILLAGE,
    VILLAGE,
    boundary_file,
    changed_subjects,
    feed_position,
    list_file,
    put_area,
    put_user,
    put_visit,
)
from tests.factories import NOW

LATER = "2026-06-01T00:00:00.000Z"


def take(store: Store, content: bytes, name: str = "daftar.csv") -> Outcome:
    return import_areas(store, name, content, "admin", NOW)


def counts(plan: Plan) -> tuple[int, int, int]:
    return plan.count("new"), plan.count("changed"), plan.count("same")


def faults_of(store: Store, content: bytes) -> list[tuple[int, str]]:
    return [(f.row, f.column) for f in plan_area_import(store, "daftar.csv", content).faults]


def picture(store: Store) -> tuple[Any, ...]:
    """Everything an import may change."""
    connection = store.reader()
    areas = list_areas(connection)
    return (
        areas,
        {area_id: list_parents(connection, area_id) for area_id in areas},
        {area_id: find_boundary(connection, area_id) for area_id in areas},
    )


# --- lists --------------------------------------------------------------------------------


def test_an_official_list_over_the_sample_keeps_ids_and_dates_the_new_parent(store: Store) -> None:
    outcome = take(store, list_file("jorong,Lubuk Rasak,Lubuk Gadang Selatan"))
    assert counts(outcome.plan) == (0, 1, 0)
    area = get_area(store.reader(), "13.11/j0002")
    assert (area.name, area.standing, area.parent_id) == (
        "Lubuk Rasak",
        "official",
        "13.11.01.2003",
    )
    assert list_parents(store.reader(), area.id)[-1] == ("13.11.01.2003", NOW)


def test_another_spelling_becomes_the_name_and_the_old_one_an_alias(store: Store) -> None:
    outcome = take(store, list_file("jorong,Simancung,Alam Pauh Duo"))
    area = get_area(store.reader(), "13.11/j0055")
    assert (area.name, area.aliases) == ("Simancung", ("Simancuang",))
    assert [notice.row for notice in outcome.plan.notices] == [2]


def test_a_line_never_takes_an_area_that_another_line_names_exactly(store: Store) -> None:
    outcome = take(
        store, list_file(f"jorong,Gunung Pasir,{VILLAGE}", f"jorong,Gunung Pasia,{VILLAGE}")
    )
    by_row = {change.row: change.after.id for change in outcome.plan.changes}
    assert by_row == {2: "13.11/j0001", 3: "13.11/j0008"}


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    content = list_file("jorong,Lubuk Rasak,Lubuk Gadang Selatan", "jorong,Baru Sekali,Abai")
    assert take(store, content).import_id is not None
    before, position = picture(store), feed_position(store)
    again = take(store, content)
    assert (again.import_id, counts(again.plan)) == (None, (0, 0, 2))
    assert picture(store) == before
    assert feed_position(store) == position


def test_a_parent_may_stand_in_the_same_file_below_its_child(store: Store) -> None:
    take(store, list_file("jorong,Ujung,Persiapan", f"nagari,Persiapan,{DISTRICT}"))
    village = get_area(store.reader(), "13.11/n0001")
    assert (village.name, village.kemendagri_code) == ("Persiapan", None)
    assert get_area(store.reader(), "13.11/j0063").parent_id == village.id


@pytest.mark.parametrize(
    "parent",
    [
        VILLAGE,
        "1310010001",
        "Lubuk Gadang",
        "lubuak  gadang",
        "Sangir > Lubuk Gadang",
        "13.11.01 > Lubuk Gadang",
    ],
)
def test_a_parent_is_named_by_id_code_name_or_path(store: Store, parent: str) -> None:
    take(store, list_file(f"jorong,Rimbo Dalam,{parent}"))
    assert get_area(store.reader(), "13.11/j0063").parent_id == VILLAGE


def test_a_code_tells_its_own_parent(store: Store) -> None:
    header = "level,name,kemendagri_code,bps_code"
    take(store, list_file("nagari,Baru,13.11.01.2005,1310010005", header=header))
    area = get_area(store.reader(), "13.11.01.2005")
    assert (area.parent_id, area.bps_code) == (DISTRICT, "1310010005")


def test_an_empty_cell_changes_nothing(store: Store) -> None:
    before = get_area(store.reader(), "13.11/j0002")
    header = "id,level,name,parent,note,latitude_deg,longitude_deg"
    take(store, list_file("13.11/j0002,jorong,Lubuk Rasak,,,-1.5,101.2", header=header))
    after = get_area(store.reader(), "13.11/j0002")
    assert (after.parent_id, after.note) == (before.parent_id, before.note)
    assert (after.latitude_deg, after.point_source) == (-1.5, "office")


def test_a_row_with_an_id_may_rename_its_area(store: Store) -> None:
    header = "id,level,name"
    take(store, list_file("13.11/j0002,jorong,Rasak Baru", header=header))
    area = get_area(store.reader(), "13.11/j0002")
    assert (area.name, area.aliases) == ("Rasak Baru", ("Lubuk Rasak",))


def test_equal_names_in_two_nagari_are_two_jorong(store: Store) -> None:
    take(store, list_file(f"jorong,Koto Baru,{VILLAGE}", f"jorong,Koto Baru,{OTHER_VILLAGE}"))
    assert {get_area(store.reader(), f"13.11/j00{n}").parent_id for n in (63, 64)} == {
        VILLAGE,
        OTHER_VILLAGE,
    }


def test_a_sample_that_two_lines_may_mean_stays_and_is_noticed(store: Store) -> None:
    outcome = take(
        store,
        list_file("jorong,Lubuk Rasak,13.11.01.2002", "jorong,Lubuk Rasak,13.11.01.2003"),
    )
    assert counts(outcome.plan) == (2, 0, 0)
    assert get_area(store.reader(), "13.11/j0002").standing == "unofficial"
    assert [notice.row for notice in outcome.plan.notices] == [2, 3]


def test_an_official_jorong_of_another_nagari_is_not_taken_for_the_same(store: Store) -> None:
    put_area(store, Area("13.11/j9001", "jorong", "Ujung", VILLAGE))
    outcome = take(store, list_file(f"jorong,Ujung,{OTHER_VILLAGE}"))
    assert counts(outcome.plan) == (1, 0, 0)


PLAIN = "level,name,parent"
BY_ID = "id,level,name,parent"
BY_CODE = "level,name,kemendagri_code,bps_code"


@pytest.mark.parametrize(
    ("header", "rows", "place"),
    [
        (PLAIN, ["jorong,Ujung,"], (2, "parent")),
        (PLAIN, ["jorong,Ujung,Tidak Ada"], (2, "parent")),
        (PLAIN, ["jorong,Ujung,13.11"], (2, "parent")),
        (PLAIN, ["nagari,Baru,Lubuk Gadang"], (2, "parent")),
        (PLAIN, ["jorong,Ujung,Abai", "jorong,UJUNG,Abai"], (3, "name")),
        (BY_ID, ["13.11/j9999,jorong,Ujung,Abai"], (2, "id")),
        (BY_ID, ["13.11.01,jorong,Sangir,Abai"], (2, "id")),
        (BY_ID, ["13.11/j0002,jorong,A,", "13.11/j0002,jorong,B,"], (3, "id")),
        (BY_CODE, ["kabupaten,Lain,99.01,"], (2, "kemendagri_code")),
        (BY_CODE, ["nagari,Abai,13.11.01.2001,1310030001"], (2, "bps_code")),
        (BY_CODE, ["nagari,A,13.11.01.2009,", "nagari,B,13.11.01.2009,"], (3, "kemendagri_code")),
        (
            BY_CODE,
            ["nagari,A,13.11.01.2009,1310010009", "nagari,B,13.11.01.2010,1310010009"],
            (3, "bps_code"),
        ),
    ],
)
def test_a_line_that_fits_nowhere_is_a_fault_and_nothing_changes(
    store: Store, header: str, rows: list[str], place: tuple[int, str]
) -> None:
    before = picture(store)
    content = list_file(*rows, header=header)
    assert faults_of(store, content) == [place]
    with pytest.raises(Problem) as caught:
        take(store, content)
    assert caught.value.code == "area.import_faulty"
    assert picture(store) == before


def test_a_code_that_another_area_bears_is_a_fault(store: Store) -> None:
    content = list_file(
        "13.11.01.2002,nagari,X,Sangir,13.11.01.2001", header=f"{BY_ID},kemendagri_code"
    )
    assert faults_of(store, content) == [(2, "kemendagri_code")]


def test_a_nagari_known_by_its_code_may_move_to_another_kecamatan(store: Store) -> None:
    content = list_file("nagari,Abai,Sangir,1310030001", header="level,name,parent,bps_code")
    take(store, content)
    assert get_area(store.reader(), "13.11.05.2001").parent_id == DISTRICT


def test_a_name_of_two_nagari_asks_for_the_path(store: Store) -> None:
    put_area(store, Area("13.11/n0009", "nagari", "Lubuk Gadang", "13.11.02"))
    assert faults_of(store, list_file("jorong,Ujung,Lubuk Gadang")) == [(2, "parent")]
    assert faults_of(store, list_file("jorong,Ujung,Sungai Pagu > Lubuk Gadang")) == []


def test_one_fault_keeps_all_other_lines_out(store: Store) -> None:
    before = picture(store)
    with pytest.raises(Problem) as caught:
        take(store, list_file("jorong,Baik,Abai", "desa,Salah,Abai", "jorong,=1,Abai"))
    assert [error.field for error in caught.value.errors] == ["row 3, level", "row 4, name"]
    assert picture(store) == before


def test_an_unreadable_file_says_so(store: Store) -> None:
    with pytest.raises(Problem) as caught:
        take(store, b"PK\x03\x04", "daftar.xlsx")
    assert caught.value.code == "area.import_unreadable"


def test_a_merged_area_cannot_be_imported_over(store: Store) -> None:
    merge_areas(store, "13.11/j0001", "13.11/j0008", "admin", NOW)
    content = list_file("13.11/j0001,jorong,Gunung Pasir", header="id,level,name")
    assert faults_of(store, content) == [(2, "id")]


def test_an_import_is_audited_and_listed(store: Store) -> None:
    outcome = take(store, list_file("jorong,Baru Sekali,Abai"))
    (done,) = list_imports(store.reader())
    assert (done.id, done.file_name, done.new_count) == (outcome.import_id, "daftar.csv", 1)
    assert [row["action"] for row in list_audit(store.reader(), done.id)] == ["area.imported"]


def test_phones_learn_what_an_import_changed_and_no_more(store: Store) -> None:
    before = feed_position(store)
    take(store, list_file("jorong,Lubuk Rasak,Sangir", "jorong,Baru Sekali,Abai"))
    assert sorted(changed_subjects(store, "area", before)) == [
        ("13.11/j0002", 0),
        ("13.11/j0063", 0),
    ]


# --- boundaries ---------------------------------------------------------------------------


def test_a_boundary_is_kept_with_its_box(store: Store) -> None:
    outcome = take(store, boundary_file((VILLAGE, 101.0, -1.7, 101.4, -1.5)), "batas.geojson")
    assert counts(outcome.plan) == (1, 0, 0)
    assert find_box(store.reader(), VILLAGE) == (101.0, -1.7, 101.4, -1.5)
    assert outcome.plan.notices == []


def test_another_boundary_replaces_it_and_the_same_does_not(store: Store) -> None:
    take(store, boundary_file((VILLAGE, 101.0, -1.7, 101.4, -1.5)))
    again = take(store, boundary_file((VILLAGE, 101.0, -1.7, 101.4, -1.5)))
    other = take(store, boundary_file((VILLAGE, 101.0, -1.7, 101.5, -1.5)))
    assert (counts(again.plan), counts(other.plan)) == ((0, 0, 1), (0, 1, 0))


def test_a_boundary_is_matched_by_name_within_its_parent(store: Store) -> None:
    content = json.loads(boundary_file(("", 101.0, -1.7, 101.4, -1.5)))
    content["features"][0]["properties"] = {
        "name": "Lubuak Gadang",
        "type": "nagari",
        "kecamatan": "Sangir",
    }
    take(store, json.dumps(content).encode())
    assert find_boundary(store.reader(), VILLAGE) is not None


def test_a_name_that_several_areas_bear_is_a_fault(store: Store) -> None:
    content = json.loads(boundary_file(("", 101.0, -1.7, 101.4, -1.5)))
    content["features"][0]["properties"] = {"name": "Lubuk Gadang"}
    assert faults_of(store, json.dumps(content).encode()) == [(1, "")]


def test_a_boundary_of_an_unknown_area_keeps_all_out(store: Store) -> None:
    content = boundary_file((VILLAGE, 101.0, -1.7, 101.4, -1.5), ("99.01", 1, 1, 2, 2))
    with pytest.raises(Problem, match="nothing was changed"):
        take(store, content)
    assert find_boundary(store.reader(), VILLAGE) is None


def test_two_boundaries_of_one_area_are_a_fault(store: Store) -> None:
    content = boundary_file((VILLAGE, 101, -1.7, 101.4, -1.5), (VILLAGE, 101, -1.8, 101.4, -1.5))
    assert faults_of(store, content) == [(2, "")]


def test_a_known_point_outside_the_boundary_and_another_name_are_worth_a_look(
    store: Store,
) -> None:
    content = boundary_file((VILLAGE, 1.0, 1.0, 1.2, 1.2), name="Nama Lain")
    plan = plan_area_import(store, "batas.geojson", content)
    assert plan.is_right
    assert [(notice.row, notice.column) for notice in plan.notices] == [
        (1, "name"),
        (1, "geometry"),
    ]


# --- undoing ------------------------------------------------------------------------------


def test_an_import_is_taken_back_in_one_step(store: Store) -> None:
    before = picture(store)[0]
    content = list_file("jorong,Lubuk Rasak,Lubuk Gadang Selatan", "jorong,Baru Sekali,Abai")
    outcome = take(store, content)
    position = feed_position(store)
    assert undo_import(store, str(outcome.import_id), "admin", LATER) is True
    after = picture(store)[0]
    assert after.pop("13.11/j0063").retired_at == LATER
    assert after == before
    assert sorted(changed_subjects(store, "area", position)) == [
        ("13.11/j0002", 0),
        ("13.11/j0063", 1),
    ]


def test_taking_back_twice_changes_nothing(store: Store) -> None:
    outcome = take(store, list_file("jorong,Baru Sekali,Abai"))
    undo_import(store, str(outcome.import_id), "admin", NOW)
    before = picture(store)
    assert undo_import(store, str(outcome.import_id), "admin", LATER) is False
    assert picture(store) == before


def test_a_retired_area_comes_back_under_its_old_id(store: Store) -> None:
    content = list_file("jorong,Baru Sekali,Abai")
    undo_import(store, str(take(store, content).import_id), "admin", NOW)
    again = take(store, content)
    assert counts(again.plan) == (1, 0, 0)
    assert get_area(store.reader(), "13.11/j0063").is_live
    assert find_area(store.reader(), "13.11/j0064") is None


def test_boundaries_are_taken_back_to_those_before(store: Store) -> None:
    take(store, boundary_file((VILLAGE, 101.0, -1.7, 101.4, -1.5)))
    before = find_boundary(store.reader(), VILLAGE)
    outcome = take(store, boundary_file((VILLAGE, 101.0, -1.7, 101.5, -1.5)))
    undo_import(store, str(outcome.import_id), "admin", NOW)
    assert find_boundary(store.reader(), VILLAGE) == before


def refuse_undo(store: Store, outcome: Outcome) -> list[str]:
    before = picture(store)
    with pytest.raises(Problem) as caught:
        undo_import(store, str(outcome.import_id), "admin", LATER)
    assert caught.value.code == "area.import_superseded"
    assert picture(store) == before
    return [error.field for error in caught.value.errors]


def test_an_import_with_a_later_one_on_it_stays(store: Store) -> None:
    header = "id,level,name,note"
    first = take(store, list_file("13.11/j0002,jorong,Lubuk Rasak,satu", header=header))
    take(store, list_file("13.11/j0002,jorong,Lubuk Rasak,dua", header=header))
    assert refuse_undo(store, first) == ["13.11/j0002"]


def test_an_import_whose_area_was_merged_stays(store: Store) -> None:
    outcome = take(store, list_file("jorong,Baru Sekali,Abai"))
    merge_areas(store, "13.11/j0063", "13.11/j0001", "admin", NOW)
    assert refuse_undo(store, outcome) == ["13.11/j0063"]


def test_an_import_whose_new_area_was_visited_stays(store: Store) -> None:
    outcome = take(store, list_file("jorong,Baru Sekali,Abai"))
    put_visit(store, put_user(store, "budi", "officer"), "13.11/j0063")
    assert refuse_undo(store, outcome) == ["13.11/j0063"]


def test_an_import_under_whose_nagari_others_stand_stays(store: Store) -> None:
    outcome = take(store, list_file(f"nagari,Persiapan,{DISTRICT}"))
    take(store, list_file("jorong,Ujung,Persiapan"))
    assert refuse_undo(store, outcome) == ["13.11/n0001"]


def test_a_nagari_and_its_jorong_of_one_import_go_together(store: Store) -> None:
    outcome = take(store, list_file(f"nagari,Persiapan,{DISTRICT}", "jorong,Ujung,Persiapan"))
    assert undo_import(store, str(outcome.import_id), "admin", NOW) is True
    assert not get_area(store.reader(), "13.11/n0001").is_live


def test_a_point_learned_meanwhile_does_not_stand_in_the_way(store: Store) -> None:
    outcome = take(store, list_file("jorong,Lubuk Rasak,Lubuk Gadang Selatan"))
    put_visit(store, put_user(store, "budi", "officer"), "13.11/j0002", state="approved")
    store.write(lambda connection: learn_point(connection, "13.11/j0002"))
    assert undo_import(store, str(outcome.import_id), "admin", NOW) is True
    area = get_area(store.reader(), "13.11/j0002")
    assert (area.standing, area.point_source) == ("unofficial", "visits")


def test_an_unknown_import_cannot_be_taken_back(store: Store) -> None:
    with pytest.raises(Problem) as caught:
        undo_import(store, "no such import", "admin", NOW)
    assert caught.value.code == "area.import_not_found"
