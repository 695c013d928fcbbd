"""A small regency of our own for tests, and what an office would send about it."""

from __future__ import annotations

import json
from typing import Any

from survey.domain.areas import Area
from survey.domain.instants import Instant
from survey.settings import load_settings
from survey.store.areas import add_parent, save_area, set_aliases
from survey.store.connection import Store
from survey.store.users import get_user
from tests.factories import make_visit_payload
from tests.people_kit import add_person, enrol_phone
from tests.sending import send_visit

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
    return add_person(store, username, *roles).id


def put_visit(store: Store, officer_id: str, area_id: str, **columns: Any) -> str:
    """Send a visit from a new phone and return its id; `columns` then replace projected values."""
    settings = load_settings({}, store.path.parent)
    phone = enrol_phone(store, settings, get_user(store.reader(), officer_id))
    payload = make_visit_payload(area={"id": area_id, "claimed": None})
    send_visit(store, settings, phone, payload)
    set_columns(store, payload["id"], **columns)
    return str(payload["id"])


def set_columns(store: Store, visit_id: str, **columns: Any) -> None:
    """Replace projected values of a visit, until it is projected anew."""
    for column, value in columns.items():
        statement = f"UPDATE visits SET {column} = ? WHERE id = ?"
        if value is None and column.endswith("_deg"):
            statement = "UPDATE visits SET latitude_deg = ?, longitude_deg = NULL WHERE id = ?"
        store.write(lambda c, s=statement, v=value: c.execute(s, (v, visit_id)))  # type: ignore[misc]


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
