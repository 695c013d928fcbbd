"""The tables that ship with the project: what a fresh instance knows of its regency."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from survey.domain.areas import (
    PARENT_LEVELS,
    is_bps_code_of_level,
    is_code_of_level,
    list_ancestors,
)
from survey.domain.geo import distance_m
from survey.services.areas import load_reference_areas
from survey.services.reference_areas import DATA
from survey.store.area_baselines import list_baselines, list_listed_area_ids
from survey.store.areas import find_root_area, list_areas, list_parents
from survey.store.connection import Store
from tests.area_places import changed_subjects, feed_position
from tests.factories import NOW


def test_a_fresh_instance_knows_one_regency_and_its_sample_of_jorong(store: Store) -> None:
    areas = list_areas(store.reader()).values()
    assert Counter(area.level for area in areas) == {
        "kabupaten": 1,
        "kecamatan": 7,
        "nagari": 39,
        "jorong": 62,
    }
    assert {(a.level == "jorong", a.standing) for a in areas} == {
        (False, "official"),
        (True, "unofficial"),
    }


def test_every_area_above_the_jorong_has_its_codes_and_a_point_in_the_regency(store: Store) -> None:
    root = find_root_area(store.reader())
    assert root is not None
    for area in list_areas(store.reader()).values():
        if area.level == "jorong":
            assert area.latitude_deg is None
            continue
        assert area.id == area.kemendagri_code
        assert is_code_of_level(area.id, area.level)
        assert area.bps_code is not None
        assert is_bps_code_of_level(area.bps_code, area.level)
        assert area.latitude_deg is not None
        assert area.longitude_deg is not None
        assert distance_m(-1.42, 101.27, area.latitude_deg, area.longitude_deg) < 60_000


def test_every_area_stands_under_a_fitting_parent_since_the_load(store: Store) -> None:
    areas = list_areas(store.reader())
    for area in areas.values():
        if area.level == "kabupaten":
            continue
        assert area.parent_id is not None
        assert areas[area.parent_id].level in PARENT_LEVELS[area.level]
        assert list_parents(store.reader(), area.id) == [(area.parent_id, NOW)]
        assert [*list_ancestors(areas, area.id)][-1].level == "kabupaten"


def test_every_fact_names_its_source(store: Store) -> None:
    for area in list_areas(store.reader()).values():
        assert area.source
    with (DATA / "baselines.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert urlsplit(row["source"]).scheme in ("http", "https")


def test_jorong_ids_in_the_table_are_numbered_without_a_gap() -> None:
    with (DATA / "jorong_unofficial.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert ids == [f"13.11/j{number:04d}" for number in range(1, len(ids) + 1)]


def test_probable_duplicates_say_so_in_their_note(store: Store) -> None:
    areas = list_areas(store.reader()).values()
    notes = {area.name: area.note or "" for area in areas if area.level == "jorong"}
    for name in ("Gunung Pasir", "Gunung Pasia", "Manggiu", "Manggih", "Pangian Indah"):
        assert "Mungkin sama" in notes[name] or "mungkin sama" in notes[name]


def test_the_published_counts_are_dated_and_in_their_unit(store: Store) -> None:
    rows = list_baselines(store.reader(), "13.11")
    counts = {(row["as_of"], row["value"], row["unit"]) for row in rows}
    assert {
        ("2022", 39, "jorong"),
        ("2023-01", 36, "points"),
        ("2023", 25, "points"),
        ("2024", 18, "jorong"),
        ("2024-12-05", 13, "points"),
    } <= counts
    assert [row["as_of"] for row in rows] == sorted(row["as_of"] for row in rows)


def test_eighteen_jorong_are_on_the_list_of_2024(store: Store) -> None:
    listed = list_listed_area_ids(store.reader(), "blankspot_listed")
    areas = list_areas(store.reader())
    assert len(listed) == 18
    assert {areas[area_id].level for area_id in listed} == {"jorong"}
    assert set(listed.values()) == {"2024"}


def test_loading_again_changes_nothing(store: Store) -> None:
    before = feed_position(store)
    assert load_reference_areas(store, NOW) == 0
    assert feed_position(store) == before
    assert len(list_baselines(store.reader(), "13.11")) == 12


def test_phones_learn_every_area(store: Store) -> None:
    told = {subject for subject, deleted in changed_subjects(store, "area") if not deleted}
    assert told == set(list_areas(store.reader()))


def test_an_instance_of_another_regency_is_left_alone(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "data"
    shutil.copytree(DATA, other)
    for name in ("areas.csv", "jorong_unofficial.csv", "baselines.csv"):
        text = (other / name).read_text("utf-8").replace("13.11", "99.01")
        (other / name).write_text(text, "utf-8")
    assert load_reference_areas(store, NOW, other) == 0
    assert "99.01" not in list_areas(store.reader())
