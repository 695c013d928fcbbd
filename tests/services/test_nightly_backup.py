"""The nightly backup: comes every night, after a failed one too, and is made up when missed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from survey.domain.instants import add_to_instant
from survey.services import nightly_backup
from survey.services.backup_folders import BackupFolder
from survey.services.jobs import JobRunner
from survey.services.nightly_backup import (
    BACKUP_JOB,
    MISSING,
    ask_for_backup,
    ensure_backups,
    find_next_night,
)
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.jobs import count_jobs, fail_job, find_job, take_job
from survey.store.meta import find_meta
from tests.backup_kit import put_file
from tests.factories import NOW, FixedClock
from tests.people_kit import add_person

TONIGHT = "2026-05-04T19:00:00.000Z"
TOMORROW_NIGHT = "2026-05-05T19:00:00.000Z"


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "cadangan")


@pytest.fixture
def runner(store: Store, settings: Settings, clock: FixedClock, folder: BackupFolder) -> JobRunner:
    changed = replace(settings, backup_dir=folder.path)
    return JobRunner(store, FileRoom(settings.instance), changed, clock)


@pytest.fixture(autouse=True)
def without_rehearsals(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Rehearsals asked for here are only listed; they have tests of their own."""
    asked: list[str] = []

    def ask(connection: object, settings: object, now: str) -> None:
        asked.append(now)

    monkeypatch.setattr(nightly_backup, "ask_for_due_rehearsals", ask)
    return asked


def find_error(store: Store) -> dict[str, str]:
    error: dict[str, str] = json.loads(find_meta(store.reader(), "last_backup_error") or "{}")
    return error


def due_at(store: Store) -> str | None:
    job = find_job(store.reader(), BACKUP_JOB, "")
    return None if job is None else job["run_after"]


@pytest.mark.parametrize(
    ("now", "zone", "night"),
    [
        (NOW, "Asia/Jakarta", TONIGHT),
        ("2026-05-04T18:59:59.999Z", "Asia/Jakarta", TONIGHT),
        (TONIGHT, "Asia/Jakarta", TOMORROW_NIGHT),
        (NOW, "Asia/Jayapura", "2026-05-04T17:00:00.000Z"),
    ],
)
def test_a_night_begins_at_two_of_the_office(now: str, zone: str, night: str) -> None:
    assert find_next_night(now, ZoneInfo(zone)) == night


def test_without_a_folder_no_backup_is_asked_for(store: Store, settings: Settings) -> None:
    ensure_backups(store, settings, NOW)
    assert count_jobs(store.reader()) == (0, 0)


def test_the_first_is_made_at_once_and_the_next_every_night(
    store: Store, runner: JobRunner, clock: FixedClock, folder: BackupFolder
) -> None:
    for _ in range(2):
        ensure_backups(store, runner.settings, clock.now)
    assert (runner.run_one(), runner.run_one()) == (True, False)
    assert len(folder.list_manifests()) == 1
    assert due_at(store) == TONIGHT
    clock.now = TONIGHT
    assert (runner.run_one(), runner.run_one()) == (True, False)
    assert len(folder.list_manifests()) == 2
    assert due_at(store) == TOMORROW_NIGHT
    assert find_meta(store.reader(), "last_backup_error") == ""


def test_a_night_that_the_server_slept_through_is_made_up_at_its_start(
    store: Store, runner: JobRunner, clock: FixedClock, folder: BackupFolder
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    runner.run_one()
    clock.now = add_to_instant(TOMORROW_NIGHT, hours=5)
    ensure_backups(store, runner.settings, clock.now)
    assert runner.run_one()
    assert folder.list_manifests()[0].made_at == clock.now


def test_a_failed_night_is_noted_and_tried_again_until_it_works(
    store: Store, runner: JobRunner, clock: FixedClock, folder: BackupFolder
) -> None:
    folder.path.write_text("no folder but a file")
    ensure_backups(store, runner.settings, clock.now)
    for _ in range(7):
        assert runner.run_one()
        assert "exists" in find_error(store)["message"]
        assert due_at(store) == add_to_instant(clock.now, hours=1)
        clock.tick(3_600)
    folder.path.unlink()
    assert runner.run_one()
    assert len(folder.list_manifests()) == 1
    assert find_meta(store.reader(), "last_backup_error") == ""
    assert count_jobs(store.reader()) == (1, 0)


def test_files_that_are_missing_are_noted_and_the_backup_stands(
    store: Store, runner: JobRunner, folder: BackupFolder
) -> None:
    put_file(store, runner.files, add_person(store), b"foto").unlink()
    ensure_backups(store, runner.settings, NOW)
    runner.run_one()
    assert len(folder.list_manifests()) == 1
    assert find_error(store) == {"message": MISSING, "params": {"count": "1"}}


def test_a_job_given_up_for_good_is_asked_for_anew_at_the_next_start(
    store: Store, runner: JobRunner, clock: FixedClock
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    for _ in range(5):
        job = store.write(lambda connection: take_job(connection, clock.now, 10))
        assert job is not None
        store.write(partial(fail_job, key=job["key"], error="x", now=clock.now))
        clock.tick(60)
    assert count_jobs(store.reader()) == (0, 1)
    ensure_backups(store, runner.settings, clock.now)
    assert count_jobs(store.reader()) == (1, 0)


def test_a_backup_asked_for_by_hand_moves_no_night(
    store: Store, runner: JobRunner, clock: FixedClock, folder: BackupFolder
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    runner.run_one()
    clock.tick(60)
    for _ in range(2):
        ask_for_backup(store, clock.now)
    assert (runner.run_one(), runner.run_one()) == (True, False)
    assert len(folder.list_manifests()) == 2
    assert due_at(store) == TONIGHT


def test_a_night_asked_for_by_a_clock_that_ran_ahead_is_brought_back(
    store: Store, runner: JobRunner, clock: FixedClock, folder: BackupFolder
) -> None:
    clock.now = "2099-01-01T00:00:00.000Z"
    ensure_backups(store, runner.settings, clock.now)
    runner.run_one()
    clock.now = NOW
    ensure_backups(store, runner.settings, clock.now)
    assert runner.run_one()
    assert folder.list_manifests()[0].made_at == NOW
    assert due_at(store) == TONIGHT


def test_rehearsals_are_asked_for_after_each_night_and_not_after_one_by_hand(
    store: Store, runner: JobRunner, clock: FixedClock, without_rehearsals: list[str]
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    runner.run_one()
    ask_for_backup(store, clock.now)
    runner.run_one()
    assert without_rehearsals == [clock.now]


def test_a_backup_that_meets_another_at_work_is_no_fault(
    store: Store, runner: JobRunner, clock: FixedClock, folder: BackupFolder
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    runner.run_one()
    ask_for_backup(store, clock.now)
    with folder.alone():
        runner.run_one()
    assert find_error(store) == {}


def test_an_empty_folder_is_begun_anew_only_when_a_person_says_so(
    store: Store, runner: JobRunner, clock: FixedClock, folder: BackupFolder
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    runner.run_one()
    shutil.rmtree(folder.path)
    ask_for_backup(store, clock.now)
    runner.run_one()
    assert "mounted" in find_error(store)["message"]
    assert not folder.path.exists()
    ask_for_backup(store, clock.now, new_folder=True)
    runner.run_one()
    assert (find_error(store), len(folder.list_manifests())) == ({}, 1)


def test_a_folder_taken_away_from_the_settings_ends_the_nights(
    store: Store, runner: JobRunner, clock: FixedClock
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    runner.settings = replace(runner.settings, backup_dir=None)
    assert runner.run_one()
    assert due_at(store) is None
