"""Rehearsing a restore: a copy is worth what can be restored from it, so that is done now and then.

Restores into a folder that goes again, checks everything, and compares with the instance that
runs. Changes nothing but the note of what was proved.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.replica_state import fault_of
from survey.services.restore_sources import Source
from survey.services.restoring import RestoreOutcome, restore
from survey.services.telling import Progress, no_progress
from survey.settings import Settings, load_settings
from survey.store.audit import find_entry_hash
from survey.store.connection import Store
from survey.store.meta import find_meta, set_meta
from survey.store.revisions import count_until

LAST_TESTED: Final = "last_tested_restore"
"""The meta of the instant of the newest rehearsal that proved something, of any copy."""

REPORT: Final = "rehearsal_"
"""The meta of the newest rehearsal of a kind, as JSON; its name goes on with the kind."""

MOST_NAMED: Final = 100


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal found: `live` are the records that ought to be there, None: unknown.

    `same_history`: whether the copy is the beginning of the instance's own history; None when
    there is no instance to compare with.
    """

    outcome: RestoreOutcome
    live: int | None
    same_history: bool | None
    seconds: float

    @property
    def proved(self) -> bool:
        """Whether a restore from this would lose nothing that it should have."""
        outcome = self.outcome
        return (
            not (outcome.damage or outcome.lost or outcome.skipped)
            and self.same_history is not False
            and self.live in (None, outcome.origin.records)
        )


def rehearse(
    settings: Settings,
    source: Source,
    now: Instant,
    progress: Progress = no_progress,
    more_files: Sequence[Path] = (),
) -> Rehearsal:
    """Restore a copy into a folder of the instance, check it, compare it, remove it.

    Needs room for three times the database; files are read where they are. The result is noted
    in the store that runs here, if there is one. Raises rehearsal.running and the problems of
    `restore`, which are noted too.
    """
    started = time.monotonic()
    with _own_folder(settings.instance / "rehearsal") as folder:
        try:
            outcome = restore(
                load_settings({}, folder),
                source,
                now,
                progress,
                more_files=more_files,
                link=True,
            )
        except Problem as problem:
            _note_failure(settings, source, problem, now)
            raise
    live, same = _compare(settings, outcome)
    rehearsal = Rehearsal(outcome, live, same, round(time.monotonic() - started, 1))
    if same:
        _note(settings, rehearsal, now)
    return rehearsal


@contextmanager
def _own_folder(folder: Path) -> Iterator[Path]:
    """Make a folder for one rehearsal and remove it; what a kill left goes first."""
    handle = os.open(folder.with_name(".rehearsal.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem("rehearsal.running") from None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def _compare(settings: Settings, outcome: RestoreOutcome) -> tuple[int | None, bool | None]:
    """Return how many records the instance had by then, and whether it is the same instance."""
    if not settings.database.is_file():
        return None, None
    origin = outcome.origin
    with closing(Store.open(settings.database, settings.wal_pages)) as store:
        reader = store.reader()
        if find_entry_hash(reader, origin.seq) != origin.chain:
            return None, False
        return count_until(reader, origin.seq), True


def _note(settings: Settings, rehearsal: Rehearsal, now: Instant) -> None:
    outcome = rehearsal.outcome
    report = {
        "at": now,
        "ok": rehearsal.proved,
        "name": outcome.origin.name,
        "as_of": outcome.origin.as_of,
        "records": outcome.origin.records,
        "files": outcome.files,
        "seconds": rehearsal.seconds,
        "damage": len(outcome.damage) + len(outcome.lost) + len(outcome.skipped),
        "lost": outcome.lost[:MOST_NAMED],
    }
    _write(settings, outcome.origin.kind, report, now if rehearsal.proved else None)


def _note_failure(settings: Settings, source: Source, problem: Problem, now: Instant) -> None:
    """Note a copy that could not be restored at all, when it is one that this server makes."""
    places = {"backup": str(settings.backup_dir or ""), "replica": settings.replica}
    for kind, place in places.items():
        if place and source.folder is not None and str(source.folder) == place:
            report = {"at": now, "ok": False, "fault": asdict(fault_of(problem))}
            _write(settings, kind, report, None)


def _write(settings: Settings, kind: str, report: object, tested: Instant | None) -> None:
    if not settings.database.is_file():
        return

    def note(connection: sqlite3.Connection) -> None:
        set_meta(connection, REPORT + kind, json.dumps(report))
        if tested is not None:
            set_meta(connection, LAST_TESTED, tested)

    with closing(Store.open(settings.database, settings.wal_pages)) as store:
        store.write(note)


def find_report(connection: sqlite3.Connection, kind: str) -> dict[str, object] | None:
    """Return what the newest rehearsal of a kind noted, or None."""
    text = find_meta(connection, REPORT + kind)
    value: dict[str, object] | None = json.loads(text) if text else None
    return value
