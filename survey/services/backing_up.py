"""Backups: one moment of the store and every file it names, copied while the server runs.

The manifest is written last, so a full disk or a kill leaves the backups made before whole.
Only what stands in a whole backup is called safe to the phones.
"""

from __future__ import annotations

import errno
import json
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import survey
from survey.domain.instants import Instant, add_to_instant
from survey.domain.problems import FieldError, Problem
from survey.services.backup_folders import COPIED, BackupFolder, Manifest, name_backup
from survey.services.backup_generations import choose_kept
from survey.services.folder_marks import check_folder, mark_folder
from survey.services.telling import Progress, no_progress
from survey.settings import Settings
from survey.store import checks, copies
from survey.store.connection import Store, connect
from survey.store.files import FileRoom, find_file
from survey.store.meta import find_meta, set_meta
from survey.store.migrations import list_applied
from survey.store.safety import list_unsafe, mark_safe

LAST_BACKUP = "last_backup_at"
LAST_OUTCOME = "last_backup"
"""The meta that says more of it, as JSON: folder, name, bytes, files, seconds, missing."""

NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)
COUNTED = ("users", "revisions", "visits", "quarantine", "audit", "files")
SAFE_BATCH = 500
"""Files of one transaction that calls them safe: phones that send meanwhile wait no longer."""


@dataclass(frozen=True, slots=True)
class BackupOutcome:
    """What a backup holds, how many files it had to copy, how many became safe by it."""

    manifest: Manifest
    copied: int
    made_safe: int


def back_up(
    store: Store,
    settings: Settings,
    path: Path,
    now: Instant,
    progress: Progress = no_progress,
    *,
    new_folder: bool = False,
) -> BackupOutcome:
    """Make a backup in a folder, which is made when it is not there.

    Files of the store that are missing or damaged are named in the manifest and do not stop it.
    `new_folder`: begin in a folder that has no mark although backups were made there before.
    Raises backup.inside, backup.running, backup.disk_full, backup.damaged, backup.not_writable,
    folder.foreign, folder.not_mounted.
    """
    path, started = path.resolve(), time.monotonic()
    try:
        check_folder(store, settings, path, "backups", new=new_folder)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = BackupFolder(path)
        with folder.alone():
            _check_owner(settings, folder)
            mark_folder(store, settings, path, "backups", now)
            folder.clean()
            manifest, copied = _copy(store, settings.instance.resolve(), folder, now, progress)
            _thin_out(store, settings, folder, manifest.store_id)
            made_safe = _call_safe(store, folder, manifest)
    except (OSError, sqlite3.OperationalError) as error:
        if copies.is_disk_full(error):
            raise Problem("backup.disk_full") from error
        if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
            raise Problem("backup.not_writable", folder=path) from error
        raise
    _note_outcome(store, path, manifest, round(time.monotonic() - started, 1), now)
    return BackupOutcome(manifest, copied, made_safe)


def _check_owner(settings: Settings, folder: BackupFolder) -> None:
    """Leave alone what another instance made in a folder before folders were marked."""
    other = folder.path / "secret_key"
    if folder.list_manifests() and other.is_file() and other.read_bytes() != settings.secret_key:
        raise Problem("folder.foreign", folder=folder.path)


def _note_outcome(
    store: Store, path: Path, manifest: Manifest, seconds: float, now: Instant
) -> None:
    text = json.dumps(
        {
            "folder": str(path),
            "name": manifest.name,
            "bytes": manifest.bytes,
            "files": manifest.counts["files"],
            "missing": len(manifest.missing_files),
            "seconds": seconds,
        }
    )

    def note(connection: sqlite3.Connection) -> None:
        set_meta(connection, LAST_BACKUP, now)
        set_meta(connection, LAST_OUTCOME, text)

    store.write(note)


def _copy(
    store: Store, instance: Path, folder: BackupFolder, now: Instant, progress: Progress
) -> tuple[Manifest, int]:
    """Copy database, files and the rest, and write the manifest; return it and files copied."""
    while folder.manifest(name_backup(now)).exists():
        now = add_to_instant(now, seconds=0.001)
    name = name_backup(now)
    database = folder.database(name)
    try:
        progress("database", 0, 1)
        copies.copy_database(store.path, database)
        with closing(connect(database, read_only=True)) as copy:
            faults = list(checks.find_broken_pages(copy))
            if faults:
                raise Problem("backup.damaged", [FieldError(database.name, faults[0])])
            missing, copied = _copy_files(store, copy, FileRoom(instance), folder, progress)
            for other in COPIED:
                with suppress(FileNotFoundError):
                    copies.copy_file(instance / other, folder.path / other)
            manifest = Manifest(
                name=name,
                made_at=now,
                app_version=survey.__version__,
                steps=tuple(list_applied(copy)),
                store_id=find_meta(copy, "store_id") or "",
                counts={table: checks.count_rows(copy, table) for table in COUNTED},
                bytes=database.stat().st_size,
                sha256=copies.hash_file(database),
                missing_files=tuple(missing),
                number=max((each.number for each in folder.list_manifests()), default=0) + 1,
            )
        folder.write_manifest(manifest)
    except BaseException:
        with suppress(OSError):
            folder.remove(name)
        raise
    return manifest, copied


def _copy_files(
    store: Store,
    copy: sqlite3.Connection,
    room: FileRoom,
    folder: BackupFolder,
    progress: Progress,
) -> tuple[list[str], int]:
    """Copy the files that are not there yet; return those that cannot be had, and how many."""
    missing: list[str] = []
    copied = 0
    total = checks.count_rows(copy, "files")
    for done, row in enumerate(checks.iter_file_rows(copy), start=1):
        progress("files", done, total)
        if row.erased_at is not None or folder.room.stored_size(row.sha256) == row.bytes:
            continue
        target = folder.room.path_of(row.sha256)
        copies.make_folder(target.parent)
        try:
            right = copies.copy_file(room.path_of(row.sha256), target, row.sha256)
        except FileNotFoundError:
            right = False
        if right:
            copied += 1
        elif not _is_erased(store, row.sha256):
            missing.append(row.sha256)
    return missing, copied


def drop_damaged(path: Path, room: FileRoom, hashes: Iterable[str]) -> int:
    """Remove copies of files that rotted in a folder of backups and are whole on the server.

    The next backup copies them again. Returns how many went; raises backup.running, OSError.
    """
    folder, dropped = BackupFolder(path), 0
    with folder.alone():
        for sha256 in hashes:
            rotten = folder.room.stored_size(sha256) is not None and not _is_whole(
                folder.room, sha256
            )
            if rotten and _is_whole(room, sha256):
                folder.room.path_of(sha256).unlink(missing_ok=True)
                dropped += 1
    return dropped


def _is_whole(room: FileRoom, sha256: str) -> bool:
    try:
        return copies.hash_file(room.path_of(sha256)) == sha256
    except OSError:
        return False


def _is_erased(store: Store, sha256: str) -> bool:
    """Tell whether a file was erased since the database was copied."""
    row = find_file(store.reader(), sha256)
    return row is not None and row["erased_at"] is not None


def _thin_out(store: Store, settings: Settings, folder: BackupFolder, store_id: str) -> None:
    """Remove databases of this store that are not to stay, and files erased before those of days.

    Databases of another store (from before a restore, say) are not for us to remove. An old
    monthly one may name a file that was erased since: its bytes do not wait for it.
    """
    own = [each for each in folder.list_manifests() if each.store_id == store_id]
    days, months = settings.backup_days, settings.backup_months
    generations = choose_kept(own, days, months, settings.timezone)
    for old in own:
        if old.name not in generations.kept:
            folder.remove(old.name)
    for row in checks.iter_file_rows(store.reader()):
        if row.erased_at is not None and row.erased_at < generations.oldest_day:
            folder.room.path_of(row.sha256).unlink(missing_ok=True)


def _call_safe(store: Store, folder: BackupFolder, manifest: Manifest) -> int:
    """Call the files of a whole backup safe, in short transactions; return how many became so."""
    made_safe, now = 0, manifest.made_at
    with closing(connect(folder.database(manifest.name), read_only=True)) as copy:
        batch: list[str] = []
        for row in checks.iter_file_rows(copy):
            if folder.room.stored_size(row.sha256) == row.bytes:
                batch.append(row.sha256)
            if len(batch) == SAFE_BATCH:
                made_safe += _call_batch_safe(store, batch, now)
                batch = []
        made_safe += _call_batch_safe(store, batch, now)
    return made_safe


def _call_batch_safe(store: Store, batch: list[str], now: Instant) -> int:
    unsafe = list_unsafe(store.reader(), batch)
    if not unsafe:
        return 0
    return store.write(lambda connection: mark_safe(connection, unsafe, now))
