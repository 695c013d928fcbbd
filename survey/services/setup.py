"""Making an instance: schema, store id, reference areas, practice campaign, first admin."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

from survey.domain.instants import Instant
from survey.services.accounts import create_first_admin
from survey.services.areas import load_reference_areas
from survey.services.campaigns import ensure_first_campaigns
from survey.settings import Settings
from survey.store.connection import Store, connect
from survey.store.meta import find_meta, set_meta
from survey.store.migrations import migrate


@dataclass(frozen=True, slots=True)
class SetupOutcome:
    """What `initialise` did: the migration steps taken, and the first admin's link if made."""

    steps: tuple[str, ...]
    admin_link_token: str | None


def initialise(settings: Settings, now: Instant) -> SetupOutcome:
    """Create or upgrade the store of an instance; nothing that stands there is lost."""
    connection = connect(settings.database)
    try:
        steps = tuple(migrate(connection))
    finally:
        connection.close()
    store = Store.open(settings.database)
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
        set_meta(connection, "store_id", secrets.token_hex(16))


def get_store_id(store: Store) -> str:
    """Return the id of this store: it changes when a backup was restored."""
    store_id = find_meta(store.reader(), "store_id")
    if store_id is None:
        raise RuntimeError("the instance was not initialised")
    return store_id
