"""What projecting a visit needs of areas, boundaries and campaigns, one lookup each."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from survey.domain.geo import Box


class Place(NamedTuple):
    """One area as a visit sees it; the box is that of its boundary, when it has one."""

    id: str
    name: str
    level: str
    parent_id: str | None
    merged_into: str | None
    latitude_deg: float | None
    longitude_deg: float | None
    box: Box | None


_PLACE = """
SELECT areas.id, areas.name, areas.level, areas.parent_id, areas.merged_into,
  areas.latitude_deg, areas.longitude_deg,
  area_boundaries.west_deg, area_boundaries.south_deg, area_boundaries.east_deg,
  area_boundaries.north_deg
FROM areas LEFT JOIN area_boundaries ON area_boundaries.area_id = areas.id
WHERE areas.id = ?
"""


def find_place(connection: sqlite3.Connection, area_id: str) -> Place | None:
    """Return one area, or None."""
    row = connection.execute(_PLACE, (area_id,)).fetchone()
    if row is None:
        return None
    (found_id, name, level, parent_id, merged_into, latitude, longitude, *edges) = row
    box = Box(*edges) if edges[0] is not None else None
    return Place(found_id, name, level, parent_id, merged_into, latitude, longitude, box)


def find_campaign_practice(connection: sqlite3.Connection, campaign_id: str) -> bool | None:
    """Return whether a campaign is the practice one; None when it is not known."""
    row = connection.execute(
        "SELECT practice FROM campaigns WHERE id = ?", (campaign_id,)
    ).fetchone()
    return None if row is None else bool(row[0])
