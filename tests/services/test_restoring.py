"""Restoring: whole, verified, under a new id, and the phones bring back what came after."""

from __future__ import annotations

import errno
import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from survey.domain.problems import Problem
from survey.services import restore_sources
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder, Manifest
from survey.services.erasing import erase, find_photo
from survey.services.restore_sources import BackupSource
from survey.services.restoring import RestoreOutcome, restore
from survey.services.setup import get_store_id
from survey.services.verifying import verify
from survey.settings import Settings, load_settings
from survey.store import copies
from survey.store.connection import Store, connect
from survey.store.files import FileRoom, find_file
from survey.store.meta import set_meta
from survey.store.migrations import STEPS, list_applied, migrate
from tests.backup_kit import put_file, told_safe
from tests.factories import NOW, FixedClock
from tests.office_kit import Office, open_office


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "cadangan")


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """The settings of an instance without a store."""
    return load_settings({}, tmp_path / "baru")


def run_backup(office: Office, folder: BackupFolder) -> Manifest:
    return back_up(office.store, office.settings, folder.path, office.clock.tick()).manifest


def dump(store: Store) -> list[str]:
    """Every row but what a restore changes: the store's id and its line of the audit."""
    changed = ("'store_id'", "store.restored", "'restored'", "marked_folders", "last_backup")
    changed += ("sqlite_sequence", "file_safe")
    return sorted(
        line
        for line in store.reader().iterdump()
        if line.startswith("INSERT") and not any(word in line for word in changed)
    )


def flip_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def reopen(settings: Settings) -> Store:
    return Store.open(settings.database)


def test_what_was_backed_up_is_there_whole_and_under_a_new_id(
    office: Office, room: FileRoom, folder: BackupFolder, empty: Settings
) -> None:
    payload = office.receive()
    office.decide(payload["id"], "approved")
    photo = put_file(office.store, room, office.officer, b"foto")
    (office.settings.instance / "survey.cfg").write_text("SURVEY_TIMEZONE = Asia/Jayapura\n")
    before = dump(office.store)
    manifest = run_backup(office, folder)
    outcome = restore(empty, BackupSource(folder.path), NOW)
    assert outcome == RestoreOutcome(outcome.origin, files=1)
    assert (outcome.origin.name, outcome.origin.sha256) == (manifest.name, manifest.sha256)
    assert (outcome.origin.records, outcome.origin.as_of) == (1, manifest.made_at)
    with closing(reopen(empty)) as restored:
        assert dump(restored) == before
        assert get_store_id(restored) != get_store_id(office.store)
        assert verify(restored, FileRoom(empty.instance), NOW).damage == []
    assert FileRoom(empty.instance).path_of(photo.name).read_bytes() == b"foto"
    again = load_settings({}, empty.instance)
    assert again.secret_key == office.settings.secret_key
    assert again.timezone.key == "Asia/Jayapura"
    assert sorted(path.name for path in empty.instance.iterdir()) == [
        "files",
        "secret_key",
        "survey.cfg",
        "survey.db",
    ]


def test_settings_of_the_new_instance_are_kept(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    (office.settings.instance / "survey.cfg").write_text("SURVEY_TIMEZONE = Asia/Jayapura\n")
    (empty.instance / "survey.cfg").write_text("SURVEY_TIMEZONE = Asia/Makassar\n")
    run_backup(office, folder)
    restore(empty, BackupSource(folder.path), NOW)
    assert load_settings({}, empty.instance).timezone.key == "Asia/Makassar"


def test_a_file_that_was_safe_stays_safe_and_one_that_came_after_is_unknown(
    office: Office, room: FileRoom, folder: BackupFolder, empty: Settings
) -> None:
    early = put_file(office.store, room, office.officer, b"satu")
    run_backup(office, folder)
    safe_at = office.clock.now
    run_backup(office, folder)  # holds the mark that the first one made
    late = put_file(office.store, room, office.officer, b"dua")
    restore(empty, BackupSource(folder.path), NOW)
    with closing(reopen(empty)) as restored:
        assert told_safe(restored, office.officer) == {early.name: safe_at}
        assert find_file(restored.reader(), late.name) is None


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_an_instance_with_a_store_or_a_piece_of_one_is_refused_untouched(
    office: Office, folder: BackupFolder, empty: Settings, suffix: str
) -> None:
    run_backup(office, folder)
    piece = empty.instance / f"survey.db{suffix}"
    piece.write_bytes(b"milik orang")
    with pytest.raises(Problem) as caught:
        restore(empty, BackupSource(folder.path), NOW)
    assert caught.value.code == "instance.not_empty"
    assert piece.read_bytes() == b"milik orang"


def test_a_second_restore_changes_nothing(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    run_backup(office, folder)
    restore(empty, BackupSource(folder.path), NOW)
    before = empty.database.read_bytes()
    with pytest.raises(Problem) as caught:
        restore(empty, BackupSource(folder.path), NOW)
    assert caught.value.code == "instance.not_empty"
    assert empty.database.read_bytes() == before


def test_a_damaged_newest_backup_is_passed_over_for_the_one_before(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    first, second = run_backup(office, folder), run_backup(office, folder)
    flip_byte(folder.database(second.name))
    outcome = restore(empty, BackupSource(folder.path), NOW)
    assert (outcome.origin.name, outcome.skipped) == (first.name, (second.name,))


def test_the_newest_is_the_one_made_last_whatever_the_clock_said(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    now = office.clock.now
    office.clock.now = "2099-01-01T00:00:00.000Z"
    ahead = run_backup(office, folder)
    office.clock.now = now
    office.receive()
    last = run_backup(office, folder)
    assert last.name < ahead.name
    assert [each.number for each in folder.list_manifests()] == [2, 1]
    assert restore(empty, BackupSource(folder.path), NOW).origin.name == last.name


def test_a_manifest_of_before_they_were_numbered_and_one_that_says_more_are_read(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    old, new = run_backup(office, folder), run_backup(office, folder)
    for manifest, change in ((old, {"number": None}), (new, {"colour": "blue"})):
        path = folder.manifest(manifest.name)
        value = {**json.loads(path.read_text()), **change}
        path.write_text(json.dumps({k: v for k, v in value.items() if v is not None}))
    assert [each.name for each in folder.list_manifests()] == [new.name, old.name]
    assert run_backup(office, folder).number == 3


def test_a_backup_is_taken_by_its_name(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    first = run_backup(office, folder)
    office.receive()
    run_backup(office, folder)
    assert (
        restore(empty, BackupSource(folder.path, first.name + ".db"), NOW).origin.name == first.name
    )
    with closing(reopen(empty)) as restored:
        assert restored.reader().execute("SELECT count(*) FROM visits").fetchone()[0] == 0


def test_no_whole_backup_and_no_such_name_are_said(
    office: Office, folder: BackupFolder, empty: Settings, tmp_path: Path
) -> None:
    only = run_backup(office, folder)
    for path, at in ((tmp_path, None), (folder.path, "survey-20200101T000000000Z")):
        with pytest.raises(Problem) as caught:
            restore(empty, BackupSource(path, at), NOW)
        assert caught.value.code == "backup.none"
    flip_byte(folder.database(only.name))
    with pytest.raises(Problem) as caught:
        restore(empty, BackupSource(folder.path), NOW)
    assert caught.value.code == "backup.none"
    assert not list(empty.instance.glob("*.db*"))


def test_a_file_that_the_backup_lacks_loses_its_row_so_that_its_phone_sends_it_again(
    office: Office, room: FileRoom, folder: BackupFolder, empty: Settings
) -> None:
    names = [
        put_file(office.store, room, office.officer, text).name for text in (b"satu", b"dua", b"3")
    ]
    run_backup(office, folder)
    run_backup(office, folder)
    flip_byte(folder.room.path_of(names[0]))
    folder.room.path_of(names[1]).unlink()
    outcome = restore(empty, BackupSource(folder.path), NOW)
    assert (outcome.files, sorted(outcome.lost)) == (1, sorted(names[:2]))
    assert outcome.damage == ()
    with closing(reopen(empty)) as restored:
        assert [find_file(restored.reader(), name) is None for name in names] == [True, True, False]
        assert list(told_safe(restored, office.officer)) == [names[2]]


def test_a_restore_that_was_cut_off_is_finished_by_the_same_command(
    office: Office,
    room: FileRoom,
    folder: BackupFolder,
    empty: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for text in (b"satu", b"dua", b"tiga"):
        put_file(office.store, room, office.officer, text)
    run_backup(office, folder)
    real, calls = copies.copy_file, []

    def full(source: Path, target: Path, sha256: str | None = None) -> bool:
        calls.append(target)
        if len(calls) == 4:  # database, two files, and then no room
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(source, target, sha256)

    with monkeypatch.context() as patch:
        patch.setattr(copies, "copy_file", full)
        with pytest.raises(Problem) as caught:
            restore(empty, BackupSource(folder.path), NOW)
    assert caught.value.code == "server.disk_full"
    assert not list(empty.instance.glob("*.db*"))
    (empty.instance / "restoring.db-wal").write_bytes(b"of a kill")
    outcome = restore(empty, BackupSource(folder.path), NOW)
    assert (outcome.files, outcome.lost, outcome.damage) == (3, (), ())


def test_files_that_came_after_the_database_come_along_and_erased_ones_do_not(
    office: Office, room: FileRoom, folder: BackupFolder, empty: Settings
) -> None:
    gone = put_file(office.store, room, office.officer, b"wajah")
    first = run_backup(office, folder)
    erase(
        office.store,
        room,
        lambda connection: find_photo(connection, gone.name),
        "permintaan warga",
        office.clock.tick(),
        actor="cli",
    )
    second = run_backup(office, folder)
    late = put_file(office.store, room, office.officer, b"dua")
    run_backup(office, folder)
    rotten = put_file(office.store, room, office.officer, b"tiga")
    run_backup(office, folder)
    flip_byte(folder.room.path_of(rotten.name))
    outcome = restore(empty, BackupSource(folder.path, second.name), NOW)
    assert (outcome.files, outcome.strays, outcome.lost) == (0, 1, ())
    restored = FileRoom(empty.instance)
    assert restored.path_of(late.name).read_bytes() == b"dua"
    assert [restored.stored_size(each.name) for each in (rotten, gone)] == [None, None]
    assert first.name != second.name


def test_files_are_taken_from_more_folders_when_the_first_lacks_them(
    office: Office, room: FileRoom, folder: BackupFolder, empty: Settings, tmp_path: Path
) -> None:
    photo = put_file(office.store, room, office.officer, b"satu")
    run_backup(office, folder)
    folder.room.path_of(photo.name).unlink()
    assert restore(empty, BackupSource(folder.path), NOW).lost == (photo.name,)
    other = load_settings({}, tmp_path / "lagi")
    outcome = restore(other, BackupSource(folder.path), NOW, more_files=[office.settings.instance])
    assert (outcome.files, outcome.lost) == (1, ())


def test_damage_that_was_backed_up_comes_with_it_and_is_named(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    office.receive()
    office.store.write(
        lambda connection: connection.execute("UPDATE visits SET note = 'palsu'").fetchall()
    )
    run_backup(office, folder)
    outcome = restore(empty, BackupSource(folder.path), NOW)
    assert outcome.damage == (
        "visits against their records: visits (key 1) differs from its records",
    )
    assert empty.database.is_file()


def test_a_backup_of_a_newer_version_is_refused(
    office: Office, folder: BackupFolder, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_backup(office, folder)
    monkeypatch.setattr(restore_sources, "STEPS", STEPS[:-1])
    with pytest.raises(Problem) as caught:
        restore(empty, BackupSource(folder.path), NOW)
    assert caught.value.code == "backup.newer"


def test_a_backup_of_an_older_version_is_brought_to_the_present_schema(
    office: Office, folder: BackupFolder, empty: Settings
) -> None:
    manifest = run_backup(office, folder)
    database = folder.database(manifest.name)
    database.unlink()
    with closing(connect(database)) as connection:
        migrate(connection, stop_before=STEPS[-1][0])
        set_meta(connection, "store_id", manifest.store_id)
    copies.settle_database(database)
    older = replace(
        manifest,
        steps=manifest.steps[:-1],
        bytes=database.stat().st_size,
        sha256=copies.hash_file(database),
    )
    folder.write_manifest(older)
    assert restore(empty, BackupSource(folder.path), NOW).damage == ()
    with closing(reopen(empty)) as restored:
        assert list_applied(restored.reader()) == [name for name, _ in STEPS]
