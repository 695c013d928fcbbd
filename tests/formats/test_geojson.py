from __future__ import annotations

import json
from typing import Any

import pytest

from survey.domain.exports import ExportedVisit, Extent
from survey.formats.geojson import TAIL, geojson_features, geojson_head
from tests.exported import make_exported_visit


def write(*visits: ExportedVisit, demo: bool = False, personal: bool = False) -> dict[str, Any]:
    extent = Extent()
    for visit in visits:
        extent.add_visit(visit)
    body = "".join(geojson_features(visits, personal=personal))
    collection: dict[str, Any] = json.loads(geojson_head("Visits", extent, demo=demo) + body + TAIL)
    return collection


def test_a_visit_is_a_feature_with_longitude_first() -> None:
    (feature,) = write(make_exported_visit())["features"]

    assert feature["type"] == "Feature"
    assert feature["id"] == "01970000-0000-7000-8000-000000000001"
    assert feature["geometry"] == {
        "type": "Point",
        "coordinates": [101.243342, -1.541671, 431.0],
    }


def test_a_visit_without_position_has_a_null_geometry() -> None:
    collection = write(make_exported_visit(latitude_deg=None, longitude_deg=None))

    assert collection["features"][0]["geometry"] is None
    assert "bbox" not in collection


def test_altitude_is_left_out_when_unknown() -> None:
    (feature,) = write(make_exported_visit(altitude_m=None))["features"]

    assert feature["geometry"]["coordinates"] == [101.243342, -1.541671]


def test_the_box_holds_every_point_as_west_south_east_north() -> None:
    collection = write(
        make_exported_visit(), make_exported_visit(latitude_deg=-1.2, longitude_deg=101.1)
    )

    assert collection["bbox"] == [101.1, -1.541671, 101.243342, -1.2]
    assert "crs" not in collection


def test_tests_and_readings_are_properties_without_empty_values() -> None:
    properties = write(make_exported_visit())["features"][0]["properties"]

    assert properties["service_tests"][0]["result"] == "none"
    assert properties["service_tests"][0]["airplane_toggled"] is False
    assert properties["readings"][0]["rsrp_dbm"] == -108
    assert "sinr_db" not in properties["readings"][0]
    assert properties["nagari"] == {
        "id": "13.11.01.2001",
        "name": "Lubuk Gadang",
        "code": "13.11.01.2001",
    }


def test_an_empty_collection_is_valid() -> None:
    assert write()["features"] == []


def test_as_of_is_the_newest_change() -> None:
    collection = write(
        make_exported_visit(changed_at="2026-05-06T00:00:00.000Z"), make_exported_visit()
    )

    assert collection["as_of"] == "2026-05-06T00:00:00.000Z"


def test_demo_data_says_so() -> None:
    assert write(demo=True)["demo"] is True
    assert "demo" not in write()


@pytest.mark.parametrize("personal", [False, True])
def test_personal_properties_stand_only_where_asked_for(personal: bool) -> None:
    visit = make_exported_visit(officer_name="Rina", companions=["Uni"])
    properties = write(visit, personal=personal)["features"][0]["properties"]

    assert ("companions" in properties) is personal
    assert ("officer_username" in properties) is personal
