"""How well the survey would outlive its server: backups, rehearsals, replica, disks, in words.

`find_findings` looks at the store and at what the replicating processes say, so that every page
can ask it; only `look_at_disks` touches the folders, which may hang.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from survey.domain.instants import Instant, add_to_instant, milliseconds_between
from survey.domain.labels import N_
from survey.services.backing_up import LAST_BACKUP, LAST_OUTCOME
from survey.services.folder_marks import on_same_disk
from survey.services.nightly_backup import BACKUP_JOB, LAST_ERROR, NIGHTLY
from survey.services.rehearsals import REHEARSE_JOB, find_copies
from survey.services.rehearsing import LAST_TESTED, find_report
from survey.services.replica_state import DatabaseState, Fault, FilesState, read_state
from survey.services.restoring import RESTORED
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.jobs import find_job, is_running
from survey.store.meta import find_meta
from survey.store.safety import count_unsafe

OLD_BACKUP_HOURS: Final = 36
OLD_TEST_DAYS: Final = 90
LAG_MINUTES: Final = 5
SILENT_S: Final = 30
"""A state older than that is of a process that is gone."""

LITTLE_ROOM: Final = 2_000_000_000
RESTORED_NOTICE_DAYS: Final = 14
DISK_WAIT_S: Final = 2.0
"""A network disk that is away answers never: the page does without it."""

Tone = Literal["bad", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a msgid, what to fill into it, and why in turn."""

    tone: Tone
    message: str
    params: dict[str, object]
    reason: Fault | None = None


@dataclass(frozen=True, slots=True)
class ReplicaHealth:
    """How the replica is; `lag_s` since all was in it, None: never."""

    place: str
    running: bool
    lag_s: float | None
    database: DatabaseState | None
    files: FilesState | None


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on a disk; without numbers it could not be looked at."""

    name: str
    path: str
    free: int | None = None
    total: int | None = None
    shared: bool = False

    @property
    def low(self) -> bool:
        """Whether the next backup or the next weeks may not fit."""
        return self.free is not None and self.free < LITTLE_ROOM


@dataclass(frozen=True, slots=True)
class Health:
    """All that the page of backups shows."""

    findings: list[Finding]
    last_at: Instant | None
    outcome: dict[str, Any]
    next_at: Instant | None
    tested_at: Instant | None
    reports: dict[str, dict[str, Any]]
    replica: ReplicaHealth | None
    unsafe: int
    backing_up: bool
    rehearsing: bool
    disks: list[Disk]


def look(store: Store, settings: Settings, now: Instant) -> Health:
    """Return everything about the copies of an instance."""
    reader = store.reader()
    disks = look_at_disks(settings)
    findings = find_findings(store, settings, now) + _judge_disks(disks)
    night = find_job(reader, BACKUP_JOB, NIGHTLY)
    reports = {kind: find_report(reader, kind) for kind in find_copies(settings)}
    return Health(
        findings=findings,
        last_at=find_meta(reader, LAST_BACKUP),
        outcome=json.loads(find_meta(reader, LAST_OUTCOME) or "{}"),
        next_at=night["run_after"] if night is not None and settings.backup_dir else None,
        tested_at=find_meta(reader, LAST_TESTED),
        reports={kind: report for kind, report in reports.items() if report is not None},
        replica=look_at_replica(settings, now),
        unsafe=count_unsafe(reader),
        backing_up=is_running(reader, BACKUP_JOB, now),
        rehearsing=is_running(reader, REHEARSE_JOB, now),
        disks=disks,
    )


def find_findings(store: Store, settings: Settings, now: Instant) -> list[Finding]:
    """Return what is wrong with backups, rehearsals and replica; cheap, touches no other disk."""
    reader = store.reader()
    findings = _judge_backups(reader, settings, now) + _judge_tests(reader, settings, now)
    replica = look_at_replica(settings, now)
    return findings + (_judge_replica(replica, settings) if replica else [])


def _judge_backups(reader: sqlite3.Connection, settings: Settings, now: Instant) -> list[Finding]:
    found = []
    last = find_meta(reader, LAST_BACKUP)
    if settings.backup_dir is None:
        return [
            Finding(
                "bad",
                N_("There is no folder for backups: set SURVEY_BACKUP_DIR."),
                {},
            )
        ]
    if last is None:
        found.append(Finding("bad", N_("No backup was made yet."), {}))
    elif last > add_to_instant(now, hours=1):
        found.append(Finding("bad", N_("The last backup lies ahead of the server's clock."), {}))
    elif _age_ms(last, now) > OLD_BACKUP_HOURS * 3_600_000:
        message = N_("The last backup is more than {hours} hours old.")
        found.append(Finding("bad", message, {"hours": OLD_BACKUP_HOURS}))
    error = find_meta(reader, LAST_ERROR)
    if error:
        found.append(Finding("bad", N_("The last backup failed:"), {}, Fault(**json.loads(error))))
    return found


def _judge_tests(reader: sqlite3.Connection, settings: Settings, now: Instant) -> list[Finding]:
    found, copies = [], find_copies(settings)
    tested = find_meta(reader, LAST_TESTED)
    if copies and tested is None:
        found.append(Finding("bad", N_("No restore was rehearsed yet."), {}))
    elif copies and tested and _age_ms(tested, now) > OLD_TEST_DAYS * 86_400_000:
        message = N_("The last rehearsed restore is more than {days} days ago.")
        found.append(Finding("bad", message, {"days": OLD_TEST_DAYS}))
    for kind in copies:
        report = find_report(reader, kind)
        if report is not None and not report["ok"]:
            fault = report.get("fault")
            reason = Fault(**fault) if isinstance(fault, dict) else None
            found.append(
                Finding("bad", N_("The last rehearsal of a restore found faults."), {}, reason)
            )
    return found


def _judge_replica(replica: ReplicaHealth, settings: Settings) -> list[Finding]:
    found = []
    faults = [state.fault for state in (replica.database, replica.files) if state is not None]
    reason = next((fault for fault in faults if fault.message), None)
    if not replica.running:
        found.append(Finding("bad", N_("The replica does not follow."), {}, reason))
    elif replica.lag_s is None or replica.lag_s > LAG_MINUTES * 60:
        message = N_("The replica is more than {minutes} minutes behind.")
        found.append(Finding("bad", message, {"minutes": LAG_MINUTES}, reason))
    elif reason is not None:
        found.append(Finding("bad", N_("The files of the replica do not follow."), {}, reason))
    if replica.files is not None and replica.files.damaged:
        message = N_("{count} files are missing or damaged on the server. Run survey verify.")
        found.append(Finding("bad", message, {"count": replica.files.damaged}))
    if not Path(settings.replica).is_absolute():
        message = N_("A replica at an address holds no photos: only backups do.")
        found.append(Finding("warn", message, {}))
    return found


def look_at_replica(settings: Settings, now: Instant) -> ReplicaHealth | None:
    """Return how the replica is, None when none is asked for."""
    if not settings.replica:
        return None
    database = read_state(settings.instance, DatabaseState)
    files = read_state(settings.instance, FilesState)
    speaks = database is not None and _age_ms(database.at, now) <= SILENT_S * 1_000
    lag = None
    if database is not None and database.synced_at:
        lag = max(0.0, _age_ms(database.synced_at, now) / 1_000)
    place = database.place if database is not None and database.place else settings.replica
    return ReplicaHealth(
        hide_password(place), bool(speaks and database and database.running), lag, database, files
    )


def hide_password(place: str) -> str:
    """Return a place as it may be shown and printed."""
    parts = urlsplit(place)
    if not parts.password:
        return place
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))


def look_at_disks(settings: Settings) -> list[Disk]:
    """Return the disks of the instance, the backups and the replica."""
    places = [(N_("This survey"), settings.instance)]
    if settings.backup_dir is not None:
        places.append((N_("Backups"), settings.backup_dir))
    if Path(settings.replica).is_absolute():
        places.append((N_("Replica"), Path(settings.replica)))
    found: dict[Path, Disk] = {}
    threads = [
        threading.Thread(target=_look_at, args=(found, name, path, settings), daemon=True)
        for name, path in places
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DISK_WAIT_S)
    return [found.get(path, Disk(name, str(path))) for name, path in places]


def _look_at(found: dict[Path, Disk], name: str, path: Path, settings: Settings) -> None:
    try:
        usage = shutil.disk_usage(path)
        shared = path != settings.instance and on_same_disk(path, settings.instance)
    except OSError:
        return
    found[path] = Disk(name, str(path), usage.free, usage.total, shared)


def _judge_disks(disks: list[Disk]) -> list[Finding]:
    found = []
    for disk in disks:
        named: dict[str, object] = {"folder": disk.path}
        if disk.free is None:
            found.append(Finding("bad", N_("The folder {folder} cannot be read."), named))
        elif disk.low:
            found.append(Finding("bad", N_("Little room is left on the disk of {folder}."), named))
        if disk.shared:
            message = N_("{folder} is on the same disk as the survey: if it dies, both are gone.")
            found.append(Finding("warn", message, named))
    return found


def find_restored(store: Store, now: Instant) -> dict[str, str] | None:
    """Return `at` and `as_of` of a restore of the last days, which people have to know of."""
    text = find_meta(store.reader(), RESTORED)
    if text is None:
        return None
    value: dict[str, str] = json.loads(text)
    return value if _age_ms(value["at"], now) < RESTORED_NOTICE_DAYS * 86_400_000 else None


def _age_ms(then: Instant, now: Instant) -> int:
    return milliseconds_between(then, now)
