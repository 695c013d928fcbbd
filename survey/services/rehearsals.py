"""The rehearsals that the running server does by itself: weekly after a night's backup, or asked.

Weekly, because nobody does it by hand and a disk of backups dies as silently as any other. In a
process of its own, so that the office and the phones do not notice.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Final

from survey.domain.instants import Instant, milliseconds_between
from survey.services.backing_up import drop_damaged
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.services.rehearsing import find_report
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.jobs import enqueue_job

log = logging.getLogger("survey.backup")

REHEARSE_JOB: Final = "rehearse"
EVERY_DAYS: Final = 7
LONGEST_S: Final = 6 * 3_600


def find_copies(settings: Settings) -> dict[str, str]:
    """Return kind -> folder of the copies that this instance makes and can read again."""
    places = {"backup": str(settings.backup_dir or ""), "replica": settings.replica}
    return {kind: place for kind, place in places.items() if Path(place).is_absolute()}


def ask_for_rehearsal(store: Store, settings: Settings, now: Instant) -> None:
    """Let the server rehearse a restore of every copy as soon as it can."""

    def ask(connection: sqlite3.Connection) -> None:
        for kind in find_copies(settings):
            enqueue_job(connection, REHEARSE_JOB, kind, now)

    store.write(ask)


def ask_for_due_rehearsals(
    connection: sqlite3.Connection, settings: Settings, now: Instant
) -> None:
    """Ask for a rehearsal of each copy that was not restored from for a week."""
    for kind in find_copies(settings):
        report = find_report(connection, kind)
        passed = None if report is None else milliseconds_between(str(report["at"]), now)
        if passed is None or not 0 <= passed < EVERY_DAYS * 86_400_000:
            enqueue_job(connection, REHEARSE_JOB, kind, now)


def run_rehearsal(runner: JobRunner, kind: str) -> None:
    """Rehearse a restore; damaged copies of files go, so that the next backup makes them anew."""
    place = find_copies(runner.settings).get(kind)
    if place is None:
        return
    said = subprocess.run(
        [sys.executable, "-m", "survey", "restore", "--rehearse", place],
        env={**os.environ, "SURVEY_INSTANCE": str(runner.settings.instance)},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if said.returncode == 0:
        return
    log.error("the rehearsal of a restore failed: %s", said.stderr.strip()[-2_000:])
    report = find_report(runner.store.reader(), kind)
    lost = report.get("lost") if report else None
    if kind == "backup" and isinstance(lost, list):
        drop_damaged(Path(place), runner.files, [str(each) for each in lost])


JOB_KINDS[REHEARSE_JOB] = run_rehearsal
