"""The nightly backup: comes every night, after a failed one too, and is made up when missed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from survey.domain.instants import add_to_instant
from survey.services.backup_folders import BackupFolder
from survey.services.jobs import JobRunner
from survey.services.nightly_backup import BACKUP_JOB, ensure_backups, find_next_night
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
        assert "exists" in (find_meta(store.reader(), "last_backup_error") or "")
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
    assert find_meta(store.reader(), "last_backup_error") == (
        "1 files are missing; run survey verify"
    )


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


def test_a_folder_taken_away_from_the_settings_ends_the_nights(
    store: Store, runner: JobRunner, clock: FixedClock
) -> None:
    ensure_backups(store, runner.settings, clock.now)
    runner.settings = replace(runner.settings, backup_dir=None)
    assert runner.run_one()
    assert due_at(store) is None
