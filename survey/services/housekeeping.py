"""Work that nobody waits for: pictures drawn before they are looked at, leftovers removed."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress

from survey.domain.instants import Instant, add_to_instant, milliseconds_between
from survey.domain.problems import Problem
from survey.services.files import RADIO_LOG_JOB, THUMBNAIL_JOB
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.services.leftovers import Cleaned, clean_leftovers
from survey.services.picturing import draw_picture
from survey.services.radio_log_arrivals import take_arrived
from survey.store.connection import Store
from survey.store.jobs import enqueue_job, find_job

log = logging.getLogger("survey.housekeeping")

CLEAN_JOB = "clean_partials"
CLEAN_HOURS = 24


def draw_thumbnail(runner: JobRunner, sha256: str) -> None:
    """Draw the small picture of a photo that arrived, so that the queue shows it at once."""
    # A file that no visit names yet is drawn when somebody looks at it.
    with suppress(Problem):
        draw_picture(runner.store, runner.files, sha256, "thumbnail")


def clean(runner: JobRunner, subject: str) -> None:
    """Look after what is left over, and ask to be called again a day later."""
    now = runner.clock()
    cleaned = clean_leftovers(runner.store, runner.files, now)
    if cleaned != Cleaned():
        log.info("leftovers: %s", cleaned)
    runner.store.write(
        lambda connection: enqueue_job(
            connection, CLEAN_JOB, subject, add_to_instant(now, hours=CLEAN_HOURS)
        )
    )


def ensure_housekeeping(store: Store, now: Instant) -> None:
    """Ask for the daily cleaning, unless it is asked for already.

    One that failed for good, or that a clock which ran ahead put off, is asked for anew.
    """
    if _is_asked_for(store.reader(), now):
        return

    def ask(connection: sqlite3.Connection) -> None:
        if not _is_asked_for(connection, now):
            enqueue_job(connection, CLEAN_JOB, "", now)

    store.write(ask)


def _is_asked_for(connection: sqlite3.Connection, now: Instant) -> bool:
    job = find_job(connection, CLEAN_JOB, "")
    if job is None or job["failed_at"] is not None:
        return False
    return milliseconds_between(now, job["run_after"]) <= 2 * CLEAN_HOURS * 3_600_000


JOB_KINDS[THUMBNAIL_JOB] = draw_thumbnail
JOB_KINDS[CLEAN_JOB] = clean
JOB_KINDS[RADIO_LOG_JOB] = take_arrived
