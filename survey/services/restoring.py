"""Restoring: an instance from a backup, so that phones send again what the backup lacks.

The database is made ready beside its place and put there last: a kill leaves an instance
without a store, and the same command again finishes it. The store gets a new id; by it phones
know that nothing they were told before counts.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.backup_folders import COPIED, BackupFolder, Manifest
from survey.services.setup import prepare_store, renew_store_id
from survey.services.verifying import verify
from survey.settings import Settings
from survey.store import checks, copies
from survey.store.audit import append_audit
from survey.store.connection import Store, connect
from survey.store.files import FileRoom
from survey.store.migrations import STEPS
from survey.store.safety import forget_files

STAGED = "restoring.db"
SUFFIXES = ("", "-wal", "-shm")

Progress = Callable[[str, int, int], None]
"""Told what is copied, how many are done, of how many."""


@dataclass(frozen=True, slots=True)
class RestoreOutcome:
    """The backup taken, newer ones that were damaged, files that are not in it, damage left."""

    manifest: Manifest
    skipped: tuple[str, ...]
    files: int
    lost: tuple[str, ...]
    damage: tuple[str, ...]


def _no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def restore(
    settings: Settings,
    path: Path,
    now: Instant,
    at: str | None = None,
    progress: Progress = _no_progress,
) -> RestoreOutcome:
    """Restore the newest whole backup of a folder, or the one named `at`.

    Files that the backup lacks lose their rows, so that phones which hold them send them again.
    Raises instance.not_empty, backup.none, backup.newer, server.disk_full.
    """
    if any(_beside(settings.database, suffix).exists() for suffix in SUFFIXES):
        raise Problem("instance.not_empty")
    folder = BackupFolder(path.resolve())
    staged = settings.instance / STAGED
    try:
        _remove(staged)
        manifest, skipped = _stage(folder, staged, at, progress)
        files, lost = _copy_files(folder, staged, FileRoom(settings.instance), progress)
        _copy_others(folder, settings.instance)
        prepare_store(staged, now)
        damage = _renew(staged, settings, manifest, lost, now, progress)
        _put_in_place(staged, settings.database)
        _remove(staged)
    except BaseException as error:
        with suppress(OSError):
            _remove(staged)
        if copies.is_disk_full(error):
            raise Problem("server.disk_full") from error
        raise
    return RestoreOutcome(manifest, tuple(skipped), files, tuple(lost), tuple(damage))


def _beside(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _remove(database: Path) -> None:
    """Remove a staged database and the copies that its check made; what a kill left, too."""
    shutil.rmtree(database.with_suffix(""), ignore_errors=True)
    for suffix in SUFFIXES:
        _beside(database, suffix).unlink(missing_ok=True)


def _stage(
    folder: BackupFolder, staged: Path, at: str | None, progress: Progress
) -> tuple[Manifest, list[str]]:
    """Copy the first database that has the hash of its manifest; return it, and those without."""
    name = at.removesuffix(".db") if at else None
    skipped: list[str] = []
    for manifest in folder.list_manifests():
        if name is not None and manifest.name != name:
            continue
        if set(manifest.steps) - {step for step, _ in STEPS}:
            raise Problem("backup.newer")
        progress("database", 0, 1)
        if copies.copy_file(folder.database(manifest.name), staged, manifest.sha256):
            return manifest, skipped
        skipped.append(manifest.name)
    raise Problem("backup.none")


def _copy_files(
    folder: BackupFolder, staged: Path, room: FileRoom, progress: Progress
) -> tuple[int, list[str]]:
    """Copy the files that the database names; return how many are here, and which cannot be."""
    here, lost = 0, []
    with closing(connect(staged, read_only=True)) as copy:
        total = checks.count_rows(copy, "files")
        for done, row in enumerate(checks.iter_file_rows(copy), start=1):
            progress("files", done, total)
            if row.erased_at is not None:
                continue
            if _copy_one(folder, room, row.sha256):
                here += 1
            else:
                lost.append(row.sha256)
    return here, lost


def _copy_one(folder: BackupFolder, room: FileRoom, sha256: str) -> bool:
    """Have one file's bytes in the instance; False when the backup has them not or not whole."""
    target = room.path_of(sha256)
    try:
        if copies.hash_file(target) == sha256:
            return True  # a restore that was cut off, or files that outlived their database
    except FileNotFoundError:
        copies.make_folder(target.parent)
    try:
        whole = copies.copy_file(folder.room.path_of(sha256), target, sha256)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EIO):
            raise
        whole = False
    if not whole:
        target.unlink(missing_ok=True)
    return whole


def _copy_others(folder: BackupFolder, instance: Path) -> None:
    """Copy key and settings; settings that stand in the new instance already are kept."""
    for name in COPIED:
        if name != "survey.cfg" or not (instance / name).exists():
            with suppress(FileNotFoundError):
                copies.copy_file(folder.path / name, instance / name)


def _renew(
    staged: Path,
    settings: Settings,
    manifest: Manifest,
    lost: list[str],
    now: Instant,
    progress: Progress,
) -> list[str]:
    """Make the copied store another one that knows what it lacks; return its damage."""
    store = Store.open(staged)
    try:
        for start in range(0, len(lost), checks.PAGE):
            chosen = lost[start : start + checks.PAGE]
            store.write(partial(forget_files, hashes=chosen))
        store.write(renew_store_id)
        store.write(
            lambda connection: append_audit(
                connection, now, "cli", "store.restored", manifest.name, manifest.sha256
            )
        )
        room = FileRoom(settings.instance)
        workspace = staged.with_suffix("")
        workspace.mkdir(mode=0o700)
        return verify(store, room, now, progress=progress, workspace=workspace).damage
    finally:
        store.close()


def _put_in_place(staged: Path, database: Path) -> None:
    copies.settle_database(staged)
    os.replace(staged, database)
    copies.fsync_folder(database.parent)
