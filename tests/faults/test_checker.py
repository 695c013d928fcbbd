"""The checker of the fault tests finds each planted damage, and nothing in a sound store."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom, insert_file
from survey.store.users import find_user
from tests.factories import NOW, Enrolled, enrol_officer, make_envelope, make_visit_payload
from tests.faults.checker import Findings, Save, check
from tests.sending import send


@dataclass
class Plant:
    """A server with two acknowledged visits and a photo each, and the hands to harm it."""

    settings: Settings
    saves: list[Save]
    photos: list[Path]

    def spoil(self, *statements: str) -> None:
        """Change rows behind the back of every guard."""
        with closing(sqlite3.connect(self.settings.database, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    def check(self, *, all_of_it: bool = True, deep: bool = True) -> Findings:
        return check(self.settings, self.saves, all_of_it=all_of_it, deep=deep)


def keep_file(store: Store, settings: Settings, phone: Enrolled, data: bytes) -> Path:
    sha256 = hashlib.sha256(data).hexdigest()
    path = FileRoom(settings.instance).path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    officer = find_user(store.reader(), phone.officer_id)
    assert officer
    store.write(
        lambda connection: insert_file(
            connection,
            sha256=sha256,
            kind="photo",
            content_type="image/jpeg",
            size=len(data),
            officer_key=officer.key,
            device_key=None,
            now=NOW,
        )
    )
    return path


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


@pytest.fixture
def plant(store: Store, settings: Settings, phone: Enrolled) -> Plant:
    photos = [keep_file(store, settings, phone, data) for data in (b"satu", b"dua")]
    saves = []
    for photo in photos:
        envelope = make_envelope(make_visit_payload(note=photo.name))
        assert send(store, settings, phone, envelope)[0]["result"] == "stored"
        saves.append(Save(envelope["id"], envelope["sha256"], (photo.name,)))
    return Plant(settings, saves, photos)


def test_nothing_is_found_where_all_is_well(plant: Plant) -> None:
    found = plant.check()
    assert found == Findings(records=2, files=2)
    assert found.counts == {"records": 2, "files": 2, "lost": 0, "duplicated": 0, "damaged": 0}


def test_a_save_named_twice_is_looked_for_once(plant: Plant) -> None:
    plant.saves *= 2
    assert plant.check().records == 2


def test_a_record_that_never_arrived_is_lost(plant: Plant) -> None:
    plant.saves.append(Save("01970000-0000-7000-8000-00000000dead", "ab" * 32))
    found = plant.check()
    assert (found.lost, found.duplicated, found.damaged) == (1, 0, 0)
    assert found.details == [f"lost: record {plant.saves[-1].record_id} {'ab' * 32}"]


def test_a_record_that_was_removed_is_lost_and_the_store_is_no_longer_whole(plant: Plant) -> None:
    plant.spoil(
        "DROP TRIGGER revisions_are_not_deleted",
        f"DELETE FROM revisions WHERE sha256 = '{plant.saves[0].sha256}'",
    )
    found = plant.check()
    assert found.lost == 1
    assert found.damaged >= 1


def test_a_quarantined_record_is_not_lost(plant: Plant, store: Store, phone: Enrolled) -> None:
    envelope = make_envelope("not JSON at all")
    assert send(store, plant.settings, phone, envelope)[0]["result"] == "quarantined"
    plant.saves.append(Save(envelope["id"], envelope["sha256"]))
    assert plant.check() == Findings(records=3, files=2)


@pytest.mark.parametrize(
    ("harm", "lost", "damaged"),
    [
        (lambda path: path.unlink(), 1, 0),
        (lambda path: path.write_bytes(b"satv"), 0, 1),
        (lambda path: path.write_bytes(b"sat"), 0, 1),
    ],
    ids=["gone", "other bytes", "too short"],
)
@pytest.mark.parametrize("deep", [True, False])
def test_a_photo_is_counted_once_as_lost_or_as_damaged(
    plant: Plant, harm: Callable[[Path], object], lost: int, damaged: int, deep: bool
) -> None:
    harm(plant.photos[0])
    found = plant.check(deep=deep)
    assert (found.lost, found.duplicated, found.damaged) == (lost, 0, damaged)
    assert plant.photos[0].name in found.details[0]


def test_a_photo_without_its_row_is_lost(plant: Plant) -> None:
    plant.spoil(
        f"DELETE FROM file_officers WHERE sha256 = '{plant.photos[0].name}'",
        f"DELETE FROM files WHERE sha256 = '{plant.photos[0].name}'",
    )
    assert plant.check().lost == 1


def test_a_record_in_two_places_is_there_twice(plant: Plant) -> None:
    plant.spoil(
        "INSERT INTO quarantine (record_id, sha256, why, envelope, payload, officer_key,"
        " received_at) SELECT record_id, sha256, 'x', '{}', CAST(payload AS BLOB), officer_key,"
        f" received_at FROM revisions WHERE sha256 = '{plant.saves[0].sha256}'"
    )
    found = plant.check(all_of_it=False)
    assert (found.lost, found.duplicated, found.damaged) == (0, 1, 0)


def test_one_content_under_two_ids_is_there_twice(
    plant: Plant, store: Store, phone: Enrolled
) -> None:
    again = make_envelope(
        make_visit_payload(note=plant.photos[0].name, saved_at="2026-05-04T02:20:00.000Z")
    )
    send(store, plant.settings, phone, again)
    plant.saves.append(Save(again["id"], again["sha256"]))
    assert plant.check(all_of_it=False) == Findings(records=3, files=2)
    found = plant.check()
    assert (found.lost, found.duplicated, found.damaged) == (0, 1, 0)


def test_what_nobody_saved_is_one_too_many(plant: Plant) -> None:
    plant.saves.pop()
    assert plant.check(all_of_it=False) == Findings(records=1, files=1)
    found = plant.check()
    assert (found.lost, found.duplicated, found.damaged) == (0, 1, 0)


@pytest.mark.parametrize(
    "statements",
    [
        (
            "DROP TRIGGER revisions_keep_their_payload",
            "UPDATE revisions SET payload = replace(payload, 'telkomsel', 'xl') WHERE key = 1",
        ),
        ("DROP TRIGGER audit_is_append_only_update", "UPDATE audit SET actor = 'x' WHERE seq = 2"),
        ("UPDATE visits SET note = 'somebody else wrote this' WHERE key = 1",),
    ],
    ids=["payload", "audit chain", "projection"],
)
def test_a_changed_row_is_damage_that_only_a_deep_look_finds(
    plant: Plant, statements: tuple[str, ...]
) -> None:
    plant.spoil(*statements)
    assert plant.check(deep=False) == Findings(records=2, files=2)
    found = plant.check()
    assert (found.lost, found.duplicated) == (0, 0)
    assert found.damaged >= 1


def test_findings_are_read_as_lines(plant: Plant) -> None:
    plant.photos[1].unlink()
    (line,) = plant.check().details
    assert line == f"lost: file {plant.photos[1].name} (its bytes)"
