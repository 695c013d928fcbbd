"""What projecting a visit needs of areas, boundaries and campaigns: a few lookups a batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
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


_PLACES = """
WITH RECURSIVE wanted (id) AS (
  SELECT value FROM json_each(?)
  UNION SELECT areas.parent_id FROM wanted JOIN areas ON areas.id = wanted.id
    WHERE areas.parent_id IS NOT NULL
  UNION SELECT areas.merged_into FROM wanted JOIN areas ON areas.id = wanted.id
    WHERE areas.merged_into IS NOT NULL
)
SELECT areas.id, areas.name, areas.level, areas.parent_id, areas.merged_into,
  areas.latitude_deg, areas.longitude_deg,
  area_boundaries.west_deg, area_boundaries.south_deg, area_boundaries.east_deg,
  area_boundaries.north_deg
FROM wanted JOIN areas ON areas.id = wanted.id
LEFT JOIN area_boundaries ON area_boundaries.area_id = areas.id
"""


def list_places(connection: sqlite3.Connection, area_ids: Collection[str]) -> dict[str, Place]:
    """Return some areas by id, with those above them and those they were merged into."""
    places = {}
    for row in connection.execute(_PLACES, (json.dumps(list(area_ids)),)):
        (area_id, name, level, parent_id, merged_into, latitude, longitude, *edges) = row
        box = Box(*edges) if edges[0] is not None else None
        places[area_id] = Place(
            area_id, name, level, parent_id, merged_into, latitude, longitude, box
        )
    return places


def list_campaign_practice(
    connection: sqlite3.Connection, campaign_ids: Collection[str]
) -> dict[str, bool]:
    """Return which of some campaigns are known, and whether each is the practice campaign."""
    rows = connection.execute(
        "SELECT id, practice FROM campaigns WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(campaign_ids)),),
    )
    return {row[0]: bool(row[1]) for row in rows}
