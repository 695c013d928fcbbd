"""Boundaries as GeoJSON: geometries are checked, never repaired."""

from __future__ import annotations

import json
from typing import Any

import pytest

from survey.formats.area_files import read_area_file

RING = [[101.0, -1.0], [101.2, -1.0], [101.2, -0.8], [101.0, -1.0]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}


def feature(geometry: Any = POLYGON, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties or {"kemendagri_code": "99.01.01.2001"},
        "geometry": geometry,
    }


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def faults(content: bytes) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in read_area_file(content).faults]


def test_a_boundary_is_kept_as_it_is() -> None:
    (line,) = read_area_file(
        collection(feature(code="99.01.01.2001", name="Koto", type="Nagari", kecamatan="Hulu"))
    ).boundaries
    assert line.geometry == json.loads(line.text) == POLYGON
    assert (line.codes, line.name, line.level, line.parent) == (
        ("99.01.01.2001",),
        "Koto",
        "nagari",
        "Hulu",
    )


def test_codes_come_surest_first_and_each_once() -> None:
    content = feature(code="9901010001", kemendagri_code="99.01.01.2001", name="Koto")
    (line,) = read_area_file(collection({**content, "id": 9901010001})).boundaries
    assert line.codes == ("99.01.01.2001", "9901010001")


def test_heights_are_left_out() -> None:
    with_heights = {"type": "Polygon", "coordinates": [[[*p, 250.0] for p in RING]]}
    (line,) = read_area_file(collection(feature(with_heights))).boundaries
    assert line.geometry == json.loads(line.text) == POLYGON


def test_a_single_feature_and_a_multipolygon_are_taken() -> None:
    islands = {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}
    read = read_area_file(json.dumps(feature(islands)).encode())
    assert read.faults == []
    assert read.boundaries[0].geometry == islands


def test_bom_before_the_json_is_taken() -> None:
    assert faults(b"\xef\xbb\xbf" + collection(feature())) == []


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"])
def test_wgs84_may_be_named(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert faults(collection(feature(), crs=crs)) == []


def test_another_reference_system_is_refused() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32747"}}
    assert faults(collection(feature(), crs=crs)) == [(0, "crs")]


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        [],
        {"type": "Point", "coordinates": [101, -1]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [RING[:3]]},
        {"type": "Polygon", "coordinates": [[RING[0], RING[1], RING[0]]]},
        {"type": "Polygon", "coordinates": [5]},
        {"type": "Polygon", "coordinates": [[5, 5, 5, 5]]},
        {"type": "Polygon", "coordinates": [[["101", "-1"]] * 4]},
        {"type": "Polygon", "coordinates": [[[True, False]] * 4]},
        {"type": "Polygon", "coordinates": [[[101]] * 4]},
        {"type": "Polygon", "coordinates": [[[-1.0, 101.0]] * 4]},
        {"type": "Polygon", "coordinates": [[[658000.0, 9832000.0]] * 4]},
        {"type": "Polygon", "coordinates": [[[10**400, 0]] * 4]},
        {"type": "MultiPolygon", "coordinates": [RING]},
        {"type": "MultiPolygon", "coordinates": [[]]},
    ],
)
def test_an_unfit_geometry_is_a_fault_of_its_feature(geometry: Any) -> None:
    assert faults(collection(feature(), feature(geometry))) == [(2, "geometry")]


def test_position_on_the_edge_of_the_world_is_taken() -> None:
    ring = [[-180, -90], [180, -90], [180, 90], [-180, -90]]
    assert faults(collection(feature({"type": "Polygon", "coordinates": [ring]}))) == []


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"type": "FeatureCollection", "features": [', (1, "")),
        (b'{"type": "Topology"}', (0, "")),
        (b"[1, 2]", (0, "")),
        (b'{"type": "FeatureCollection", "features": []}', (0, "")),
        (collection(5), (1, "")),
        (collection({"type": "Feature", "properties": 5, "geometry": POLYGON}), (1, "properties")),
        (collection({**feature(), "properties": {}}), (1, "properties")),
        (
            collection({**feature(), "properties": {"id": True, "name": "\u202e"}}),
            (1, "properties"),
        ),
        (b'{"type": "FeatureCollection", "features": [NaN]}', (0, "")),
        (b'{"type": "FeatureCollection", "features": [' + b"1" * 5000 + b"]}", (0, "")),
        (b"[" * 100_000, (0, "")),
    ],
)
def test_what_is_no_geojson_is_told(content: bytes, place: tuple[int, str]) -> None:
    assert faults(content) == [place]
