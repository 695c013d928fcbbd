"""The nightly backup: made by the running server itself into SURVEY_BACKUP_DIR.

A night that failed is tried again every hour and noted in the store; one that the server slept
through is made up at its start.
"""

from __future__ import annotations

import logging
import sqlite3
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from survey.domain.instants import Instant, add_to_instant, format_instant, local_time
from survey.services.backing_up import LAST_BACKUP, back_up
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.jobs import enqueue_job, find_job
from survey.store.meta import find_meta, set_meta

log = logging.getLogger("survey.backup")

BACKUP_JOB: Final = "backup"
HOUR: Final = 2
"""The hour of the office's night at which it begins."""

RETRY_HOURS: Final = 1
LAST_ERROR: Final = "last_backup_error"
"""The meta that says why the newest try failed; empty when it did not."""


def find_next_night(now: Instant, zone: ZoneInfo) -> Instant:
    """Return the first instant after `now` at which a night's backup begins."""
    begin = local_time(now, zone).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if format_instant(begin) <= now:
        begin += timedelta(days=1)
    return format_instant(begin)


def make_nightly_backup(runner: JobRunner, subject: str) -> None:
    """Make the backup and ask for the next night's, whatever became of this one."""
    folder = runner.settings.backup_dir
    if folder is None:
        return  # the setting was taken away since; asked for again when it is back
    error = ""
    try:
        outcome = back_up(runner.store, runner.settings, folder, runner.clock())
        if outcome.manifest.missing_files:
            error = f"{len(outcome.manifest.missing_files)} files are missing; run survey verify"
            log.error("backup: %s", error)
    except Exception as failure:  # whatever it was, the next night has to come
        log.exception("the backup failed")
        error = str(failure) or type(failure).__name__
        again = add_to_instant(runner.clock(), hours=RETRY_HOURS)
    else:
        again = find_next_night(runner.clock(), runner.settings.timezone)

    def note(connection: sqlite3.Connection) -> None:
        set_meta(connection, LAST_ERROR, error)
        enqueue_job(connection, BACKUP_JOB, subject, again)

    runner.store.write(note)


def ensure_backups(store: Store, settings: Settings, now: Instant) -> None:
    """Ask for the nightly backup when there is a folder for it; a missed one is due at once."""
    if settings.backup_dir is None:
        return

    def ask(connection: sqlite3.Connection) -> None:
        job = find_job(connection, BACKUP_JOB, "")
        if job is None or job["failed_at"] is not None:
            last = find_meta(connection, LAST_BACKUP)
            due = now if last is None else find_next_night(last, settings.timezone)
            enqueue_job(connection, BACKUP_JOB, "", due)

    store.write(ask)


JOB_KINDS[BACKUP_JOB] = make_nightly_backup
