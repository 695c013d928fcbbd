"""The production server: Granian in front of the application, jobs and replica beside it.

One worker process with many threads, so that slow uploads over 2G hold threads nobody else
needs while one writer commits in groups.
"""

from __future__ import annotations

import logging
import resource
import socket
import threading
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

if TYPE_CHECKING:
    from flask import Flask

    from survey.settings import Settings

THREADS = 1_024
"""Most threads of a process: each slow upload holds one for minutes, a phone makes up to three.

They are made when needed and end when idle; a reader of the store is held only by those at work.
"""

CONNECTIONS = 8_192
"""Most connections of a process: an idle one costs little, and one beyond waits unseen."""

OTHER_FILES = 256
"""Files that a process holds beside its connections and their uploads."""


def _log_lines() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")


def build() -> Flask:
    """Make the application of one worker process and start its job runner."""
    from survey.app import create_app
    from survey.services.jobs import JobRunner
    from survey.services.side_work import start_side_work

    _log_lines()
    app = create_app()
    instance = app.extensions["survey"]
    start_side_work(instance.store, instance.settings, instance.clock)
    runner = JobRunner(instance.store, instance.files, instance.settings, instance.clock)
    threading.Thread(target=runner.run_forever, name="jobs", daemon=True).start()
    return app


class PortTakenError(Exception):
    """Somebody listens on the port already."""


def check_port(host: str, port: int) -> None:
    """Raise PortTakenError for a port in use.

    Granian shares ports among processes, so that a second server would start in silence and
    answer every other request.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(f"{host}:{port}: {error.strerror}") from None


def allow_connections() -> int:
    """Raise this process's limit of open files and return how many connections fit under it.

    Each connection is a file, and so is the upload on it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + OTHER_FILES
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return max(OTHER_FILES, (limit - OTHER_FILES) // 2)


def run_server(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until a signal ends it; in-flight requests are answered first.

    What replicates the store ends last, when nobody commits any more.
    """
    _log_lines()
    if not settings.replica:
        _serve(host, port, workers)
        return
    from survey.services.replicating import Replicator

    replicator = Replicator(settings)
    replicator.start()
    try:
        _serve(host, port, workers)
    finally:
        replicator.stop()


def _serve(host: str, port: int, workers: int) -> None:
    Server(
        "survey.server:build",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        factory=True,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=60,
        backlog=2_048,
        backpressure=allow_connections(),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_enabled=True,
        log_level=LogLevels.error,
        log_access=False,
    ).serve()
