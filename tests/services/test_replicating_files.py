"""The replica of the files: new ones come, erased ones go, damaged ones are never copied."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from survey.domain.instants import add_to_instant
from survey.services import replicating_files
from survey.services.erasing import erase, find_photo
from survey.services.folder_marks import mark_folder
from survey.services.replica_state import FilesState, read_state
from survey.services.replicating_files import WHOLE_PASS_S, FileReplica
from survey.settings import Settings
from survey.store import copies
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.users import User
from tests.backup_kit import put_file
from tests.factories import NOW, FixedClock
from tests.people_kit import add_person


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path, store: Store, settings: Settings) -> Path:
    made = tmp_path / "replika"
    made.mkdir()
    mark_folder(store, settings, made, "replica", NOW)
    return made


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def replica(
    store: Store, settings: Settings, clock: FixedClock, folder: Path, ticks: Ticks
) -> FileReplica:
    return FileReplica(store, replace(settings, replica=str(folder)), clock, ticks)


@pytest.fixture
def officer(store: Store) -> User:
    return add_person(store)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


def copied(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "files").glob("*/*"))


def test_what_is_there_and_what_comes_is_copied_once(
    store: Store, room: FileRoom, officer: User, replica: FileReplica, folder: Path
) -> None:
    first = put_file(store, room, officer, b"satu")
    assert replica.step() == FilesState(NOW, copied=1)
    assert FileRoom(folder).path_of(first.name).read_bytes() == b"satu"
    before = FileRoom(folder).path_of(first.name).stat().st_mtime_ns
    second = put_file(store, room, officer, b"dua")
    state = replica.step()
    assert state.copied == 2
    assert read_state(store.path.parent, FilesState) == state
    assert copied(folder) == sorted([first.name, second.name])
    assert FileRoom(folder).path_of(first.name).stat().st_mtime_ns == before
    assert replica.step().copied == 2


def test_key_and_settings_are_there_for_a_restore(
    store: Store, settings: Settings, replica: FileReplica, folder: Path, ticks: Ticks
) -> None:
    replica.step()
    (settings.instance / "survey.cfg").write_text("SURVEY_TIMEZONE = Asia/Jayapura\n")
    ticks.now += WHOLE_PASS_S
    replica.step()
    for name in ("secret_key", "survey.cfg"):
        assert (folder / name).read_bytes() == (settings.instance / name).read_bytes()


def test_an_erased_file_goes_from_the_replica(
    store: Store,
    room: FileRoom,
    officer: User,
    replica: FileReplica,
    folder: Path,
    clock: FixedClock,
) -> None:
    photo = put_file(store, room, officer, b"wajah")
    stays = put_file(store, room, officer, b"menara")
    replica.step()
    erase(
        store,
        room,
        lambda connection: find_photo(connection, photo.name),
        "permintaan warga",
        clock.tick(),
        actor="cli",
    )
    replica.step()
    assert copied(folder) == [stays.name]


def test_a_damaged_and_a_missing_file_are_counted_and_never_copied(
    store: Store, room: FileRoom, officer: User, replica: FileReplica, folder: Path
) -> None:
    put_file(store, room, officer, b"dua").write_bytes(b"dub")
    put_file(store, room, officer, b"tiga").unlink()
    whole = put_file(store, room, officer, b"satu")
    for _ in range(2):
        state = replica.step()
        assert (state.waiting, state.damaged, state.copied) == (0, 2, 1)
    assert copied(folder) == [whole.name]


def test_a_file_that_was_cut_short_in_the_replica_is_copied_anew(
    store: Store, room: FileRoom, officer: User, replica: FileReplica, folder: Path, ticks: Ticks
) -> None:
    photo = put_file(store, room, officer, b"satu")
    replica.step()
    FileRoom(folder).path_of(photo.name).write_bytes(b"sa")
    ticks.now += WHOLE_PASS_S
    replica.step()
    assert FileRoom(folder).path_of(photo.name).read_bytes() == b"satu"


def test_a_clock_set_back_hides_no_file(
    store: Store,
    room: FileRoom,
    officer: User,
    replica: FileReplica,
    folder: Path,
    clock: FixedClock,
) -> None:
    clock.now = add_to_instant(NOW, days=2)
    replica.step()
    clock.now = NOW
    photo = put_file(store, room, officer, b"satu")  # two days before what was seen last
    replica.step()
    assert copied(folder) == [photo.name]


def test_without_the_mark_nothing_is_written_and_its_return_is_noticed(
    store: Store, room: FileRoom, officer: User, replica: FileReplica, folder: Path, tmp_path: Path
) -> None:
    put_file(store, room, officer, b"satu")
    replica.step()
    folder.rename(tmp_path / "away")
    folder.mkdir()
    put_file(store, room, officer, b"dua")
    assert "mounted" in replica.step().fault.message
    assert list(folder.iterdir()) == []
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert replica.step().fault.message == ""
    assert len(copied(folder)) == 2


def test_another_disk_in_its_place_gets_everything(
    store: Store,
    settings: Settings,
    room: FileRoom,
    officer: User,
    replica: FileReplica,
    folder: Path,
) -> None:
    put_file(store, room, officer, b"satu")
    replica.step()
    shutil.rmtree(folder)
    replica.step()
    folder.mkdir()
    mark_folder(store, settings, folder, "replica", NOW)
    replica.step()
    assert len(copied(folder)) == 1


def test_a_full_disk_is_said_and_tried_again_later(
    store: Store,
    room: FileRoom,
    officer: User,
    replica: FileReplica,
    folder: Path,
    ticks: Ticks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(3):
        put_file(store, room, officer, b"%d" % number)

    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(copies, "copy_file", full)
        patch.setattr(replicating_files, "copy_others", lambda *_: None)
        state = replica.step()
        assert "No space" in state.fault.message
        assert state.waiting == 3
    assert replica.step().fault == state.fault
    ticks.now += 60
    state = replica.step()
    assert (state.waiting, state.fault.message) == (0, "")
    assert len(copied(folder)) == 3


def test_one_worker_copies_and_the_others_wait_for_it(
    store: Store,
    room: FileRoom,
    officer: User,
    replica: FileReplica,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("survey.services.replicating_files.EVERY_S", 0.01)
    stopped, stepping, both = threading.Event(), threading.Lock(), []

    def step() -> None:
        if not stepping.acquire(blocking=False):
            both.append(1)
            return
        if len(seen) < 20:
            seen.append(threading.get_ident())
        else:
            stopped.set()
        stepping.release()

    seen: list[int] = []
    monkeypatch.setattr(FileReplica, "step", lambda self: step())
    workers = [threading.Thread(target=replica.run, args=(stopped,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert both == []
    assert len(set(seen)) == 1
