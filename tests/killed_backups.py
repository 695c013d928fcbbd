"""Kills a backup, then a restore, before each fsync and each rename; run as a program.

Each try is a forked process that ends itself as SIGKILL would: nothing is tidied up. Prints how
many moments were tried. Usage: python -m tests.killed_backups INSTANCE FOLDER TARGETS
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from survey.domain.instants import system_now
from survey.services.backing_up import back_up
from survey.services.backup_folders import BackupFolder
from survey.services.restore_sources import BackupSource
from survey.services.restoring import restore
from survey.settings import Settings, load_settings
from survey.store import copies
from survey.store.connection import Store

KILLED = 9


def die_at(moment: int) -> None:
    """End this process before its `moment`-th fsync or rename."""
    left = [moment]
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def counted(*arguments: object, real: Callable[..., None] = real) -> None:
            left[0] -= 1
            if left[0] == 0:
                os._exit(KILLED)
            real(*arguments)

        setattr(os, name, counted)


def was_killed(moment: int, work: Callable[[], object]) -> bool:
    """Run the work in a process that dies at a moment; False when it ended before that."""
    child = os.fork()
    if child == 0:
        try:
            die_at(moment)
            work()
        except BaseException as error:
            sys.stderr.write(f"moment {moment}: {error!r}\n")
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), code
    return code == KILLED


def run_backup(settings: Settings, folder: Path) -> None:
    """Make a backup with a store of its own."""
    with closing(Store.open(settings.database)) as store:
        back_up(store, settings, folder, system_now())


def kill_backups(settings: Settings, folder: Path) -> int:
    """Kill a backup at every moment: the one before stays whole. Return how many moments."""
    run_backup(settings, folder)
    first = BackupFolder(folder).list_manifests()[0]
    moment = 1
    while True:
        copy = folder.with_name(f"{folder.name}-{moment}")
        shutil.copytree(folder, copy)
        for path in (copy / "files").rglob("*"):
            if path.is_file():
                path.unlink()  # so that there is something to copy
        killed = was_killed(moment, partial(run_backup, settings, copy))
        whole = BackupFolder(copy)
        assert first in whole.list_manifests(), moment
        for manifest in whole.list_manifests():
            assert copies.hash_file(whole.database(manifest.name)) == manifest.sha256, moment
        run_backup(settings, copy)
        assert not list(copy.rglob("*.tmp")), moment
        assert len(list(copy.glob("survey-*.db"))) == len(whole.list_manifests()), moment
        shutil.rmtree(copy)
        if not killed:
            return moment - 1
        moment += 1


def kill_restores(folder: Path, targets: Path) -> int:
    """Kill a restore at every moment: the same again finishes it. Return how many moments."""
    moment = 1
    while True:
        settings = load_settings({}, targets / str(moment))
        killed = was_killed(moment, partial(restore, settings, BackupSource(folder), system_now()))
        if not settings.database.exists():
            outcome = restore(settings, BackupSource(folder), system_now())
            assert (outcome.lost, outcome.damage) == ((), ()), moment
        Store.open(settings.database).close()
        left = {path.name for path in settings.instance.iterdir()} - {"restoring"}
        assert left == {"files", "secret_key", "survey.db"}, (moment, left)
        if not killed:
            return moment - 1
        moment += 1


if __name__ == "__main__":
    instance, backups, restored = (Path(argument) for argument in sys.argv[1:])
    moments = kill_backups(load_settings({}, instance), backups), kill_restores(backups, restored)
    sys.stdout.write("{} {}\n".format(*moments))
