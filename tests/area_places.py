"""A small regency of our own for tests, and what an office would send about it."""

from __future__ import annotations

import json
from typing import Any

from survey.domain.areas import Area
from survey.domain.identifiers import new_id
from survey.domain.instants import Instant
from survey.store.areas import add_parent, save_area, set_aliases
from survey.store.connection import Store
from survey.store.users import insert_user, set_roles

ROOT, DISTRICT, OTHER_DISTRICT = "13.11", "13.11.01", "13.11.02"
VILLAGE, OTHER_VILLAGE = "13.11.01.2001", "13.11.01.2002"


def put_area(store: Store, area: Area, since: Instant = "2026-01-01T00:00:00.000Z") -> Area:
    """Put an area into the store as if it had always been there."""

    def write(connection: Any) -> None:
        save_area(connection, area)
        set_aliases(connection, area.id, area.aliases, "test")
        if area.parent_id is not None:
            add_parent(connection, area.id, area.parent_id, since)

    store.write(write)
    return area


def put_user(store: Store, username: str, *roles: str) -> str:
    """Put a person with these roles into the store and return the id."""
    user_id = new_id()

    def write(connection: Any) -> None:
        key = insert_user(
            connection,
            user_id=user_id,
            username=username,
            name=username.title(),
            language="id",
            password_hash=None,
            demo=False,
            now="2026-01-01T00:00:00.000Z",
        )
        set_roles(connection, key, roles)

    store.write(write)
    return user_id


def boundary_file(*boxes: tuple[str, float, float, float, float], **more: Any) -> bytes:
    """Return GeoJSON of rectangles: code, west, south, east, north."""
    features = [
        {
            "type": "Feature",
            "properties": {"kemendagri_code": code, **more},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]],
            },
        }
        for code, w, s, e, n in boxes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def list_file(*rows: str, header: str = "level,name,parent") -> bytes:
    """Return a CSV list of areas."""
    return "\n".join((header, *rows, "")).encode()


def changed_subjects(store: Store, kind: str, after: int = 0) -> list[tuple[str, int]]:
    """Return what the phones' feed says of a kind after a position: subject, deleted."""
    rows = store.reader().execute(
        "SELECT subject, deleted FROM changes WHERE kind = ? AND seq > ? ORDER BY seq",
        (kind, after),
    )
    return [(row["subject"], row["deleted"]) for row in rows]


def feed_position(store: Store) -> int:
    """Return the newest position of the feed."""
    position: int = store.reader().execute("SELECT max(seq) FROM changes").fetchone()[0]
    return position
