"""A small map of an area as SVG values: its boundary, the one around it, its point.

Drawn by us, so that it works without tiles and on paper. Equirectangular: true enough for one
regency.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from survey.domain.areas import Point
from survey.domain.geo import bounding_box, distance_m, list_polygons

WIDTH: Final = 600.0
"""Units of the drawing's wider side."""

MARGIN: Final = 12.0

POSITIONS: Final = 2_000
"""A drawing of more positions is thinned out: nobody sees them at this size."""


@dataclass(frozen=True, slots=True)
class AreaMap:
    """What the template draws: paths in the units of `view_box`, widths in metres."""

    view_box: str
    own: str
    around: str
    point: tuple[float, float] | None
    width_m: float
    height_m: float


def draw_area(
    boundary: Mapping[str, Any], around: Mapping[str, Any] | None, point: Point | None
) -> AreaMap:
    """Return the drawing of a boundary, with the one around it where it fits into the picture."""
    box = bounding_box(boundary)
    middle_deg = (box.south_deg + box.north_deg) / 2
    shrink = max(math.cos(math.radians(middle_deg)), 0.01)
    wide = max((box.east_deg - box.west_deg) * shrink, 1e-9)
    high = max(box.north_deg - box.south_deg, 1e-9)
    scale = (WIDTH - 2 * MARGIN) / max(wide, high)

    def place(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
        return (
            round(MARGIN + (longitude_deg - box.west_deg) * shrink * scale, 1),
            round(MARGIN + (box.north_deg - latitude_deg) * scale, 1),
        )

    def path(geometry: Mapping[str, Any]) -> str:
        rings = [ring for polygon in list_polygons(geometry) for ring in polygon]
        step = max(1, math.ceil(sum(map(len, rings)) / POSITIONS))
        return "".join(_ring_path([place(*p[:2]) for p in _thin(ring, step)]) for ring in rings)

    return AreaMap(
        f"0 0 {wide * scale + 2 * MARGIN:.0f} {high * scale + 2 * MARGIN:.0f}",
        path(boundary),
        path(around) if around else "",
        place(point.longitude_deg, point.latitude_deg) if point and point.of == "own" else None,
        distance_m(middle_deg, box.west_deg, middle_deg, box.east_deg),
        distance_m(box.south_deg, box.west_deg, box.north_deg, box.west_deg),
    )


def _thin(ring: Sequence[Sequence[float]], step: int) -> list[Sequence[float]]:
    """Return every n-th position, the last always, and never fewer than four."""
    fitting = min(step, max(1, (len(ring) - 1) // 3))
    return [*ring[:-1:fitting], ring[-1]]


def _ring_path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points[:-1]) + "Z"
