"""What runs in a worker of the server beside its requests and jobs: small looks, again and again.

Each thread is a daemon and bears being killed at any moment.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from survey.domain.instants import Instant
from survey.services.housekeeping import ensure_housekeeping
from survey.services.nightly_backup import ensure_backups
from survey.services.quarantining import ensure_reading
from survey.services.replicating_files import FileReplica
from survey.settings import Settings
from survey.store.connection import Store

log = logging.getLogger("survey.side")

LOOK_S: Final = 300.0
"""How often it is asked whether the jobs of every day are asked for: clocks jump."""


def start_side_work(store: Store, settings: Settings, clock: Callable[[], Instant]) -> None:
    """Begin all that an instance with these settings needs."""
    stopped = threading.Event()
    _start("look", lambda: look_again(store, settings, clock, stopped))
    _start("unreadable", lambda: ask_for_reading(store, clock))
    if Path(settings.replica).is_absolute():
        replica = FileReplica(store, settings, clock)
        _start("files-replica", lambda: replica.run(stopped))


def _start(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


def ask_for_reading(store: Store, clock: Callable[[], Instant]) -> None:
    """Let this version of the server try the records that the one before could not read."""
    try:
        ensure_reading(store, clock())
    except Exception:  # `survey rebuild` and the next start try too
        log.exception("the unreadable records could not be asked for")
    finally:
        store.release()


def look_again(
    store: Store, settings: Settings, clock: Callable[[], Instant], stopped: threading.Event
) -> None:
    """Ask for the jobs of every day when they are missing, at once and then again and again."""
    while True:
        try:
            ensure_housekeeping(store, clock())
            ensure_backups(store, settings, clock())
        except Exception:  # the store may be busy; the next look comes
            log.exception("the jobs of every day could not be asked for")
        finally:
            store.release()
        if stopped.wait(LOOK_S):
            return
