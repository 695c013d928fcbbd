"""Rehearsing a restore: proves what it says, names each damage, leaves nothing but its note."""

from __future__ import annotations

import fcntl
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from survey.domain.instants import add_to_instant
from survey.domain.problems import Problem
from survey.services import rehearsals
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder, Manifest
from survey.services.jobs import JobRunner
from survey.services.rehearsals import (
    REHEARSE_JOB,
    ask_for_due_rehearsals,
    ask_for_rehearsal,
    find_copies,
)
from survey.services.rehearsing import LAST_TESTED, Rehearsal, find_report, rehearse
from survey.services.restore_sources import BackupSource
from survey.services.setup import initialise
from survey.settings import Settings, load_settings
from survey.store import copies
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.jobs import find_job
from survey.store.meta import find_meta, set_meta
from tests.backup_kit import put_file
from tests.factories import NOW, FixedClock
from tests.office_kit import Office, open_office

PHOTOS = (b"satu", b"dua", b"tiga")


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "cadangan")


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock, folder: BackupFolder) -> Office:
    changed = replace(settings, backup_dir=folder.path)
    made = open_office(store, changed, clock)
    made.receive()
    for photo in PHOTOS:
        put_file(store, FileRoom(settings.instance), made.officer, photo)
    return made


def run_backup(office: Office, folder: BackupFolder) -> Manifest:
    return back_up(office.store, office.settings, folder.path, office.clock.tick()).manifest


def run(office: Office, folder: BackupFolder) -> Rehearsal:
    return rehearse(office.settings, BackupSource(folder.path), office.clock.now)


def last_proof(office: Office) -> str | None:
    return find_meta(office.store.reader(), LAST_TESTED)


def flip_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_whole_backup_is_proved_and_noted_and_nothing_stays_behind(
    office: Office, folder: BackupFolder
) -> None:
    manifest = run_backup(office, folder)
    office.receive()  # what came after the backup is not asked of it
    before = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*")}
    result = run(office, folder)
    assert result.proved
    assert (result.live, result.same_history) == (1, True)
    assert (result.outcome.origin.name, result.outcome.files) == (manifest.name, 3)
    assert last_proof(office) == office.clock.now
    report = find_report(office.store.reader(), "backup")
    assert report is not None
    assert (report["ok"], report["records"], report["files"]) == (True, 1, 3)
    assert not (office.settings.instance / "rehearsal").exists()
    assert {path: path.stat().st_mtime_ns for path in folder.path.rglob("*")} == before


def test_a_rotten_and_a_missing_file_of_the_backup_are_no_proof(
    office: Office, folder: BackupFolder
) -> None:
    run_backup(office, folder)
    first, second = sorted(path for path in folder.room.files.rglob("*") if path.is_file())[:2]
    flip_byte(first)
    second.unlink()
    result = run(office, folder)
    assert not result.proved
    assert sorted(result.outcome.lost) == [first.name, second.name]
    assert last_proof(office) is None
    report = find_report(office.store.reader(), "backup")
    assert report is not None
    assert (report["ok"], report["damage"]) == (False, 2)


def test_a_damaged_newest_backup_is_no_proof_though_the_one_before_is_whole(
    office: Office, folder: BackupFolder
) -> None:
    run_backup(office, folder)
    flip_byte(folder.database(run_backup(office, folder).name))
    result = run(office, folder)
    assert (result.proved, len(result.outcome.skipped)) == (False, 1)
    assert last_proof(office) is None


def test_damage_inside_the_backed_up_store_is_no_proof(
    office: Office, folder: BackupFolder
) -> None:
    office.store.write(lambda c: c.execute("UPDATE visits SET note = 'palsu'").fetchall())
    run_backup(office, folder)
    assert not run(office, folder).proved


def test_records_that_the_backup_lost_are_counted_against_the_instance(
    office: Office, folder: BackupFolder
) -> None:
    manifest = run_backup(office, folder)
    with closing(Store.open(folder.database(manifest.name))) as copy:

        def lose(connection):  # type: ignore[no-untyped-def]
            connection.execute("DROP TRIGGER revisions_are_not_deleted")
            connection.execute("PRAGMA defer_foreign_keys = ON")
            for table in ("visits", "service_tests", "readings", "visit_photos", "flags"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM revisions")

        copy.write(lose)
    copies.settle_database(folder.database(manifest.name))
    size = folder.database(manifest.name).stat().st_size
    sha256 = copies.hash_file(folder.database(manifest.name))
    folder.write_manifest(replace(manifest, bytes=size, sha256=sha256))
    result = run(office, folder)
    assert (result.live, result.outcome.origin.records, result.proved) == (1, 0, False)


def test_a_backup_of_another_instance_proves_nothing_about_this_one(
    office: Office, folder: BackupFolder, tmp_path: Path, initialised: Path
) -> None:
    run_backup(office, folder)
    other = load_settings({}, tmp_path / "lain")
    initialise(other, add_to_instant(NOW, seconds=5))
    result = rehearse(other, BackupSource(folder.path), NOW)
    assert (result.same_history, result.proved) == (False, False)
    with closing(Store.open(other.database)) as store:
        assert find_report(store.reader(), "backup") is None


def test_a_machine_without_an_instance_can_rehearse_too(
    office: Office, folder: BackupFolder, tmp_path: Path
) -> None:
    run_backup(office, folder)
    result = rehearse(load_settings({}, tmp_path / "laptop"), BackupSource(folder.path), NOW)
    assert (result.live, result.same_history, result.proved) == (None, None, True)


def test_an_empty_folder_is_noted_as_a_failed_rehearsal(
    office: Office, folder: BackupFolder
) -> None:
    folder.path.mkdir()
    with pytest.raises(Problem) as caught:
        run(office, folder)
    assert caught.value.code == "backup.none"
    report = find_report(office.store.reader(), "backup")
    assert report is not None
    assert (report["ok"], last_proof(office)) == (False, None)
    assert not (office.settings.instance / "rehearsal").exists()


def test_what_a_killed_rehearsal_left_goes_with_the_next(
    office: Office, folder: BackupFolder
) -> None:
    run_backup(office, folder)
    left = office.settings.instance / "rehearsal" / "files"
    left.mkdir(parents=True)
    (left / "x").write_bytes(b"x")
    assert run(office, folder).proved
    assert not left.exists()


def test_two_rehearsals_at_once_are_one(office: Office, folder: BackupFolder) -> None:
    run_backup(office, folder)
    with (office.settings.instance / ".rehearsal.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Problem) as caught:
            run(office, folder)
    assert caught.value.code == "rehearsal.running"


@pytest.fixture
def runner(office: Office) -> JobRunner:
    return JobRunner(
        office.store, FileRoom(office.settings.instance), office.settings, office.clock
    )


def test_the_job_rehearses_in_a_process_of_its_own_and_mends_rotten_copies(
    office: Office, folder: BackupFolder, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_BACKUP_DIR", str(folder.path))
    run_backup(office, folder)
    rotten = next(path for path in folder.room.files.rglob("*") if path.is_file())
    flip_byte(rotten)
    ask_for_rehearsal(office.store, office.settings, office.clock.now)
    assert runner.run_one()
    assert not rotten.exists()
    run_backup(office, folder)
    ask_for_rehearsal(office.store, office.settings, office.clock.now)
    assert runner.run_one()
    assert last_proof(office) is not None
    report = find_report(office.store.reader(), "backup")
    assert report is not None
    assert report["ok"] is True


def test_a_copy_that_rotted_on_the_server_too_is_left_where_it_is(
    office: Office, folder: BackupFolder
) -> None:
    run_backup(office, folder)
    room = FileRoom(office.settings.instance)
    copy = next(path for path in folder.room.files.rglob("*") if path.is_file())
    flip_byte(copy)
    flip_byte(room.path_of(copy.name))
    assert rehearsals.drop_damaged(folder.path, room, [copy.name]) == 0
    assert copy.exists()


@pytest.mark.parametrize(
    ("days", "due"), [(None, True), (0, False), (6.9, False), (7, True), (-1, True)]
)
def test_a_rehearsal_is_due_when_the_last_is_a_week_old(
    office: Office, days: float | None, due: bool
) -> None:
    if days is not None:
        at = add_to_instant(office.clock.now, days=-days)
        office.store.write(lambda c: set_meta(c, "rehearsal_backup", json.dumps({"at": at})))
    office.store.write(lambda c: ask_for_due_rehearsals(c, office.settings, office.clock.now))
    assert (find_job(office.store.reader(), REHEARSE_JOB, "backup") is not None) is due


def test_only_copies_in_folders_are_rehearsed_by_the_server(office: Office, tmp_path: Path) -> None:
    assert list(find_copies(office.settings)) == ["backup"]
    both = replace(office.settings, replica=str(tmp_path))
    assert list(find_copies(both)) == ["backup", "replica"]
    assert list(find_copies(replace(both, replica="s3://b/x", backup_dir=None))) == []
