"""Areas: levels, codes, points, merging."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey.domain.areas import (
    Area,
    Point,
    effective_point,
    find_ancestor,
    format_area_id,
    is_bps_code_of_level,
    is_code_of_level,
    list_ancestors,
    may_learn_point,
    merge_hindrance,
    middle_of,
    number_of_id,
)

ROOT = Area("99.01", "kabupaten", "Contoh", None, latitude_deg=-1.0, longitude_deg=101.0)
DISTRICT = Area("99.01.01", "kecamatan", "Hulu", "99.01")
VILLAGE = Area(
    "99.01.01.2001", "nagari", "Koto", "99.01.01", latitude_deg=-1.1, longitude_deg=101.1
)
HAMLET = Area("99.01/j0007", "jorong", "Ujung", "99.01.01.2001")
AREAS = {area.id: area for area in (ROOT, DISTRICT, VILLAGE, HAMLET)}


@pytest.mark.parametrize(
    ("code", "level", "fits"),
    [
        ("99.01", "kabupaten", True),
        ("99.01.02", "kecamatan", True),
        ("99.01.02.2001", "nagari", True),
        ("99.01.02.201", "nagari", False),
        ("99.01", "kecamatan", False),
        ("99.01.02.2001", "jorong", False),
        ("9901022001", "nagari", False),
    ],
)
def test_kemendagri_code_has_the_form_of_its_level(code: str, level: str, fits: bool) -> None:
    assert is_code_of_level(code, level) is fits


@pytest.mark.parametrize(
    ("code", "level", "fits"),
    [("9901", "kabupaten", True), ("9901010", "kecamatan", True), ("9901010001", "nagari", True),
     ("9901", "nagari", False), ("9901010001", "jorong", False)],
)  # fmt: skip
def test_bps_code_has_the_form_of_its_level(code: str, level: str, fits: bool) -> None:
    assert is_bps_code_of_level(code, level) is fits


def test_opaque_id_begins_with_the_kabupaten_and_tells_its_number() -> None:
    area_id = format_area_id("99.01", "jorong", 42)
    assert area_id == "99.01/j0042"
    assert number_of_id(area_id) == 42
    assert number_of_id("99.01.01.2001") == 0


def test_ancestors_come_nearest_first() -> None:
    assert list(list_ancestors(AREAS, HAMLET.id)) == [VILLAGE, DISTRICT, ROOT]


def test_circular_parents_end_the_chain() -> None:
    circle = {
        "a": replace(HAMLET, id="a", parent_id="b"),
        "b": replace(HAMLET, id="b", parent_id="a"),
    }
    assert [area.id for area in list_ancestors(circle, "a")] == ["b"]


def test_kecamatan_of_an_area_is_itself_or_above_it() -> None:
    assert find_ancestor(AREAS, HAMLET.id, "kecamatan") == DISTRICT
    assert find_ancestor(AREAS, DISTRICT.id, "kecamatan") == DISTRICT
    assert find_ancestor(AREAS, ROOT.id, "kecamatan") is None


def test_area_without_a_point_takes_the_nearest_point_above_and_says_so() -> None:
    assert effective_point(AREAS, HAMLET.id) == Point(-1.1, 101.1, "parent")
    assert effective_point(AREAS, VILLAGE.id) == Point(-1.1, 101.1, "own")
    assert effective_point(AREAS, DISTRICT.id) == Point(-1.0, 101.0, "parent")


def test_no_point_anywhere_above_is_no_point() -> None:
    lonely = {"x": replace(HAMLET, id="x", parent_id=None)}
    assert effective_point(lonely, "x") is None


def test_middle_of_positions_is_their_median_so_that_one_stray_does_not_count() -> None:
    assert middle_of([(-1.0, 101.0), (-1.2, 101.2), (-40.0, 10.0)]) == (-1.2, 101.0)
    assert middle_of([]) is None


@pytest.mark.parametrize(
    ("source", "may"), [(None, True), ("visits", True), ("office", False), ("reference", False)]
)
def test_visits_never_override_a_point_of_the_office_or_reference(
    source: str | None, may: bool
) -> None:
    assert may_learn_point(replace(HAMLET, point_source=source)) is may


OTHER = replace(HAMLET, id="99.01/j0008", name="Hujung")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (HAMLET, HAMLET),
        (HAMLET, VILLAGE),
        (ROOT, replace(ROOT, id="99.02")),
        (replace(HAMLET, merged_into="99.01/j0001"), OTHER),
        (HAMLET, replace(OTHER, merged_into=HAMLET.id)),
        (HAMLET, replace(OTHER, retired_at="2026-01-01T00:00:00.000Z")),
    ],
)
def test_areas_that_cannot_be_merged_say_why(source: Area, target: Area) -> None:
    assert merge_hindrance(source, target)


def test_two_live_areas_of_one_level_can_be_merged() -> None:
    assert merge_hindrance(HAMLET, OTHER) is None
