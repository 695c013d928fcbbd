"""Work that nobody waits for: pictures drawn before they are looked at, leftovers removed."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from survey.domain.instants import Instant, add_to_instant
from survey.domain.problems import Problem
from survey.services.files import THUMBNAIL_JOB, clean_partials
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.services.picturing import draw_picture
from survey.store.connection import Store
from survey.store.jobs import enqueue_job, find_job

CLEAN_JOB = "clean_partials"
CLEAN_HOURS = 24


def draw_thumbnail(runner: JobRunner, sha256: str) -> None:
    """Draw the small picture of a photo that arrived, so that the queue shows it at once."""
    # A file that no visit names yet is drawn when somebody looks at it.
    with suppress(Problem):
        draw_picture(runner.store, runner.files, sha256, "thumbnail")


def clean(runner: JobRunner, subject: str) -> None:
    """Remove abandoned uploads, and ask to be called again a day later."""
    now = runner.clock()
    clean_partials(runner.files, now)
    runner.store.write(
        lambda connection: enqueue_job(
            connection, CLEAN_JOB, subject, add_to_instant(now, hours=CLEAN_HOURS)
        )
    )


def ensure_housekeeping(store: Store, now: Instant) -> None:
    """Ask for the daily cleaning, unless it is asked for already."""

    def ask(connection: sqlite3.Connection) -> None:
        if find_job(connection, CLEAN_JOB, "") is None:
            enqueue_job(connection, CLEAN_JOB, "", now)

    store.write(ask)


JOB_KINDS[THUMBNAIL_JOB] = draw_thumbnail
JOB_KINDS[CLEAN_JOB] = clean
