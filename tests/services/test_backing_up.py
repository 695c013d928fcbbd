"""Backups: whole or not there, of one moment, and the phones are told only of what is in one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from survey.domain.problems import Problem
from survey.services import backing_up
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder
from survey.services.erasing import erase, find_photo
from survey.settings import Settings
from survey.store import copies
from survey.store.audit import find_chain_breaks
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.meta import find_meta
from tests.backup_kit import note_file, put_file, told_safe
from tests.factories import FixedClock
from tests.office_kit import Office, open_office
from tests.people_kit import add_person


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


@pytest.fixture
def target(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "cadangan")


def run(office: Office, target: BackupFolder) -> backing_up.BackupOutcome:
    return back_up(office.store, office.settings, target.path, office.clock.tick())


def run_a_day_later(office: Office, target: BackupFolder) -> str:
    office.clock.tick(86_400)
    return run(office, target).manifest.name


def visits_in(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        count: int = connection.execute("SELECT count(*) FROM visits").fetchone()[0]
        return count


def test_a_backup_holds_database_files_key_and_settings_for_its_owner_only(
    office: Office, room: FileRoom, target: BackupFolder
) -> None:
    office.receive()
    photo = put_file(office.store, room, office.officer, b"foto")
    (office.settings.instance / "survey.cfg").write_text("SURVEY_TIMEZONE = Asia/Jakarta\n")
    outcome = run(office, target)
    manifest = outcome.manifest
    database = target.database(manifest.name)
    assert visits_in(database) == 1
    assert manifest.sha256 == copies.hash_file(database)
    assert manifest.store_id == find_meta(office.store.reader(), "store_id")
    assert (manifest.counts["visits"], manifest.counts["files"]) == (1, 1)
    assert (outcome.copied, manifest.missing_files) == (1, ())
    assert target.room.path_of(photo.name).read_bytes() == b"foto"
    for name in ("secret_key", "survey.cfg"):
        copied = target.path / name
        assert copied.read_bytes() == (office.settings.instance / name).read_bytes()
        assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert find_meta(office.store.reader(), "last_backup_at") == office.clock.now


def test_the_second_backup_copies_only_what_is_new(
    office: Office, room: FileRoom, target: BackupFolder
) -> None:
    put_file(office.store, room, office.officer, b"satu")
    first = run(office, target)
    put_file(office.store, room, office.officer, b"dua")
    second = run(office, target)
    again = run(office, target)
    assert (first.copied, second.copied, again.copied) == (1, 1, 0)
    assert (first.made_safe, second.made_safe, again.made_safe) == (1, 1, 0)
    assert len(target.list_manifests()) == 3


def test_two_backups_of_one_instant_are_two(office: Office, target: BackupFolder) -> None:
    now = office.clock()
    for _ in range(2):
        back_up(office.store, office.settings, target.path, now)
    assert len(target.list_manifests()) == 2


def test_the_newest_of_each_day_stays_and_the_oldest_go(
    office: Office, target: BackupFolder
) -> None:
    office.settings = replace(office.settings, backup_days=7, backup_months=0)
    made = [run_a_day_later(office, target) for _ in range(9)]
    assert [each.name for each in target.list_manifests()] == made[:1:-1]
    assert len(list(target.path.glob("survey-*.db"))) == 7


def test_databases_of_another_store_are_left_alone(
    office: Office, target: BackupFolder, store: Store
) -> None:
    run(office, target)
    store.write(
        lambda connection: connection.execute(
            "UPDATE meta SET value = 'lain' WHERE name = 'store_id'"
        ).fetchall()
    )
    for _ in range(15):
        run_a_day_later(office, target)
    assert len(target.list_manifests()) == 15


def test_officers_are_told_what_is_safe_each_of_their_own(
    office: Office, room: FileRoom, target: BackupFolder, store: Store
) -> None:
    other = add_person(store, "budi")
    own = put_file(store, room, office.officer, b"satu")
    shared = put_file(store, room, office.officer, b"dua")
    note_file(store, other, shared.name, 3)
    assert told_safe(store, office.officer) == {}
    run(office, target)
    now = office.clock.now
    assert told_safe(store, office.officer) == {own.name: now, shared.name: now}
    assert told_safe(store, other) == {shared.name: now}


def test_an_officer_who_sent_a_safe_file_later_is_told_by_the_next_backup(
    office: Office, room: FileRoom, target: BackupFolder, store: Store
) -> None:
    photo = put_file(store, room, office.officer, b"satu")
    run(office, target)
    first = office.clock.now
    other = add_person(store, "budi")
    note_file(store, other, photo.name, 4)
    run(office, target)
    assert told_safe(store, other) == {photo.name: first}


def test_more_files_than_one_transaction_takes_are_all_called_safe(
    office: Office,
    room: FileRoom,
    target: BackupFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backing_up, "SAFE_BATCH", 2)
    for number in range(5):
        put_file(office.store, room, office.officer, b"%d" % number)
    assert run(office, target).made_safe == 5
    assert len(told_safe(office.store, office.officer)) == 5


def test_a_damaged_and_a_missing_file_are_named_and_never_called_safe(
    office: Office, room: FileRoom, target: BackupFolder
) -> None:
    whole = put_file(office.store, room, office.officer, b"satu")
    flipped = put_file(office.store, room, office.officer, b"dua")
    gone = put_file(office.store, room, office.officer, b"tiga")
    flipped.write_bytes(b"dub")
    gone.unlink()
    outcome = run(office, target)
    assert outcome.manifest.missing_files == tuple(sorted([flipped.name, gone.name]))
    assert target.room.stored_size(flipped.name) is None
    assert list(told_safe(office.store, office.officer)) == [whole.name]


def test_an_erased_file_leaves_the_backups_with_the_last_daily_one_that_knew_it(
    office: Office, room: FileRoom, target: BackupFolder
) -> None:
    photo = put_file(office.store, room, office.officer, b"wajah")
    run(office, target)
    erase(
        office.store,
        room,
        lambda connection: find_photo(connection, photo.name),
        "permintaan warga",
        office.clock.tick(),
        actor="cli",
    )
    for _ in range(13):
        run_a_day_later(office, target)
    assert target.room.stored_size(photo.name) == 5
    run_a_day_later(office, target)
    assert target.list_manifests()[0].missing_files == ()
    assert target.room.stored_size(photo.name) is None


def test_a_backup_while_writes_go_on_is_of_one_moment(office: Office, target: BackupFolder) -> None:
    stop = threading.Event()

    def write_on() -> None:
        for _ in range(400):
            if stop.is_set():
                return
            office.receive()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        names = [run(office, target).manifest.name for _ in range(4)]
    finally:
        stop.set()
        writer.join()
    counts = []
    for name in names:
        with closing(sqlite3.connect(target.database(name))) as copy:
            copy.row_factory = sqlite3.Row
            assert list(find_chain_breaks(copy)) == []
            row = copy.execute(
                "SELECT (SELECT count(*) FROM revisions), (SELECT count(*) FROM visits)"
            ).fetchone()
            assert row[0] == row[1]
            counts.append(row[0])
    assert counts == sorted(counts)
    assert office.store.reader().execute("SELECT count(*) FROM visits").fetchone()[0] > counts[0]


@pytest.mark.parametrize("inside", ["", "cadangan", "files/x/../../cadangan"])
def test_a_backup_inside_the_instance_is_refused(office: Office, inside: str) -> None:
    before = sorted(office.settings.instance.iterdir())
    with pytest.raises(Problem) as caught:
        back_up(office.store, office.settings, office.settings.instance / inside, office.clock())
    assert caught.value.code == "backup.inside"
    assert sorted(office.settings.instance.iterdir()) == before


def test_a_link_into_the_instance_is_inside(office: Office, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(office.settings.instance)
    with pytest.raises(Problem) as caught:
        back_up(office.store, office.settings, link / "cadangan", office.clock())
    assert caught.value.code == "backup.inside"


def test_a_second_backup_into_the_same_folder_waits_for_nobody(
    office: Office, target: BackupFolder
) -> None:
    run(office, target)
    with (target.path / ".lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Problem) as caught:
            run(office, target)
    assert caught.value.code == "backup.running"
    run(office, target)


def no_room(*_: object, **__: object) -> bool:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full_database(source: Path, target: Path) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


@pytest.mark.parametrize(
    ("function", "fault"),
    [("copy_database", full_database), ("copy_file", no_room), ("write_file", no_room)],
)
def test_a_full_disk_is_said_and_leaves_the_backup_before_whole(
    office: Office,
    room: FileRoom,
    target: BackupFolder,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    fault: object,
) -> None:
    put_file(office.store, room, office.officer, b"satu")
    before = run(office, target).manifest
    photo = put_file(office.store, room, office.officer, b"dua")
    with monkeypatch.context() as patch:
        patch.setattr(copies, function, fault)
        with pytest.raises(Problem) as caught:
            run(office, target)
    assert caught.value.code == "backup.disk_full"
    assert target.list_manifests() == [before]
    assert [path.name for path in target.path.glob("survey-*.db")] == [before.name + ".db"]
    assert photo.name not in told_safe(office.store, office.officer)
    run(office, target)
    assert photo.name in told_safe(office.store, office.officer)


def test_a_cut_copy_leaves_nothing_under_the_name_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "asal", tmp_path / "salinan"
    source.write_bytes(b"isi")
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="space"):
        copies.copy_file(source, target)
    assert list(tmp_path.iterdir()) == [source]


def test_what_a_killed_backup_left_is_cleaned_by_the_next(
    office: Office, target: BackupFolder
) -> None:
    run(office, target)
    (target.room.files / "ab").mkdir(parents=True)
    leftovers = [
        target.path / "survey-20200101T000000000Z.db",
        target.path / "survey-20200102T000000000Z.db.tmp",
        target.room.files / "ab" / "abcd.tmp",
    ]
    for path in leftovers:
        path.write_bytes(b"x")
    run(office, target)
    assert [path for path in leftovers if path.exists()] == []


def test_a_damaged_copy_is_no_backup(
    office: Office, target: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = copies.copy_database

    def spoil(source: Path, copy: Path) -> None:
        real(source, copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("DELETE FROM sqlite_master WHERE name = 'revisions_by_officer'")

    monkeypatch.setattr(copies, "copy_database", spoil)
    with pytest.raises(Problem) as caught:
        run(office, target)
    assert caught.value.code == "backup.damaged"
    assert target.list_manifests() == []


def test_a_manifest_that_nobody_can_read_or_that_lies_about_the_size_makes_nothing_whole(
    office: Office, target: BackupFolder
) -> None:
    first, second, third = (run(office, target).manifest for _ in range(3))
    target.manifest(first.name).write_text("{")
    target.manifest(second.name).write_text(json.dumps({"name": second.name}))
    with target.database(third.name).open("ab") as file:
        file.write(b"x")
    assert target.list_manifests() == []
