"""The replica of the database: keeps Litestream at work beside the server, whatever befalls it.

Runs in the server's main process, so that it outlives workers and ends after the last commit.
It never stops the server: what goes wrong is said in a state that pages show.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from survey.domain.instants import Instant, system_now
from survey.domain.problems import Problem
from survey.services import replica_child
from survey.services.folder_marks import Mark, check_folder, mark_folder, read_mark
from survey.services.litestream import (
    SYNC_S,
    find_place,
    get_binary,
    read_log_line,
    sync_now,
    write_config,
)
from survey.services.replica_state import DatabaseState, Fault, fault_of, work_folder, write_state
from survey.services.replicating_files import copy_others
from survey.services.setup import get_store_id
from survey.settings import Settings
from survey.store.connection import Store

log = logging.getLogger("survey.replica")

TICK_S: Final = 1.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
HEALTHY_S: Final = 60.0
"""A process that lived so long begins again with the first pause."""

STARTING_S: Final = 10.0
"""For so long a process that cannot answer yet is none with a fault."""

ADDRESS_LOOK_S: Final = 10.0
"""How often a replica at an address is written to; one in a folder is at every look."""

LAST_SYNC_S: Final = 10.0
"""How long Litestream may write the rest when the server stops."""

CONFIG: Final = "litestream.json"

FORK_WAIT_S: Final = 3.0
"""A disk that hangs must not keep the server from starting a worker anew."""

_at_work = threading.Lock()
"""Held while something is done here: the server forks its workers only in between."""

_held_by_fork: list[bool] = []


def _wait_to_fork() -> None:
    _held_by_fork.append(_at_work.acquire(timeout=FORK_WAIT_S))


def _go_on() -> None:
    if _held_by_fork.pop():
        _at_work.release()


os.register_at_fork(before=_wait_to_fork, after_in_parent=_go_on, after_in_child=_go_on)


class Replicator:
    """Litestream for one instance: started, watched, started again, stopped last of all."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], Instant] = system_now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = DatabaseState(at=clock())
        self._settings = settings
        self._clock = clock
        self._ticks = ticks
        self._child: subprocess.Popen[str] | None = None
        self._words: deque[str] = deque(maxlen=5)
        self._mark: Mark | None = None
        self._pause = FIRST_PAUSE_S
        self._started = self._next_try = self._next_look = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replica", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Let Litestream write the rest, then end it."""
        self._stopped.set()
        if self._thread.ident is None:
            self._finish()
        else:
            self._thread.join(LAST_SYNC_S + 4 * SYNC_S)

    @property
    def pid(self) -> int | None:
        """The process of Litestream, None while there is none."""
        return self._child.pid if self._child else None

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with _at_work:
                    self.tick()
            except Exception:  # the server must not notice
                log.exception("replicating failed; trying again in a minute")
                self._stopped.wait(LONGEST_PAUSE_S)
            self._stopped.wait(TICK_S)
        # Here, because the end of this thread is to the kernel the death of Litestream's parent,
        # and a second signal would cut off what it still writes.
        self._finish()

    def _finish(self) -> None:
        with _at_work:
            if self._child is not None:
                self._next_look = 0.0
                self._look()
            self._end_child(signal.SIGTERM, LAST_SYNC_S)
            self._say(running=False)

    def tick(self) -> None:
        """Look once after the process and its place; start it when it is due."""
        if self._child is not None and self._child.poll() is not None:
            self._note_end()
        fault = self._find_fault()
        if fault is not None:
            # At once: it would make the folder anew on the disk below the mount point.
            self._end_child(signal.SIGKILL, 1)
            self._say(running=False, fault=fault)
            return
        if self._child is None and self._ticks() >= self._next_try:
            try:
                self._start_child()
            except (Problem, OSError) as problem:
                self._put_off(fault_of(problem))
        self._look()

    def _find_fault(self) -> Fault | None:
        """Return why nothing may be written to the place, or None."""
        folder = Path(self._settings.replica)
        try:
            if not folder.is_absolute() or (self._mark and read_mark(folder) == self._mark):
                return None
            # Another disk than a moment ago wants a whole copy first.
            self._end_child(signal.SIGKILL, 1)
            self._mark = None
            with closing(self._open_store()) as store:
                check_folder(store, self._settings, folder, "replica")
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                mark = mark_folder(store, self._settings, folder, "replica", self._clock())
            copy_others(self._settings, folder)
            self._mark = mark
        except (Problem, OSError) as problem:
            return fault_of(problem)
        return None

    def _open_store(self) -> Store:
        return Store.open(self._settings.database, self._settings.wal_pages)

    def _start_child(self) -> None:
        """Start Litestream on this store; raises Problem, OSError."""
        binary = get_binary()
        folder = work_folder(self._settings.instance)
        with closing(self._open_store()) as store:
            store_id = get_store_id(store)
        place = find_place(self._settings.replica, store_id)
        if place.folder is not None:
            place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _forget_all_but(folder, store_id)
        write_config(folder / CONFIG, self._settings.database, place, folder / store_id)
        words = [str(binary), "replicate", "-config", CONFIG, "-no-expand-env"]
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-S", replica_child.__file__, str(os.getpid()), *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the server, which then ends it
        )
        self._started = self._ticks()
        self._words.clear()
        assert self._child.stderr is not None  # noqa: S101 - asked for above
        threading.Thread(
            target=_read_log, args=(self._child.stderr, self._words), daemon=True
        ).start()
        self.state = replace(self.state, place=str(place.folder or place.address), fault=Fault())
        log.info("replicating to %s", place.folder or urlsplit(place.address).scheme)

    def _look(self) -> None:
        """Let the process write what was committed, and say whether it did."""
        if self._child is None:
            self._say(running=False)
            return
        if self._ticks() < self._next_look:
            return
        folder, begun = work_folder(self._settings.instance), self._clock()
        why = sync_now(folder, self._settings.database)
        self._next_look = self._ticks() + (0 if self._mark else ADDRESS_LOOK_S)
        if why is None:
            self._say(running=True, synced_at=begun, fault=Fault())
        elif self._ticks() - self._started < STARTING_S:
            self._say(running=True)
        else:
            self._say(running=True, fault=Fault(why))
        if why is not None and str(folder) in why:
            # What it remembers was spoiled by a power cut; without it a whole copy is made.
            self._end_child(signal.SIGKILL, 1)
            _forget_all_but(folder, "")
            self._put_off(Fault(why))

    def _note_end(self) -> None:
        """Take note of a process that ended by itself."""
        assert self._child is not None  # noqa: S101 - the caller looked
        why = self._words[-1] if self._words else f"exit {self._child.returncode}"
        self._child = None
        if self._ticks() - self._started >= HEALTHY_S:
            self._pause = FIRST_PAUSE_S
        self.state = replace(self.state, restarts=self.state.restarts + 1)
        self._put_off(Fault(why))

    def _put_off(self, fault: Fault) -> None:
        log.error("replica: %s %s", fault.message, fault.params or "")
        self._next_try = self._ticks() + self._pause
        self._pause = min(LONGEST_PAUSE_S, self._pause * 2)
        self._say(running=False, fault=fault)

    def _end_child(self, number: signal.Signals, wait_s: float) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(ProcessLookupError):
            child.send_signal(number)
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _say(self, **changes: object) -> None:
        pid = self.pid or 0
        self.state = replace(self.state, at=self._clock(), pid=pid, **changes)  # type: ignore[arg-type]
        with suppress(OSError):
            write_state(self._settings.instance, self.state)


def _forget_all_but(folder: Path, store_id: str) -> None:
    """Remove what Litestream remembers of stores that are no more: a restored one has a new id."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != store_id:
            shutil.rmtree(path, ignore_errors=True)


def _read_log(lines: IO[str], words: deque[str]) -> None:
    """Keep the newest errors of a process; everything goes to our log."""
    with lines:
        for line in lines:
            level, text = read_log_line(line)
            if level == "ERROR":
                words.append(text)
                log.error("litestream: %s", text)
            else:
                log.debug("litestream: %s", text)
