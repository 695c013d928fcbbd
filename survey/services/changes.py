"""The feed that a phone reads after it has sent: what changed for its officer.

The cursor is opaque to phones: the store's id, the officer and a position, so that a cursor of
another store (a restored backup) or of another officer on the same phone is known as such.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Protocol

from survey.domain.problems import Problem
from survey.store.changes import get_last_seq, list_changes
from survey.store.connection import Store, snapshot
from survey.store.phone_feed import describe

POSITION_DIGITS = 18
"""Digits of a position that SQLite can hold."""


class Reader(Protocol):
    """Who reads the feed: an enrolled device."""

    @property
    def user_key(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page of the feed: the changes, where the next page begins, whether there is one."""

    changes: list[dict[str, Any]]
    cursor: str
    more: bool


def list_changes_for(
    store: Store, reader: Reader, store_id: str, cursor: str, limit: int
) -> ChangesPage:
    """Return the next page for an officer; an empty cursor begins at the first change.

    Raises cursor.unknown for what is no cursor that this store gave this officer.
    """
    owner = f"{store_id[:16]}:{reader.user_key}"
    after = _read_cursor(cursor, owner) if cursor else 0
    # A thing and its position in the feed must be of one moment.
    with snapshot(store.reader()) as connection:
        # One from the future would hide what comes until the feed has caught up with it.
        if after > get_last_seq(connection):
            raise Problem("cursor.unknown")
        rows = list_changes(connection, reader.user_key, after, limit + 1)
        changes = []
        for row in rows[:limit]:
            data = None if row["deleted"] else describe(connection, row["kind"], row["subject"])
            changes.append(
                {
                    "kind": row["kind"],
                    "id": row["subject"],
                    "deleted": data is None,
                    "data": data,
                }
            )
    position = rows[:limit][-1]["seq"] if rows else after
    return ChangesPage(changes, _write_cursor(position, owner), len(rows) > limit)


def _write_cursor(position: int, owner: str) -> str:
    return base64.urlsafe_b64encode(f"{owner}:{position}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str, owner: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Problem("cursor.unknown") from None
    name, _, position = text.rpartition(":")
    if name != owner or not position.isdigit() or len(position) > POSITION_DIGITS:
        raise Problem("cursor.unknown")
    return int(position)
