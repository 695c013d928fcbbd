"""Whose a folder of copies is, and whether its disk is there: told by the mark in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from survey.domain.problems import Problem
from survey.services import folder_marks
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder
from survey.services.folder_marks import (
    MARK,
    check_folder,
    mark_folder,
    name_instance,
    on_same_disk,
    read_mark,
)
from survey.services.restore_sources import BackupSource
from survey.services.restoring import restore
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from tests.factories import NOW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "disk" / "cadangan"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a disk of its own; a test may unmount it or make it read-only."""
    point = tmp_path / "mnt"
    point.mkdir()
    result = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20M", "tmpfs", str(point)],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        pytest.skip(f"this machine refuses to mount: {result.stderr.strip()}")
    yield point
    subprocess.run(["umount", str(point)], check=False, capture_output=True)


def run(store: Store, settings: Settings, folder: Path, *, new: bool = False) -> None:
    back_up(store, settings, folder, NOW, new_folder=new)


def code_of(store: Store, settings: Settings, folder: Path) -> str:
    with pytest.raises(Problem) as caught:
        run(store, settings, folder)
    return caught.value.code


def test_a_folder_is_marked_once_and_stays_ours(
    store: Store, settings: Settings, folder: Path
) -> None:
    assert check_folder(store, settings, folder, "backups") is None
    mark = mark_folder(store, settings, folder, "backups", NOW)
    assert mark_folder(store, settings, folder, "backups", NOW) == mark
    assert check_folder(store, settings, folder, "backups") == read_mark(folder) == mark
    assert settings.secret_key.hex() not in (folder / MARK).read_text()


def test_a_disk_that_was_unmounted_is_said_and_nothing_is_written_below_it(
    store: Store, settings: Settings, mounted: Path
) -> None:
    folder = mounted / "cadangan"
    run(store, settings, folder)
    subprocess.run(["umount", str(mounted)], check=True)
    assert code_of(store, settings, folder) == "folder.not_mounted"
    assert list(mounted.iterdir()) == []
    run(store, settings, folder, new=True)  # a new disk, said by a person
    run(store, settings, folder)
    assert len(BackupFolder(folder).list_manifests()) == 2


def test_a_read_only_disk_is_said_in_words(store: Store, settings: Settings, mounted: Path) -> None:
    run(store, settings, mounted / "cadangan")
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    assert code_of(store, settings, mounted / "cadangan") == "backup.not_writable"
    assert code_of(store, settings, mounted / "lain") == "backup.not_writable"
    assert len(BackupFolder(mounted / "cadangan").list_manifests()) == 1


def test_disks_of_one_instance_may_take_turns_in_one_place(
    store: Store, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    run(store, settings, folder)
    folder.rename(tmp_path / "first")
    run(store, settings, folder, new=True)
    folder.rename(tmp_path / "second")
    (tmp_path / "first").rename(folder)
    run(store, settings, folder)
    assert len(BackupFolder(folder).list_manifests()) == 2


def test_another_instance_is_refused_and_changes_nothing(
    store: Store, settings: Settings, folder: Path
) -> None:
    other = replace(settings, secret_key=b"x" * 48)
    run(store, settings, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert code_of(store, other, folder) == "folder.foreign"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert name_instance(other) != name_instance(settings)


def test_a_folder_of_before_there_were_marks_belongs_to_whose_key_is_in_it(
    store: Store, settings: Settings, folder: Path
) -> None:
    run(store, settings, folder)
    (folder / MARK).unlink()
    store.write(lambda c: c.execute("DELETE FROM meta WHERE name = 'marked_folders'").fetchall())
    other = replace(settings, secret_key=b"x" * 48)
    assert code_of(store, other, folder) == "folder.foreign"
    assert not (folder / MARK).exists()
    run(store, settings, folder)
    assert (folder / MARK).exists()


def test_backups_and_a_replica_do_not_share_a_folder(
    store: Store, settings: Settings, folder: Path
) -> None:
    mark_folder(store, settings, folder, "replica", NOW)
    assert code_of(store, settings, folder) == "folder.foreign"


@pytest.mark.parametrize("text", ["", "{", "[]", "7", json.dumps({"kind": "backups"}), "\x00"])
def test_a_mark_that_nobody_can_read_is_nobodys(
    store: Store, settings: Settings, folder: Path, text: str
) -> None:
    (folder / MARK).write_text(text)
    assert code_of(store, settings, folder) == "folder.foreign"


def test_a_restored_store_knows_the_folder_that_it_came_from(
    store: Store, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    run(store, settings, folder)
    rebuilt = load_settings({}, tmp_path / "baru")
    restore(rebuilt, BackupSource(folder), NOW)
    shutil.rmtree(folder)
    with closing(Store.open(rebuilt.database)) as restored:
        assert code_of(restored, load_settings({}, rebuilt.instance), folder) == (
            "folder.not_mounted"
        )


def test_only_the_newest_folders_are_remembered(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_marks, "MOST_REMEMBERED", 3)
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        mark_folder(store, settings, folder, "backups", NOW)
        shutil.rmtree(folder)
    forgotten = [check_folder(store, settings, tmp_path / name, "backups") for name in "01"]
    assert forgotten == [None, None]
    for name in "234":
        with pytest.raises(Problem):
            check_folder(store, settings, tmp_path / name, "backups")


def test_two_folders_of_one_disk_are_known(tmp_path: Path, mounted: Path) -> None:
    assert on_same_disk(tmp_path / "a" / "b", tmp_path / "c")
    assert not on_same_disk(tmp_path, mounted / "x")
