"""A small regency of our own for tests, and what an office would send about it."""

from __future__ import annotations

import json
from typing import Any

from survey.domain.areas import Area
from survey.domain.identifiers import new_id
from survey.domain.instants import Instant
from survey.store.areas import add_parent, save_area, set_aliases
from survey.store.connection import Store
from tests.people_kit import add_person

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


def put_visit(store: Store, officer_id: str, area_id: str, **changes: Any) -> str:
    """Put a projected visit into the store and return its id; `changes` replace columns."""
    visit_id = new_id()

    def write(connection: Any) -> None:
        officer_key = connection.execute(
            "SELECT key FROM users WHERE id = ?", (officer_id,)
        ).fetchone()[0]
        head_key = connection.execute(
            """
            INSERT INTO revisions (kind, record_id, revision, schema, sha256, sealed, payload,
              officer_key, received_at, audit_seq)
            VALUES ('visit', ?, 1, 1, ?, 0, '{}', ?, '2026-05-04T03:00:00.000Z', 1)
            """,
            (visit_id, visit_id.replace("-", "") * 2, officer_key),
        ).lastrowid
        values = {
            "id": visit_id,
            "officer_key": officer_key,
            "head_key": head_key,
            "revision": 1,
            "state": "received",
            "changed_seq": 1,
            "changed_at": "2026-05-04T03:00:00.000Z",
            "first_received_at": "2026-05-04T03:00:00.000Z",
            "received_at": "2026-05-04T03:00:00.000Z",
            "practice": 0,
            "area_id": area_id,
            "chosen_area_id": area_id,
            "place_kind": "centre",
            "occurred_at": "2026-05-04T02:00:00.000Z",
            "day": "2026-05-04",
            "latitude_deg": -1.52,
            "longitude_deg": 101.24,
            "accuracy_m": 6.2,
            **changes,
        }
        columns = ", ".join(values)
        places = ", ".join(f":{column}" for column in values)
        connection.execute(f"INSERT INTO visits ({columns}) VALUES ({places})", values)

    store.write(write)
    return visit_id


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
