from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import gpxpy
import pytest

from survey.domain.exports import AreaPath, ExportedVisit, Extent, Segment
from survey.formats.catalogue import Catalogue
from survey.formats.gpx import (
    SURVEY_NAMESPACE,
    TAIL,
    escape,
    escape_attribute,
    gpx_head,
    gpx_track,
    gpx_waypoints,
)
from survey.formats.visit_words import Words, describe_visit
from tests.exported import make_exported_visit
from tests.gpx_rules import GPX, check_gpx

WORDS = Words(Catalogue("en"), {"telkomsel": "Telkomsel", "xl": "XL / AXIS"})
NAMES = {"gpx": GPX, "sig": SURVEY_NAMESPACE}
SEGMENT = Segment(
    time_ms=[1_777_860_881_003, 1_777_860_886_000],
    latitude_e6=[-1_541_671, -1_541_700],
    longitude_e6=[101_243_342, 101_243_400],
    altitude_dm=[4310, None],
    accuracy_dm=[62, None],
)


def write(
    *visits: ExportedVisit, segments: list[Segment] | None = None, name: str = "Visits"
) -> bytes:
    extent = Extent()
    for visit in visits:
        extent.add_visit(visit)
    for segment in segments or []:
        extent.add_segment(segment)
    body = [*gpx_waypoints(visits, WORDS), *gpx_track("2026-05-04 petugas-1", segments or [])]
    return (gpx_head(name, "All of them", "Us", extent) + "".join(body) + TAIL).encode()


def test_a_file_of_visits_and_tracks_follows_the_schema() -> None:
    root = check_gpx(write(make_exported_visit(), segments=[SEGMENT, SEGMENT]))

    assert len(root.findall("gpx:wpt", NAMES)) == 1
    assert len(root.findall("gpx:trk/gpx:trkseg", NAMES)) == 2


def test_an_empty_file_follows_the_schema() -> None:
    root = check_gpx(write())

    assert root.find("gpx:metadata/gpx:time", NAMES) is None
    assert root.find("gpx:metadata/gpx:bounds", NAMES) is None
    assert root.find("gpx:trk", NAMES) is None


def test_every_field_unset_follows_the_schema() -> None:
    bare = make_exported_visit(
        area=AreaPath(),
        altitude_m=None,
        accuracy_m=None,
        fixes=None,
        place_kind=None,
        setting=None,
        power=None,
        usually_signal=None,
        position_method=None,
        operator_classes={},
        service_tests=[],
        readings=[],
        photos=[],
        services_failing=[],
    )

    root = check_gpx(write(bare))

    assert root.findtext("gpx:wpt/gpx:name", None, NAMES) == bare.id


def test_a_waypoint_says_where_when_and_what_class() -> None:
    root = check_gpx(write(make_exported_visit()))
    point = root.find("gpx:wpt", NAMES)

    assert point is not None
    assert (point.get("lat"), point.get("lon")) == ("-1.541671", "101.243342")
    assert point.findtext("gpx:ele", None, NAMES) == "431"
    assert point.findtext("gpx:time", None, NAMES) == "2026-05-04T02:14:41.003Z"
    assert point.findtext("gpx:name", None, NAMES) == "Bukit Malintang"
    assert point.findtext("gpx:type", None, NAMES) == "D"
    assert point.findtext("gpx:sym", None, NAMES) == "Navaid, Green"


def test_tests_and_readings_stand_in_the_namespace_of_the_project() -> None:
    root = check_gpx(write(make_exported_visit()))
    visit = root.find("gpx:wpt/gpx:extensions/sig:visit", NAMES)

    assert visit is not None
    assert visit.get("state") == "received"
    assert visit.findtext("sig:accuracy_m", None, NAMES) == "6.2"
    assert visit.findtext("sig:jorong", None, NAMES) == "13.11/j0042"
    test = visit.find("sig:service_test", NAMES)
    assert test is not None
    assert test.attrib == {
        "operator": "telkomsel",
        "result": "none",
        "proof": "quick",
        "handset": "own",
        "sim_slot": "1",
        "waited_s": "20",
        "at": "2026-05-04T02:12:40.000Z",
    }
    reading = visit.find("sig:reading", NAMES)
    assert reading is not None
    assert (reading.get("rsrp_dbm"), reading.get("rsrq_db")) == ("-108", "-12.5")


def test_a_visit_without_position_is_no_waypoint() -> None:
    root = check_gpx(write(make_exported_visit(latitude_deg=None, longitude_deg=None)))

    assert root.find("gpx:wpt", NAMES) is None


def test_the_description_is_for_people() -> None:
    text = describe_visit(make_exported_visit(note="jembatan putus"), WORDS)

    assert "Jorong Bukit Malintang, Nagari Lubuk Gadang, District Sangir" in text
    assert "Telkomsel: No signal, quick" in text
    assert "XL / AXIS: 4G (LTE), RSRP -108 dBm, RSRQ -12.5 dB, 1 bars" in text
    assert "Position accurate to 6.2 m" in text
    assert "Status: Received" in text
    assert "Note: jembatan putus" in text


def test_braces_in_a_note_are_only_text() -> None:
    assert "Note: {n} {0}" in describe_visit(make_exported_visit(note="{n} {0}"), WORDS)


def test_a_claimed_place_is_named_as_spoken() -> None:
    visit = make_exported_visit(area=AreaPath(), area_id=None, claimed_name="Lubuak Aluang")
    root = check_gpx(write(visit))

    assert root.findtext("gpx:wpt/gpx:name", None, NAMES) == "Lubuak Aluang"
    assert root.findtext(".//sig:claimed_area", None, NAMES) == "Lubuak Aluang"


@pytest.mark.parametrize("text", ["<&>\"'", "]]>", "a\x00b\x1bc\ufffe", "ré ☂ 𝕏", "a\r\nb\tc"])
def test_any_text_gives_a_readable_file(text: str) -> None:
    visit = make_exported_visit(note=text, claimed_name=text)
    visit.service_tests[0].operator = text
    root = check_gpx(write(visit, segments=[SEGMENT], name=text))

    note = root.findtext(".//sig:note", None, NAMES)
    test = root.find(".//sig:service_test", NAMES)
    assert test is not None
    expected = text.replace("\x00", "\ufffd").replace("\x1b", "\ufffd").replace("\ufffe", "\ufffd")
    assert note == expected
    assert test.get("operator") == expected


def test_escaping_agrees_with_a_parser_for_every_character() -> None:
    for code in [*range(0x20, 0x300), 0x9, 0xA, 0xD, 0xD7FF, 0xE000, 0xFFFD, 0x1F600]:
        text = f"x{chr(code)}y"
        element = ElementTree.fromstring(f'<a b="{escape_attribute(text)}">{escape(text)}</a>')
        assert (element.text, element.get("b")) == (text, text), hex(code)


def test_longitude_180_is_written_as_the_schema_wants_it() -> None:
    root = check_gpx(write(make_exported_visit(longitude_deg=180.0)))

    point = root.find("gpx:wpt", NAMES)
    assert point is not None
    assert point.get("lon") == "-180"


def test_bounds_hold_waypoints_and_track_points() -> None:
    root = check_gpx(write(make_exported_visit(), segments=[SEGMENT]))

    bounds = root.find("gpx:metadata/gpx:bounds", NAMES)
    assert bounds is not None
    assert bounds.attrib == {
        "minlat": "-1.5417",
        "minlon": "101.243342",
        "maxlat": "-1.541671",
        "maxlon": "101.2434",
    }


def test_gpxpy_reads_the_same_points_and_times() -> None:
    visit = make_exported_visit()
    other = gpxpy.parse(write(visit, segments=[SEGMENT]))

    assert (other.waypoints[0].latitude, other.waypoints[0].longitude) == (
        visit.latitude_deg,
        visit.longitude_deg,
    )
    points = other.tracks[0].segments[0].points
    assert [(point.latitude, point.longitude) for point in points] == [
        (-1.541671, 101.243342),
        (-1.5417, 101.2434),
    ]
    assert [round(point.time.timestamp() * 1000) for point in points] == SEGMENT.time_ms
    assert [point.elevation for point in points] == [431.0, None]


def test_a_track_point_keeps_its_accuracy_in_metres() -> None:
    root = check_gpx(write(segments=[SEGMENT]))

    accuracies = [
        point.findtext("gpx:extensions/sig:accuracy_m", None, NAMES)
        for point in root.iterfind(".//gpx:trkpt", NAMES)
    ]
    assert accuracies == ["6.2", None]


def test_a_segment_without_points_is_left_out() -> None:
    empty = Segment([], [], [], [], [])
    root = check_gpx(write(segments=[empty, SEGMENT, empty]))

    assert len(root.findall(".//gpx:trkseg", NAMES)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        ("<time>", "<time>about "),
        ("<ele>431</ele>", ""),
        ('lat="-1.541671" lon', 'lat="-91" lon'),
        ("<sig:visit", "<visit"),
        ("<sym>", "<hdop>6</hdop><sym>"),
    ],
)
def test_the_schema_check_finds_faults(fault: tuple[str, str], tmp_path: Path) -> None:
    text = write(make_exported_visit()).decode()
    if fault[1] == "":  # an element moved to a wrong place
        text = text.replace(fault[0], "", 1).replace("</name><desc>", f"</name>{fault[0]}<desc>")
    elif fault[0] == "<sig:visit":
        text = text.replace("sig:visit", "visit")
    else:
        text = text.replace(*fault)
    path = tmp_path / "faulty.gpx"
    path.write_text(text, "utf-8")

    with pytest.raises(AssertionError):
        check_gpx(path)


def test_a_track_over_the_date_line_is_written_as_the_schema_wants_it() -> None:
    segment = Segment([0, 1], [0, 0], [179_999_999, 180_000_000], [None, None], [None, None])
    text = "".join(gpx_track("x", [segment]))

    assert 'lon="179.999999"' in text
    assert 'lon="-180.000000"' in text
