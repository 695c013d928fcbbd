"""Backup, restore and verify on a disk that is really full: a small file system in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.domain.problems import Problem
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder
from survey.services.restore_sources import BackupSource
from survey.services.restoring import restore
from survey.services.verifying import verify
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.users import User
from tests.backup_kit import put_file, told_safe
from tests.factories import NOW, FixedClock
from tests.people_kit import add_person

DISK_BYTES = 4_000_000
PHOTO_BYTES = 1_500_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for `DISK_BYTES`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    result = subprocess.run(mount, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"this machine refuses to mount: {result.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


@pytest.fixture
def officer(store: Store) -> User:
    return add_person(store)


def put_photo(store: Store, room: FileRoom, officer: User, number: int) -> str:
    return put_file(store, room, officer, bytes([number]) * PHOTO_BYTES).name


def test_a_backup_that_does_not_fit_leaves_the_one_before_whole_and_restorable(
    store: Store,
    settings: Settings,
    room: FileRoom,
    officer: User,
    clock: FixedClock,
    disk: Path,
    tmp_path: Path,
) -> None:
    folder = BackupFolder(disk / "cadangan")
    first = put_photo(store, room, officer, 1)
    whole = back_up(store, settings, folder.path, clock.tick()).manifest
    for number in (2, 3):
        put_photo(store, room, officer, number)
    with pytest.raises(Problem) as caught:
        back_up(store, settings, folder.path, clock.tick())
    assert caught.value.code == "backup.disk_full"
    assert folder.list_manifests() == [whole]
    assert not list(folder.path.rglob("*.tmp"))
    assert list(told_safe(store, officer)) == [first]
    rebuilt = load_settings({}, tmp_path / "baru")
    outcome = restore(rebuilt, BackupSource(folder.path), NOW)
    assert (outcome.files, outcome.lost, outcome.damage) == (1, (), ())


def test_a_restore_that_does_not_fit_leaves_no_store_behind(
    store: Store,
    settings: Settings,
    room: FileRoom,
    officer: User,
    clock: FixedClock,
    disk: Path,
    tmp_path: Path,
) -> None:
    for number in (1, 2, 3):
        put_photo(store, room, officer, number)
    back_up(store, settings, tmp_path / "cadangan", clock())
    small = load_settings({}, disk / "baru")
    with pytest.raises(Problem) as caught:
        restore(small, BackupSource(tmp_path / "cadangan"), NOW)
    assert caught.value.code == "server.disk_full"
    assert not list(small.instance.glob("*.db*"))
    assert not list(small.instance.rglob("*.tmp"))


def test_a_verify_without_room_for_its_copy_says_so(
    store: Store, room: FileRoom, disk: Path
) -> None:
    (disk / "ballast").write_bytes(b"x" * (DISK_BYTES - 100_000))
    with pytest.raises(Problem) as caught:
        verify(store, room, NOW, workspace=disk)
    assert caught.value.code == "verify.no_room"
    assert [path.name for path in disk.iterdir()] == ["ballast"]
