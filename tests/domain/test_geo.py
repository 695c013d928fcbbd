"""Distances, directions and containment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.domain.geo import Box, bearing_deg, bounding_box, distance_m, point_in_polygon

SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[101.0, -1.5], [101.4, -1.5], [101.4, -1.1], [101.0, -1.1], [101.0, -1.5]],
        [[101.1, -1.4], [101.2, -1.4], [101.2, -1.3], [101.1, -1.3], [101.1, -1.4]],
    ],
}
TWO_ISLANDS = {
    "type": "MultiPolygon",
    "coordinates": [
        SQUARE["coordinates"],
        [[[102.0, 0.0], [102.1, 0.0], [102.0, 0.1], [102.0, 0.0]]],
    ],
}
latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def test_one_degree_of_a_meridian_is_111_2_kilometres() -> None:
    assert distance_m(-1.0, 101.0, -2.0, 101.0) == pytest.approx(111_195, abs=1)


def test_antipodes_are_half_the_circumference_apart() -> None:
    assert distance_m(0, 0, 0, 180) == pytest.approx(20_015_115, abs=1)


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_symmetric_and_never_negative(
    lat: float, lon: float, other_lat: float, other_lon: float
) -> None:
    there = distance_m(lat, lon, other_lat, other_lon)
    assert there >= 0
    assert there == pytest.approx(distance_m(other_lat, other_lon, lat, lon), abs=1e-3)


@pytest.mark.parametrize(
    ("lat", "lon", "bearing"),
    [(-1.0, 101.0, 0), (-1.5, 101.5, 90), (-2.0, 101.0, 180), (-1.5, 100.5, 270)],
)
def test_bearing_of_the_four_winds(lat: float, lon: float, bearing: float) -> None:
    assert bearing_deg(-1.5, 101.0, lat, lon) == pytest.approx(bearing, abs=0.1)


@given(latitudes, longitudes, latitudes, longitudes)
def test_bearing_stays_within_the_circle(
    lat: float, lon: float, other_lat: float, other_lon: float
) -> None:
    assert 0 <= bearing_deg(lat, lon, other_lat, other_lon) < 360


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [
        (-1.2, 101.3, True),
        (-1.35, 101.15, False),
        (-1.6, 101.2, False),
        (-1.2, 100.9, False),
        (0.02, 102.02, False),
    ],
)
def test_point_in_polygon_leaves_holes_out(lat: float, lon: float, inside: bool) -> None:
    assert point_in_polygon(SQUARE, lat, lon) is inside


def test_point_in_any_part_of_a_multipolygon_is_inside() -> None:
    assert point_in_polygon(TWO_ISLANDS, 0.02, 102.02)
    assert not point_in_polygon(TWO_ISLANDS, 0.09, 102.09)


def test_bounding_box_spans_all_parts() -> None:
    assert bounding_box(TWO_ISLANDS) == Box(101.0, -1.5, 102.1, 0.1)


def test_box_holds_its_own_edge_and_nothing_beyond() -> None:
    box = bounding_box(SQUARE)
    assert box.holds(-1.5, 101.0)
    assert not box.holds(-1.5001, 101.0)
    assert not box.holds(-1.5, 101.4001)
