"""Questions about one visit: each on both sides of its threshold, with its evidence."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import pytest

from survey.domain.flag_rules import AreaFacts, Case, flag_visit
from survey.domain.flags import FLAGS, ODDITIES_SHOWN, Flag, describe_flag
from survey.domain.geo import bounding_box
from survey.domain.visit import (
    ChosenArea,
    ClaimedArea,
    Clock,
    Oddity,
    OriginalPhoto,
    Photo,
    Position,
    Reading,
    ServiceTest,
    Visit,
)

RECORD_ID = "01970000-0000-7000-8000-000000000001"
HERE = (-1.5, 101.2)
A_KM_NORTH = 1 / 111.195
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[101.1, -1.6], [101.3, -1.6], [101.3, -1.4], [101.1, -1.4], [101.1, -1.6]],
    ],
}
CASE = Case(
    received_at="2026-05-04T03:00:00.000Z",
    occurred_at="2026-05-04T02:14:41.003Z",
    time_problem=None,
    area=AreaFacts("j1"),
    chosen_known=True,
    campaign_id=None,
    campaign_known=False,
    record_id=RECORD_ID,
    seal_wrong=False,
    base_unknown=False,
)


def make_visit(**changes: Any) -> Visit:
    """A visit that raises no question."""
    visit = Visit(
        id=RECORD_ID,
        area=ChosenArea(id="j1"),
        clock=Clock(server_offset_ms=0),
        position=Position(*HERE, accuracy_m=6, method="averaged"),
        service_tests=[ServiceTest(operator="xl", result="voice")],
        power="on",
        saved_at="2026-05-04T02:14:41.003Z",
        utc_offset_min=420,
    )
    for name, value in changes.items():
        setattr(visit, name, value)
    return visit


def codes(visit: Visit, *oddities: Oddity, **case: Any) -> list[str]:
    return [flag.code for flag in flags(visit, *oddities, **case)]


def flags(visit: Visit, *oddities: Oddity, **case: Any) -> list[Flag]:
    return flag_visit(visit, oddities, CASE._replace(**case))


def reading(**values: Any) -> Visit:
    return make_visit(readings=[Reading(operator="xl", **values)])


def test_a_visit_as_it_should_be_raises_no_question() -> None:
    assert codes(make_visit()) == []


def test_each_odd_value_is_a_question_up_to_a_number() -> None:
    oddity = Oddity("note", "5", "wrong_type")
    assert flags(make_visit(), oddity) == [
        Flag("value.wrong_type", {"field": "note", "value": "5"})
    ]
    many = flags(make_visit(), *[oddity] * (ODDITIES_SHOWN + 3))
    assert len(many) == ODDITIES_SHOWN + 1
    assert many[-1] == Flag("value.more", {"count": 3})


@pytest.mark.parametrize("why", ["wrong_type", "out_of_range", "unknown_word", "too_long"])
def test_every_way_of_being_odd_has_its_question(why: Any) -> None:
    assert codes(make_visit(), Oddity("note", "5", why)) == [f"value.{why}"]


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (None, ["position.none"]),
        (Position(), ["position.none"]),
        (Position(latitude_deg=1), ["position.none"]),
        (Position(*HERE, accuracy_m=49.9), []),
        (Position(*HERE, accuracy_m=50), []),
        (Position(*HERE, accuracy_m=50.1), ["position.inaccurate"]),
        (Position(*HERE, accuracy_m=999.9), ["position.inaccurate"]),
        (Position(*HERE, accuracy_m=1_000), ["position.approximate"]),
        (Position(*HERE), ["position.accuracy_unknown"]),
        (Position(*HERE, method="manual", reason="langit tertutup"), ["position.manual"]),
        (Position(0, 0, accuracy_m=5), ["position.bogus"]),
        (Position(0, 0.001, accuracy_m=5), []),
    ],
)
def test_positions(position: Position | None, expected: list[str]) -> None:
    assert codes(make_visit(position=position)) == expected


def test_evidence_holds_the_value_and_the_threshold() -> None:
    (flag,) = flags(make_visit(position=Position(*HERE, accuracy_m=66)))
    assert flag.evidence == {"accuracy_m": 66, "limit_m": 50}


@pytest.mark.parametrize(
    ("offset_ms", "expected"),
    [
        (None, ["clock.unknown"]),
        (0, []),
        (599_999, []),
        (600_000, []),
        (600_001, ["clock.offset"]),
        (-600_000, []),
        (-600_001, ["clock.offset"]),
    ],
)
def test_clocks(offset_ms: float | None, expected: list[str]) -> None:
    assert codes(make_visit(clock=Clock(offset_ms))) == expected


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (Clock(None, None, "never"), ["clock.unknown"]),
        (Clock(0, None, "measured"), []),
        (Clock(None, None, "changed", -7_200_000), ["clock.changed"]),
        (Clock(0, None, "changed", 90_400_000), ["clock.changed"]),
        (Clock(-86_400_000, None, "changed"), ["clock.changed", "clock.offset"]),
        (Clock(0, None, "doubtful"), ["clock.doubtful"]),
        (Clock(None, None, "doubtful"), ["clock.unknown", "clock.doubtful"]),
        (Clock(-86_400_000, None, "measured"), ["clock.offset"]),
    ],
)
def test_what_the_phone_said_of_its_clock(clock: Clock, expected: list[str]) -> None:
    assert codes(make_visit(clock=clock)) == expected


def test_a_clock_that_was_set_says_by_how_much() -> None:
    (flag,) = flags(make_visit(clock=Clock(None, None, "changed", -7_200_400)))
    assert flag.evidence == {"step_s": -7200}
    assert "(by – s)" in describe_flag(FLAGS["clock.changed"], {"step_s": None})


def test_times_that_cannot_be() -> None:
    assert codes(make_visit(), time_problem="absurd") == ["time.absurd"]
    assert codes(make_visit(), time_problem="unknown") == ["time.unknown"]
    assert codes(make_visit(), time_problem="server") == ["time.server"]


@pytest.mark.parametrize(("kilometres", "expected"), [(4.99, []), (5.01, ["area.far"])])
def test_distance_from_the_areas_own_point(kilometres: float, expected: list[str]) -> None:
    area = AreaFacts("j1", HERE[0] + kilometres * A_KM_NORTH, HERE[1])
    assert codes(make_visit(), area=area) == expected


def test_an_area_without_a_point_is_far_from_nothing() -> None:
    assert codes(make_visit(position=Position(-8, 115, accuracy_m=5)), area=AreaFacts("j1")) == []


@pytest.mark.parametrize(
    ("latitude", "accuracy_m", "expected"),
    [
        (-1.5, 6, []),
        (-1.4 - A_KM_NORTH, 6, []),
        (-1.4 + 0.1 * A_KM_NORTH, 6, ["area.outside"]),
        (-1.4 + 0.03 * A_KM_NORTH, 40, []),  # its own uncertainty reaches the boundary
        (3.0, 6, ["area.outside"]),
    ],
)
@pytest.mark.parametrize("boxed", [True, False])
def test_boundaries(latitude: float, accuracy_m: float, expected: list[str], boxed: bool) -> None:
    area = AreaFacts(
        "j1",
        boundary=SQUARE,
        boundary_box=bounding_box(SQUARE) if boxed else None,
        boundary_of="Nagari Satu",
    )
    position = Position(latitude, 101.2, accuracy_m=accuracy_m, method="averaged")
    assert codes(make_visit(position=position), area=area) == expected


def test_how_far_outside_is_evidence() -> None:
    area = AreaFacts("j1", boundary=SQUARE, boundary_of="Nagari Satu")
    position = Position(-1.4 + 2 * A_KM_NORTH, 101.2, accuracy_m=6)
    (flag,) = flags(make_visit(position=position), area=area)
    assert flag.evidence == {"boundary_of": "Nagari Satu", "distance_m": 2000, "tolerance_m": 6}


@pytest.mark.parametrize(
    ("area", "known", "expected"),
    [
        (ChosenArea(id="gone"), False, ["area.unknown"]),
        (ChosenArea(id="j1"), True, ["area.none"]),  # the office took it away
        (ChosenArea(claimed=ClaimedArea(name="Pasia Baru")), False, ["area.claimed"]),
        (ChosenArea(), False, ["area.none"]),
    ],
)
def test_no_area(area: ChosenArea, known: bool, expected: list[str]) -> None:
    assert codes(make_visit(area=area), area=None, chosen_known=known) == expected


def test_a_claimed_area_that_the_office_mapped_is_no_question() -> None:
    assert codes(make_visit(area=ChosenArea(claimed=ClaimedArea(name="Pasia Baru")))) == []


def test_unknown_campaign() -> None:
    assert codes(make_visit(), campaign_id="c") == ["campaign.unknown"]
    assert codes(make_visit(), campaign_id="c", campaign_known=True) == []


@pytest.mark.parametrize(
    ("power", "result", "expected"),
    [
        ("off", "none", ["test.power_cut"]),
        ("off", "voice", []),
        ("on", "none", []),
        ("none", "none", []),
        (None, "none", []),
    ],
)
def test_none_during_a_power_cut(power: str | None, result: str, expected: list[str]) -> None:
    tests = [ServiceTest(operator="xl", result=result)]
    assert codes(make_visit(power=power, service_tests=tests)) == expected


def test_incomplete_and_untested() -> None:
    assert codes(make_visit(incomplete_reason="hujan")) == ["visit.incomplete"]
    assert codes(make_visit(service_tests=[])) == ["visit.no_tests"]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({"record_id": "other"}, "record.id_mismatch"),
        ({"seal_wrong": True}, "record.seal_wrong"),
        ({"base_unknown": True}, "record.base_unknown"),
    ],
)
def test_the_record_itself(case: dict[str, Any], code: str) -> None:
    assert codes(make_visit(), **case) == [code]


def photo(**values: Any) -> Visit:
    return make_visit(photos=[Photo(sha256="ab" * 32, original=OriginalPhoto(**values))])


@pytest.mark.parametrize(("kilometres", "expected"), [(0.99, []), (1.01, ["photo.far"])])
def test_photo_position_against_visit(kilometres: float, expected: list[str]) -> None:
    north = HERE[0] + kilometres * A_KM_NORTH
    assert codes(photo(exif_latitude_deg=north, exif_longitude_deg=HERE[1])) == expected
    assert codes(photo(exif_latitude_deg=north)) == []


@pytest.mark.parametrize(
    ("exif_time", "expected"),
    [
        (None, []),
        ("", []),
        ("2026:05:04 09:14:41", []),  # local time, seven hours ahead
        ("2026:05:03 09:14:42", []),
        ("2026:05:03 09:14:40", ["photo.time"]),
        ("2026:05:05 09:14:43", ["photo.time"]),
        ("2026-05-04T02:14:41Z", []),
        ("2020-05-04T02:14:41+07:00", ["photo.time"]),
        ("1999:99:99 00:00:00", []),
        ("0001:01:01 00:00:00", []),
        ("nonsense", []),
    ],
)
def test_photo_time_against_visit(exif_time: str | None, expected: list[str]) -> None:
    assert codes(photo(exif_time=exif_time)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"technology": "lte", "rsrp_dbm": -140}, []),
        ({"technology": "lte", "rsrp_dbm": -140.5}, ["reading.technology_range"]),
        ({"technology": "lte", "rsrp_dbm": -43}, []),
        ({"technology": "lte", "rsrp_dbm": -42}, ["reading.technology_range"]),
        ({"technology": "nr_sa", "rsrp_dbm": -150}, []),
        ({"technology": "gsm", "rsrp_dbm": -100}, ["reading.foreign_quantity"]),
        ({"technology": None, "rsrp_dbm": -156}, []),
        ({"technology": "gsm", "rssi_dbm": -51}, ["reading.bogus"]),
        ({"technology": "gsm", "rssi_dbm": -52}, []),
        ({"technology": "nr_nsa", "rsrp_dbm": -44, "rsrq_db": -3}, ["reading.bogus"]),
        ({"technology": "nr_nsa", "rsrp_dbm": -44}, ["reading.bogus"]),
        ({"technology": "nr_nsa", "rsrp_dbm": -44, "rsrq_db": -11}, []),
        ({"technology": "lte", "rsrp_dbm": -95, "rssi_dbm": -95}, ["reading.bogus"]),
        ({"technology": "lte", "rsrp_dbm": -95, "rssi_dbm": -70}, []),
        ({"technology": "lte", "rsrp_dbm": -120, "bars": 1}, []),
        ({"technology": "lte", "rsrp_dbm": -120, "bars": 2}, []),
        ({"technology": "lte", "rsrp_dbm": -120, "bars": 3}, ["reading.bars"]),
        ({"technology": "lte", "rsrp_dbm": -84, "bars": 5}, []),
        ({"technology": "lte", "rsrp_dbm": -84, "bars": 2}, ["reading.bars"]),
        ({"technology": "lte", "bars": 4}, []),
        ({"technology": "gsm", "rssi_dbm": -60, "bars": 0}, ["reading.bars"]),
        (
            {"technology": "wcdma", "rscp_dbm": -120, "ecno_db": -24, "bars": 0},
            ["reading.switched_off"],
        ),
        ({"technology": "lte", "rsrp_dbm": -108, "raw_text": "-108 dBm 32 asu"}, []),
        ({"technology": "nr_sa", "rsrp_dbm": -32, "raw_text": "32 ASU"}, ["reading.asu"]),
        ({"technology": "nr_sa", "rsrp_dbm": -32, "raw_text": "32 dBm"}, []),
        ({"technology": "nr_sa", "rsrp_dbm": -32, "raw_text": "asu"}, []),
        ({"technology": "nr_sa", "rsrp_dbm": -32, "raw_text": "٣٢ asu"}, []),
    ],
)
def test_readings(values: dict[str, Any], expected: list[str]) -> None:
    assert codes(reading(**values)) == expected


@pytest.mark.parametrize(
    ("value", "asu"),
    [("0", True), ("97", True), ("98", False), ("-32", True), ("-33", False), ("{…}", False)],
)
def test_an_out_of_range_level_that_could_be_asu(value: str, asu: bool) -> None:
    visit = reading(technology="lte", raw_text="32 asu")
    found = codes(visit, Oddity("readings[0].rsrp_dbm", value, "out_of_range"))
    assert ("reading.asu" in found) == asu


def test_asu_is_asked_of_the_reading_it_stands_in() -> None:
    visit = make_visit(readings=[Reading(technology="lte"), Reading(technology="lte")])
    found = flags(visit, Oddity("readings[1].rsrp_dbm", "32", "out_of_range"))
    assert [flag.evidence["reading"] for flag in found if flag.code == "reading.asu"] == [1]


def test_every_placeholder_of_a_question_is_in_its_evidence_or_shows_as_a_dash() -> None:
    for text in FLAGS.values():
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert describe_flag(text, {}).count("–") == len(names)
        words = describe_flag(text, {name: f"<{name}>" for name in names})
        assert all(f"<{name}>" in words for name in names)


def test_lists_in_evidence_read_as_lists() -> None:
    assert describe_flag(FLAGS["test.power_cut"], {"operators": ["xl", "tri"]}).startswith(
        "No signal was found during a power cut: xl, tri."
    )


def test_questions_come_in_a_lasting_order() -> None:
    visit = make_visit(position=None, service_tests=[], incomplete_reason="hujan")
    visit = replace(visit, clock=Clock())
    expected = ["position.none", "clock.unknown", "visit.no_tests", "visit.incomplete"]
    assert codes(visit) == expected
