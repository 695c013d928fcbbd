"""The visits that a visit is compared with: of its officer's day, and those with its photos."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from survey.domain.instants import Instant


class Neighbour(NamedTuple):
    """Another visit of the same officer and day, as far as it is compared."""

    key: int
    id: str
    occurred_at: Instant
    area_id: str | None
    latitude_deg: float | None
    longitude_deg: float | None
    accuracy_m: float | None


def list_neighbours(
    connection: sqlite3.Connection,
    officer_key: int,
    day: str,
    practice: int,
    before_key: int,
    limit: int,
) -> list[Neighbour]:
    """Return the last visits of an officer and day to arrive before a key, oldest first."""
    rows = connection.execute(
        """
        SELECT key, id, occurred_at, area_id, latitude_deg, longitude_deg, accuracy_m
        FROM visits INDEXED BY visits_by_officer_day
        WHERE officer_key = ? AND day = ? AND practice = ? AND key < ?
        ORDER BY key DESC LIMIT ?
        """,
        (officer_key, day, practice, before_key, limit),
    )
    return [Neighbour(*row) for row in rows][::-1]


def list_followers(
    connection: sqlite3.Connection,
    officer_key: int,
    day: str,
    practice: int,
    after_key: int,
    limit: int,
) -> list[str]:
    """Return the ids of the visits of an officer and day that arrived next after a key."""
    rows = connection.execute(
        """
        SELECT id FROM visits INDEXED BY visits_by_officer_day
        WHERE officer_key = ? AND day = ? AND practice = ? AND key > ? ORDER BY key LIMIT ?
        """,
        (officer_key, day, practice, after_key, limit),
    )
    return [row[0] for row in rows]


def list_first_holders(
    connection: sqlite3.Connection, hashes: Sequence[str]
) -> dict[str, tuple[int, str]]:
    """Return photo hash -> key and id of the visit that had it first."""
    marks = ", ".join("?" * len(hashes))
    rows = connection.execute(
        f"""
        SELECT visit_photos.sha256, min(visit_photos.visit_key), visits.id
        FROM visit_photos JOIN visits ON visits.key = visit_photos.visit_key
        WHERE visit_photos.sha256 IN ({marks})
        GROUP BY visit_photos.sha256
        """,
        hashes,
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def list_later_holders(
    connection: sqlite3.Connection, hashes: Sequence[str], after_key: int
) -> list[str]:
    """Return the ids of visits after a key that have one of some photos."""
    rows = connection.execute(
        """
        SELECT DISTINCT visits.id
        FROM visit_photos JOIN visits ON visits.key = visit_photos.visit_key
        WHERE visit_photos.sha256 IN (SELECT value FROM json_each(?)) AND visits.key > ?
        ORDER BY visits.key
        """,
        (json.dumps(hashes), after_key),
    )
    return [row[0] for row in rows]


def list_photo_hashes(connection: sqlite3.Connection, visit_key: int) -> set[str]:
    """Return the hashes of a visit's photos."""
    rows = connection.execute("SELECT sha256 FROM visit_photos WHERE visit_key = ?", (visit_key,))
    return {row[0] for row in rows}
