"""The runner of background work: takes due jobs one by one, under a lease, until stopped.

A job is one function by kind. What a kill cut off runs again when its lease is over, so every
kind must bear being run twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from survey.domain.instants import Instant
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.jobs import fail_job, finish_job, take_job

log = logging.getLogger("survey.jobs")

LEASE_SECONDS = 300
IDLE_SECONDS = 2.0

JobFunction = Callable[["JobRunner", str], None]
JOB_KINDS: dict[str, JobFunction] = {}
"""What each kind of job runs; filled by the modules that own the work."""


class JobRunner:
    """Works off the jobs table of one instance."""

    def __init__(
        self, store: Store, files: FileRoom, settings: Settings, clock: Callable[[], Instant]
    ) -> None:
        self.store = store
        self.files = files
        self.settings = settings
        self.clock = clock
        self._stopped = threading.Event()

    def run_one(self) -> bool:
        """Run the oldest due job and tell whether there was one."""
        job = self.store.write(lambda connection: take_job(connection, self.clock(), LEASE_SECONDS))
        if job is None:
            return False
        try:
            JOB_KINDS[job["kind"]](self, job["subject"])
        except Exception as error:  # a job of any kind may fail; the next ones go on
            log.exception("job %s %s failed", job["kind"], job["subject"])
            text = f"{type(error).__name__}: {error}"
            self.store.write(
                lambda connection: fail_job(connection, job["key"], text, self.clock())
            )
        else:
            self.store.write(
                lambda connection: finish_job(connection, job["key"], job["run_after"])
            )
        return True

    def run_forever(self) -> None:
        """Run jobs as they come due until `stop` is called."""
        while not self._stopped.is_set():
            try:
                busy = self.run_one()
            except Exception:  # the store may be busy or closing
                log.exception("the job runner could not reach the store")
                busy = False
            if not busy:
                self._stopped.wait(IDLE_SECONDS)

    def stop(self) -> None:
        """End `run_forever` after the job at hand."""
        self._stopped.set()
