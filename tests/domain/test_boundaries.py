"""Distances from a point to the edge of a boundary."""

from __future__ import annotations

import math

import pytest

from survey.domain.boundaries import distance_to_boundary_m

SQUARE = [[101.1, -1.6], [101.3, -1.6], [101.3, -1.4], [101.1, -1.4], [101.1, -1.6]]
DEGREE_M = 111_195


@pytest.mark.parametrize(
    ("latitude", "longitude", "metres"),
    [
        (-1.3, 101.2, 0.1 * DEGREE_M),  # north of an edge
        (-1.5, 101.2, 0.1 * DEGREE_M),  # inside: the nearest edge
        (-1.4, 101.2, 0),  # on it
        (-1.3, 101.4, math.hypot(0.1, 0.1) * DEGREE_M),  # off a corner
    ],
)
def test_distance_to_the_nearest_edge(latitude: float, longitude: float, metres: float) -> None:
    polygon = {"type": "Polygon", "coordinates": [SQUARE]}
    many = {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[0, 0], [1, 0], [1, 1], [0, 0]]]]}
    for geometry in (polygon, many):
        found = distance_to_boundary_m(geometry, latitude, longitude)
        assert found == pytest.approx(metres, rel=0.01, abs=1)


def test_a_ring_that_is_one_point_is_that_point() -> None:
    geometry = {"type": "Polygon", "coordinates": [[[101, 0], [101, 0]]]}
    assert distance_to_boundary_m(geometry, 0.01, 101) == pytest.approx(0.01 * DEGREE_M, rel=0.01)


def test_a_boundary_without_an_edge_is_infinitely_far() -> None:
    assert distance_to_boundary_m({"type": "Polygon", "coordinates": [[]]}, 0, 0) == math.inf
