"""The replica of the files beside that of the database: new ones at once, erased ones go.

Files are named by their hash and never change, so a copy is whole or not there. Runs in one
worker of the server; a file counts as copied when its bytes had the right hash and are on disk.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from survey.domain.instants import Instant, add_to_instant
from survey.domain.problems import Problem
from survey.services.backup_folders import COPIED
from survey.services.folder_marks import read_mark
from survey.services.replica_state import Fault, FilesState, fault_of, work_folder, write_state
from survey.settings import Settings
from survey.store import checks, copies
from survey.store.connection import Store
from survey.store.files import FileRoom

log = logging.getLogger("survey.replica")

FIRST_S: Final = 1.0
EVERY_S: Final = 2.0
WHOLE_PASS_S: Final = 3_600.0
"""How often every file is looked at: what came while nobody looked, or by a clock set back."""

MARGIN_S: Final = 60.0
AGAIN_S: Final = 30.0
"""When a disk that refused is tried again."""


@dataclass(slots=True)
class FileReplica:
    """The copies of one instance's files below a folder."""

    store: Store
    settings: Settings
    clock: Callable[[], Instant]
    ticks: Callable[[], float] = time.monotonic
    _since: Instant = ""
    _seen: tuple[int, int] = (0, 0)
    _next_whole: float = 0.0
    _next_try: float = 0.0
    _copied: int = 0
    _fault: Fault = field(default_factory=Fault)
    _waiting: set[str] = field(default_factory=set)
    _damaged: set[str] = field(default_factory=set)

    @property
    def folder(self) -> Path:
        """The folder of the replica."""
        return Path(self.settings.replica)

    def run(self, stopped: threading.Event) -> None:
        """Copy until stopped; waits while another worker does so."""
        while not stopped.wait(FIRST_S):
            with _alone(work_folder(self.settings.instance) / "files.lock") as alone:
                while alone:
                    self.step()
                    if stopped.wait(EVERY_S):
                        return

    def step(self) -> FilesState:
        """Copy what is new once, say how it is, and return it; never raises."""
        fault = Fault()
        try:
            if self.ticks() < self._next_try:
                fault = self._fault
            else:
                self._copy_news()
        except Problem as problem:
            self._next_whole = 0.0  # whatever comes back, all of it is looked at
            fault = fault_of(problem)
        except (OSError, sqlite3.Error) as error:
            self._next_try = self.ticks() + AGAIN_S
            fault = self._fault = fault_of(error)
            log.error("replica of the files: %s", error)
        finally:
            self.store.release()
        state = FilesState(
            self.clock(), len(self._waiting), len(self._damaged), self._copied, fault
        )
        with suppress(OSError):
            write_state(self.settings.instance, state)
        return state

    def _copy_news(self) -> None:
        # The mark is written by who keeps Litestream at work; without it nothing is begun.
        if read_mark(self.folder) is None:
            raise Problem("folder.not_mounted", folder=self.folder)
        now, seen = self.clock(), _look_at_log(self.store.path)
        whole = self.ticks() >= self._next_whole or now < self._since
        if whole:
            copy_others(self.settings, self.folder)
            self._damaged.clear()
            self._follow(checks.iter_file_rows(self.store.reader()))
            self._next_whole = self.ticks() + WHOLE_PASS_S
        elif seen != self._seen or self._waiting:
            since = add_to_instant(self._since, seconds=-MARGIN_S)
            self._follow(checks.iter_changed_files(self.store.reader(), since))
        self._since, self._seen = now, seen

    def _follow(self, rows: Iterator[checks.FileRow]) -> None:
        source, target = FileRoom(self.settings.instance), FileRoom(self.folder)
        todo = [row for row in rows if not _is_followed(target, row)]
        self._waiting = {row.sha256 for row in todo if row.erased_at is None} - self._damaged
        for row in todo:
            path = target.path_of(row.sha256)
            if row.erased_at is not None:
                path.unlink(missing_ok=True)
                continue
            if row.sha256 in self._damaged:
                continue
            copies.make_folder(path.parent)
            try:
                right = copies.copy_file(source.path_of(row.sha256), path, row.sha256)
            except FileNotFoundError:
                right = False
            self._waiting.discard(row.sha256)
            if right and target.stored_size(row.sha256) == row.bytes:
                self._copied += 1
            else:
                self._damaged.add(row.sha256)


def copy_others(settings: Settings, folder: Path) -> None:
    """Copy key and settings, without which no restore is this instance; raises OSError."""
    for name in COPIED:
        source = settings.instance / name
        with suppress(FileNotFoundError):
            if source.read_bytes() != _read(folder / name):
                copies.copy_file(source, folder / name)


def _is_followed(target: FileRoom, row: checks.FileRow) -> bool:
    size = target.stored_size(row.sha256)
    return size is None if row.erased_at is not None else size == row.bytes


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _look_at_log(database: Path) -> tuple[int, int]:
    """Return what changes with every commit: time and size of the write-ahead log."""
    try:
        found = database.with_name(database.name + "-wal").stat()
        return found.st_mtime_ns, found.st_size
    except FileNotFoundError:
        return 0, 0


@contextmanager
def _alone(lock: Path) -> Iterator[bool]:
    """Tell whether this process alone holds a lock, for as long as it does."""
    handle = os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except BlockingIOError:
            alone = False
        yield alone
    finally:
        os.close(handle)
