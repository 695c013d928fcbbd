"""Boundaries of areas as the office imported them: GeoJSON geometries with their boxes."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from survey.domain.geo import Box, bounding_box


def find_boundary(connection: sqlite3.Connection, area_id: str) -> dict[str, Any] | None:
    """Return the boundary of an area as a GeoJSON geometry, or None."""
    text = find_boundary_text(connection, area_id)
    return json.loads(text) if text is not None else None


def find_boundary_text(connection: sqlite3.Connection, area_id: str) -> str | None:
    """Return the boundary of an area as the kept JSON text, or None."""
    row = connection.execute(
        "SELECT geometry FROM area_boundaries WHERE area_id = ?", (area_id,)
    ).fetchone()
    return row["geometry"] if row else None


def find_boundary_source(connection: sqlite3.Connection, area_id: str) -> str | None:
    """Return the name of the file an area's boundary came from, or None."""
    row = connection.execute(
        "SELECT source FROM area_boundaries WHERE area_id = ?", (area_id,)
    ).fetchone()
    return row["source"] if row else None


def find_box(connection: sqlite3.Connection, area_id: str) -> Box | None:
    """Return the bounding box of an area's boundary, or None when it has no boundary."""
    row = connection.execute(
        "SELECT west_deg, south_deg, east_deg, north_deg FROM area_boundaries WHERE area_id = ?",
        (area_id,),
    ).fetchone()
    return Box(*row) if row else None


def list_bounded_ids(connection: sqlite3.Connection) -> set[str]:
    """Return the ids of the areas that have a boundary."""
    return {row["area_id"] for row in connection.execute("SELECT area_id FROM area_boundaries")}


def set_boundary(
    connection: sqlite3.Connection, area_id: str, geometry: str | None, source: str | None
) -> None:
    """Give an area this boundary (JSON text of a GeoJSON geometry), or none."""
    connection.execute("DELETE FROM area_boundaries WHERE area_id = ?", (area_id,))
    if geometry is not None:
        connection.execute(
            """
            INSERT INTO area_boundaries (area_id, geometry, west_deg, south_deg, east_deg,
              north_deg, source)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            (area_id, geometry, *bounding_box(json.loads(geometry)), source),
        )
