"""Making an instance: schema, store id, reference areas, practice campaign, first admin."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import survey
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.accounts import create_first_admin
from survey.services.areas import load_reference_areas
from survey.services.campaigns import ensure_first_campaigns
from survey.services.folder_marks import MARK
from survey.settings import Settings
from survey.store import copies
from survey.store.connection import Store, connect
from survey.store.meta import find_meta, set_meta
from survey.store.migrations import list_applied, list_pending, list_unknown, migrate


@dataclass(frozen=True, slots=True)
class SetupOutcome:
    """What `initialise` did: the migration steps taken, and the first admin's link if made.

    `before` is the copy of the store as it was before the steps.
    """

    steps: tuple[str, ...]
    admin_link_token: str | None
    before: Path | None = None


def initialise(settings: Settings, now: Instant) -> SetupOutcome:
    """Create or upgrade the store of an instance; nothing that stands there is lost.

    One of a newer version is left alone: `instance.newer`. One of an older version is copied
    first; without room for that it is left alone too: `backup.disk_full`.
    """
    before = _copy_before_migrating(settings)
    return replace(prepare_store(settings.database, now), before=before)


def _copy_before_migrating(settings: Settings) -> Path | None:
    """Copy a store that has steps before it, to the backups or beside it; return the copy."""
    if not settings.database.is_file():
        return None
    with closing(connect(settings.database)) as connection:
        pending = list_pending(connection)
        if not pending or not list_applied(connection) or list_unknown(connection):
            return None
    folder = _find_place(settings)
    # The step is part of the name: one that failed must not replace the copy of the first try.
    target = folder / f"before-{survey.__version__}-{pending[0]}.db"
    try:
        copies.make_folder(folder)
        copies.copy_database(settings.database, target)
    except (OSError, sqlite3.OperationalError) as error:
        if copies.is_disk_full(error):
            raise Problem("backup.disk_full") from error
        raise
    return target


def _find_place(settings: Settings) -> Path:
    """Return the folder of backups when its mark says that it is there, else the instance."""
    folder = settings.backup_dir
    if folder is not None and (folder / MARK).is_file():
        return folder
    return settings.instance


def prepare_store(database: Path, now: Instant) -> SetupOutcome:
    """Create a database file, or bring one to the present schema, with what every store has."""
    connection = connect(database)
    try:
        if list_unknown(connection):
            raise Problem("instance.newer")
        steps = tuple(migrate(connection))
    finally:
        connection.close()
    store = Store.open(database)
    try:
        store.write(_ensure_store_id)
        load_reference_areas(store, now)
        ensure_first_campaigns(store, now)
        token = create_first_admin(store, now)
    finally:
        store.close()
    return SetupOutcome(steps, token)


def _ensure_store_id(connection: sqlite3.Connection) -> None:
    if find_meta(connection, "store_id") is None:
        renew_store_id(connection)


def renew_store_id(connection: sqlite3.Connection) -> str:
    """Give the store another id and return it: phones put all they still hold up for sending."""
    store_id = secrets.token_hex(16)
    set_meta(connection, "store_id", store_id)
    return store_id


def get_store_id(store: Store) -> str:
    """Return the id of this store: it changes when a backup was restored."""
    store_id = find_meta(store.reader(), "store_id")
    if store_id is None:
        raise RuntimeError("the instance was not initialised")
    return store_id
