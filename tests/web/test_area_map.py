"""The drawing of a boundary: in its box, true in shape, never too many points."""

from __future__ import annotations

import math
import re
from typing import Any

from survey.domain.areas import Point
from survey.web.area_map import POSITIONS, WIDTH, draw_area


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def size(view_box: str) -> tuple[float, float]:
    _, _, width, height = map(float, view_box.split())
    return width, height


def test_a_square_on_the_equator_is_drawn_square() -> None:
    drawn = draw_area(rectangle(101, -0.1, 101.2, 0.1), None, None)
    width, height = size(drawn.view_box)
    assert abs(width - height) <= 1
    assert abs(drawn.width_m - 22_239) < 1


def test_far_from_the_equator_degrees_of_longitude_shrink() -> None:
    width, height = size(draw_area(rectangle(10, 59.9, 10.2, 60.1), None, None).view_box)
    assert abs(width / height - 0.5) < 0.03


def test_north_is_up_and_the_point_lies_where_it_should() -> None:
    drawn = draw_area(rectangle(101, -1, 102, 0), None, Point(-0.25, 101.5, "own"))
    width, height = size(drawn.view_box)
    assert drawn.point is not None
    assert abs(drawn.point[0] - width / 2) < 1
    assert drawn.point[1] < height / 2


def test_a_parents_point_is_not_drawn_as_the_areas_own() -> None:
    assert draw_area(rectangle(1, 1, 2, 2), None, Point(1.5, 1.5, "parent")).point is None


def test_a_boundary_of_very_many_positions_is_thinned_out_and_stays_closed() -> None:
    steps = 50_000
    ring = [
        [101 + math.cos(2 * math.pi * i / steps), math.sin(2 * math.pi * i / steps)]
        for i in range(steps)
    ]
    drawn = draw_area({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}, None, None)
    assert drawn.own.count("L") <= POSITIONS
    assert drawn.own.count("L") > POSITIONS / 3
    assert drawn.own.endswith("Z")


def test_small_islands_keep_their_corners_however_much_is_thinned_out() -> None:
    big = [[math.cos(i / 1_000), math.sin(i / 1_000)] for i in range(6_000)]
    island = [[3, 3], [3.1, 3], [3.1, 3.1], [3, 3]]
    geometry = {"type": "MultiPolygon", "coordinates": [[[*big, big[0]]], [island]]}
    last = draw_area(geometry, None, None).own.rsplit("M", 1)[1]
    assert len(re.findall("L", last)) == 2


def test_an_area_without_extent_is_drawn_all_the_same() -> None:
    drawn = draw_area(rectangle(1, 1, 1, 1), rectangle(0, 0, 2, 2), None)
    assert max(size(drawn.view_box)) <= WIDTH
    assert drawn.around.startswith("M")
