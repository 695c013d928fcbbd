"""Restoring: an instance from a backup, so that phones send again what the backup lacks.

The database is made ready beside its place and put there last: a kill leaves an instance
without a store, and the same command again finishes it. The store gets a new id; by it phones
know that nothing they were told before counts.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from survey.domain.identifiers import is_sha256
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.backup_folders import COPIED
from survey.services.restore_sources import Origin, Source
from survey.services.setup import prepare_store, renew_store_id
from survey.services.telling import Progress, no_progress
from survey.services.verifying import verify
from survey.settings import Settings
from survey.store import checks, copies
from survey.store.audit import append_audit
from survey.store.connection import Store, connect
from survey.store.files import FileRoom
from survey.store.meta import set_meta
from survey.store.safety import forget_files, forget_safety

STAGED = "restoring.db"
SUFFIXES = ("", "-wal", "-shm")

RESTORED: Final = "restored"
"""The meta that says as JSON when this store was restored (`at`), from what, and as of when."""


@dataclass(frozen=True, slots=True)
class RestoreOutcome:
    """What was taken, newer ones that were damaged, and what became of the files.

    `lost` are those that no source has; `strays` came although no row names them (yet).
    """

    origin: Origin
    skipped: tuple[str, ...] = ()
    files: int = 0
    lost: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()
    strays: int = 0


def restore(
    settings: Settings,
    source: Source,
    now: Instant,
    progress: Progress = no_progress,
    *,
    more_files: Sequence[Path] = (),
    link: bool = False,
) -> RestoreOutcome:
    """Make an instance of what a source has; `more_files` are folders to look for files in, too.

    Files that no folder has lose their rows, so that phones which hold them send them again.
    `link`: for a rehearsal, leave the bytes where they are. Raises instance.not_empty,
    server.disk_full and what the source raises.
    """
    if any(_beside(settings.database, suffix).exists() for suffix in SUFFIXES):
        raise Problem("instance.not_empty")
    staged = settings.instance / STAGED
    rooms = [FileRoom(folder) for folder in (source.folder, *more_files) if folder is not None]
    files = _Files(FileRoom(settings.instance), rooms, link)
    try:
        _remove(staged)
        origin, skipped = source.stage(staged, progress)
        files.bring_named(staged, progress)
        if not link:
            files.bring_strays(staged)
        if source.folder is not None:
            _copy_others(source.folder, settings.instance)
        prepare_store(staged, now)
        damage = _renew(staged, settings, origin, files.lost, now, progress)
        _put_in_place(staged, settings.database)
        _remove(staged)
    except BaseException as error:
        with suppress(OSError):
            _remove(staged)
        if copies.is_disk_full(error):
            raise Problem("server.disk_full") from error
        raise
    return RestoreOutcome(
        origin, tuple(skipped), files.here, tuple(files.lost), tuple(damage), files.strays
    )


def _beside(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _remove(database: Path) -> None:
    """Remove a staged database and the copies that its check made; what a kill left, too."""
    shutil.rmtree(database.with_suffix(""), ignore_errors=True)
    for suffix in SUFFIXES:
        _beside(database, suffix).unlink(missing_ok=True)


class _Files:
    """Brings files of a restored store into its instance, from the first folder that has each."""

    def __init__(self, room: FileRoom, sources: list[FileRoom], link: bool) -> None:
        self.here = self.strays = 0
        self.lost: list[str] = []
        self._room = room
        self._sources = sources
        self._link = link

    def bring_named(self, staged: Path, progress: Progress) -> None:
        """Bring the files that the database names; note those that nobody has."""
        with closing(connect(staged, read_only=True)) as copy:
            total = checks.count_rows(copy, "files")
            for done, row in enumerate(checks.iter_file_rows(copy), start=1):
                progress("files", done, total)
                if row.erased_at is not None:
                    continue
                if self._bring(row.sha256):
                    self.here += 1
                else:
                    self.lost.append(row.sha256)

    def bring_strays(self, staged: Path) -> None:
        """Bring files that came after the database: then phones need not send them again."""
        with closing(connect(staged, read_only=True)) as copy:
            named = {row.sha256 for row in checks.iter_file_rows(copy)}
        for source in self._sources:
            for path in source.files.glob("*/*"):
                if is_sha256(path.name) and path.name not in named:
                    named.add(path.name)
                    self.strays += self._bring(path.name)

    def _bring(self, sha256: str) -> bool:
        """Have one file's bytes in the instance; False when nobody has them whole."""
        target = self._room.path_of(sha256)
        try:
            if copies.hash_file(target) == sha256:
                return True  # a restore that was cut off, or files that outlived their database
        except FileNotFoundError:
            copies.make_folder(target.parent)
        if any(self._take(source.path_of(sha256), target) for source in self._sources):
            return True
        target.unlink(missing_ok=True)
        return False

    def _take(self, path: Path, target: Path) -> bool:
        try:
            if not self._link:
                return copies.copy_file(path, target, target.name)
            if copies.hash_file(path) != target.name:
                return False
            target.symlink_to(path)
            return True
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EIO):
                raise
            return False


def _copy_others(folder: Path, instance: Path) -> None:
    """Copy key and settings; settings that stand in the new instance already are kept."""
    for name in COPIED:
        if name != "survey.cfg" or not (instance / name).exists():
            with suppress(FileNotFoundError):
                copies.copy_file(folder / name, instance / name)


def _renew(
    staged: Path,
    settings: Settings,
    origin: Origin,
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
        store.write(partial(_note_restore, origin=origin, now=now))
        room = FileRoom(settings.instance)
        workspace = staged.with_suffix("")
        workspace.mkdir(mode=0o700, exist_ok=True)
        return verify(store, room, now, progress=progress, workspace=workspace).damage
    finally:
        store.close()


def _note_restore(connection: sqlite3.Connection, origin: Origin, now: Instant) -> None:
    append_audit(connection, now, "cli", "store.restored", origin.name, origin.sha256)
    text = json.dumps({"at": now, "kind": origin.kind, "name": origin.name, "as_of": origin.as_of})
    set_meta(connection, RESTORED, text)
    if origin.kind == "replica":
        forget_safety(connection)  # whether the backups outlived the server is not known here


def _put_in_place(staged: Path, database: Path) -> None:
    copies.settle_database(staged)
    os.replace(staged, database)
    copies.fsync_folder(database.parent)
