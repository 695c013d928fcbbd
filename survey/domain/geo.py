"""Distances, directions and containment on the earth, in WGS 84 degrees and metres.

A geometry is a GeoJSON Polygon or MultiPolygon as plain dicts and lists (longitude first).
A sphere is good to 0.5 %, enough for every question asked here. Knows nothing of areas.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

EARTH_RADIUS_M: Final = 6_371_008.8

Ring = Sequence[Sequence[float]]
"""Positions [longitude, latitude, ...]; the last repeats the first."""


class Box(NamedTuple):
    """A bounding box in degrees; `west` <= `east`, so nothing that crosses 180 degrees."""

    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float

    def holds(self, latitude_deg: float, longitude_deg: float) -> bool:
        """Tell whether a point lies in the box or on its edge."""
        return (
            self.south_deg <= latitude_deg <= self.north_deg
            and self.west_deg <= longitude_deg <= self.east_deg
        )


def distance_m(
    latitude_deg: float, longitude_deg: float, other_latitude_deg: float, other_longitude_deg: float
) -> float:
    """Return the great-circle distance of two points in metres (haversine)."""
    phi, other_phi = math.radians(latitude_deg), math.radians(other_latitude_deg)
    half_phi = (other_phi - phi) / 2
    half_lambda = math.radians(other_longitude_deg - longitude_deg) / 2
    h = math.sin(half_phi) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def bearing_deg(
    latitude_deg: float, longitude_deg: float, other_latitude_deg: float, other_longitude_deg: float
) -> float:
    """Return the direction in which the other point lies: 0 is north, 90 east, below 360."""
    phi, other_phi = math.radians(latitude_deg), math.radians(other_latitude_deg)
    delta = math.radians(other_longitude_deg - longitude_deg)
    y = math.sin(delta) * math.cos(other_phi)
    x = math.cos(phi) * math.sin(other_phi) - math.sin(phi) * math.cos(other_phi) * math.cos(delta)
    bearing = math.degrees(math.atan2(y, x)) % 360
    return bearing if bearing < 360 else 0.0  # -1e-20 % 360 rounds to 360


def list_polygons(geometry: Mapping[str, Any]) -> list[Sequence[Ring]]:
    """Return the polygons of a geometry, each an outer ring and its holes."""
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else list(coordinates)


def list_positions(geometry: Mapping[str, Any]) -> Iterator[Sequence[float]]:
    """Yield every position of every ring."""
    for polygon in list_polygons(geometry):
        for ring in polygon:
            yield from ring


def bounding_box(geometry: Mapping[str, Any]) -> Box:
    """Return the smallest box around a geometry; an empty one raises ValueError."""
    positions = list(list_positions(geometry))
    longitudes = [position[0] for position in positions]
    latitudes = [position[1] for position in positions]
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def point_in_polygon(
    geometry: Mapping[str, Any], latitude_deg: float, longitude_deg: float
) -> bool:
    """Tell whether a point lies inside a geometry (even-odd rule, holes are outside).

    A point exactly on an edge may fall on either side: boundary sources differ by far more.
    """
    return any(
        _crossings(polygon, latitude_deg, longitude_deg) % 2 == 1
        for polygon in list_polygons(geometry)
    )


def _crossings(polygon: Sequence[Ring], latitude_deg: float, longitude_deg: float) -> int:
    """Count how often a ray to the east crosses the rings of one polygon."""
    count = 0
    for ring in polygon:
        for start, end in itertools.pairwise(ring):
            if (start[1] > latitude_deg) == (end[1] > latitude_deg):
                continue
            share = (latitude_deg - start[1]) / (end[1] - start[1])
            if longitude_deg < start[0] + share * (end[0] - start[0]):
                count += 1
    return count
