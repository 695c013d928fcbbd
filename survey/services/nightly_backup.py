"""The backups that the running server makes itself into SURVEY_BACKUP_DIR: nightly, or when asked.

A night that failed is tried again every hour and noted in the store; one that the server slept
through is made up at its start. Knows nothing of pages.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from survey.domain.instants import (
    Instant,
    add_to_instant,
    format_instant,
    local_time,
    milliseconds_between,
)
from survey.domain.labels import N_
from survey.domain.problems import Problem
from survey.services.backing_up import LAST_BACKUP, back_up
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.services.rehearsals import ask_for_due_rehearsals
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.jobs import enqueue_job, find_job
from survey.store.meta import find_meta, set_meta

log = logging.getLogger("survey.backup")

BACKUP_JOB: Final = "backup"
NIGHTLY: Final = ""
AT_ONCE: Final = "now"
NEW_FOLDER: Final = "new"
"""The subjects of the job: every night, once, once into a folder that lost its mark."""

HOUR: Final = 2
"""The hour of the office's night at which it begins."""

RETRY_HOURS: Final = 1
LAST_ERROR: Final = "last_backup_error"
"""The meta that says as JSON why the newest try failed (`message`, `params`); empty: it did not."""

MISSING: Final = N_("{count} files are missing or damaged on the server. Run survey verify.")
FURTHEST_HOURS: Final = 49
"""A night further off than that was asked for by a clock that was wrong."""


def find_next_night(now: Instant, zone: ZoneInfo) -> Instant:
    """Return the first instant after `now` at which a night's backup begins."""
    begin = local_time(now, zone).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if format_instant(begin) <= now:
        begin += timedelta(days=1)
    return format_instant(begin)


def describe_error(message: str, params: Mapping[str, object] | None = None) -> str:
    """Return what a page can say later in its reader's language."""
    named = {name: str(value) for name, value in (params or {}).items()}
    return json.dumps({"message": message, "params": named})


def make_backup(runner: JobRunner, subject: str) -> None:
    """Make a backup; after a night's, whatever became of it, ask for the next and what is due."""
    folder = runner.settings.backup_dir
    if folder is None:
        return  # the setting was taken away since; asked for again when it is back
    error, again = "", find_next_night(runner.clock(), runner.settings.timezone)
    try:
        outcome = back_up(
            runner.store, runner.settings, folder, runner.clock(), new_folder=subject == NEW_FOLDER
        )
        if outcome.manifest.missing_files:
            error = describe_error(MISSING, {"count": len(outcome.manifest.missing_files)})
            log.error("backup: %s files are missing", len(outcome.manifest.missing_files))
    except Exception as failure:  # whatever it was, the next night has to come
        log.exception("the backup failed")
        again = add_to_instant(runner.clock(), hours=RETRY_HOURS)
        if isinstance(failure, Problem) and failure.code == "backup.running":
            error = find_meta(runner.store.reader(), LAST_ERROR) or ""  # that one tells its own
        elif isinstance(failure, Problem):
            error = describe_error(failure.template, failure.params)
        else:
            error = describe_error(str(failure) or type(failure).__name__)

    def note(connection: sqlite3.Connection) -> None:
        set_meta(connection, LAST_ERROR, error)
        if subject == NIGHTLY:
            enqueue_job(connection, BACKUP_JOB, NIGHTLY, again)
            ask_for_due_rehearsals(connection, runner.settings, runner.clock())

    runner.store.write(note)


def ask_for_backup(store: Store, now: Instant, *, new_folder: bool = False) -> None:
    """Let the server make one backup as soon as it can; asking twice is one."""
    subject = NEW_FOLDER if new_folder else AT_ONCE
    store.write(lambda connection: enqueue_job(connection, BACKUP_JOB, subject, now))


def ensure_backups(store: Store, settings: Settings, now: Instant) -> None:
    """Ask for the nightly backup when there is a folder for it; a missed one is due at once.

    One asked for by a clock that ran ahead is brought back.
    """
    if settings.backup_dir is None or _is_asked_for(store.reader(), now):
        return

    def ask(connection: sqlite3.Connection) -> None:
        if not _is_asked_for(connection, now):
            last = find_meta(connection, LAST_BACKUP)
            known = last is not None and last <= now
            due = find_next_night(last, settings.timezone) if known and last else now
            enqueue_job(connection, BACKUP_JOB, NIGHTLY, due)

    store.write(ask)


def _is_asked_for(connection: sqlite3.Connection, now: Instant) -> bool:
    job = find_job(connection, BACKUP_JOB, NIGHTLY)
    if job is None or job["failed_at"] is not None:
        return False
    return milliseconds_between(now, job["run_after"]) <= FURTHEST_HOURS * 3_600_000


JOB_KINDS[BACKUP_JOB] = make_backup
