"""Track parts: deltas on the wire, packed in the store, segments for exports."""

from __future__ import annotations

import json
import random
import zlib
from typing import Any

import pytest

from survey.domain.exports import Segment
from survey.domain.limits import TRACK_PART_POINTS
from survey.domain.track import COLUMN_LIMITS, TrackColumns, TrackPart, iter_segments
from survey.domain.visit import Oddity
from survey.formats.payloads import read_payload
from survey.formats.tracks import pack_part, read_segments, unpack_part

TRACK_ID = "01970000-0000-7000-8000-000000000001"
START_MS = 1_777_860_669_120


def make_part(points: int = 3, **changes: Any) -> dict[str, Any]:
    """A part as static/core/track.js encodes it: one point a second, walking north."""
    columns = {
        "time_ms": [START_MS] + [1_000] * (points - 1),
        "latitude_e6": [-1_541_671] + [12] * (points - 1),
        "longitude_e6": [101_243_342] + [-7] * (points - 1),
        "altitude_dm": [4_310] + [2] * (points - 1),
        "accuracy_dm": [62] + [0] * (points - 1),
    }
    columns |= changes.pop("columns", {})
    part = {"id": TRACK_ID[:-1] + "2", "track_id": TRACK_ID, "number": 1, "segment_starts": []}
    return {**part, "columns": columns, **changes}


def read(part: dict[str, Any]) -> tuple[TrackPart, tuple[Oddity, ...]]:
    value, oddities = read_payload("track_part", 1, json.dumps(part))
    assert isinstance(value, TrackPart)
    return value, oddities


def round_trip(part: TrackPart) -> TrackPart:
    return unpack_part(pack_part(part), part.track_id, part.number)


def test_deltas_become_values() -> None:
    part, oddities = read(make_part(3))
    assert oddities == ()
    assert part.columns.time_ms == [START_MS, START_MS + 1_000, START_MS + 2_000]
    assert part.columns.latitude_e6 == [-1_541_671, -1_541_659, -1_541_647]


def test_null_is_not_known_and_the_next_delta_goes_on_from_before_it() -> None:
    part, oddities = read(make_part(4, columns={"altitude_dm": [4_310, None, 5, None]}))
    assert oddities == ()
    assert part.columns.altitude_dm == [4_310, None, 4_315, None]


@pytest.mark.parametrize("points", [0, 1, 2, 2_999, 3_000])
def test_what_was_packed_is_unpacked_exactly(points: int) -> None:
    maker = random.Random(points)
    columns = {
        name: [maker.randint(1, 9_000)] + [maker.randint(-90, 90) for _ in range(points - 1)]
        for name in COLUMN_LIMITS
    }
    columns["altitude_dm"] = [maker.choice([None, 3, -3]) for _ in range(points)]
    columns = {name: values[:points] for name, values in columns.items()}
    part, _ = read(make_part(1, columns=columns, segment_starts=list(range(0, points, 7))))
    assert len(part.columns) == points
    unpacked = round_trip(part)
    assert unpacked.segment_starts == part.segment_starts
    for name in COLUMN_LIMITS:
        assert getattr(unpacked.columns, name) == getattr(part.columns, name)


def test_the_largest_steps_are_packed_exactly() -> None:
    times = [0, 4_102_444_800_000, 5]
    columns = TrackColumns(times, [-90_000_000, 90_000_000, 0], [180_000_000, -180_000_000, 1])
    columns.altitude_dm, columns.accuracy_dm = [None, None, None], [0, 1_000_000, None]
    part = TrackPart(None, TRACK_ID, 1, [], columns)
    assert round_trip(part).columns == columns


def test_a_full_part_packs_into_few_bytes_a_point() -> None:
    maker = random.Random(1)
    wobble = [maker.randint(-12, 12) for _ in range(TRACK_PART_POINTS - 1)]
    columns = {"latitude_e6": [-1_541_671, *wobble], "longitude_e6": [101_243_342, *wobble[::-1]]}
    part, _ = read(make_part(TRACK_PART_POINTS, columns=columns))
    assert len(pack_part(part)) < 4 * TRACK_PART_POINTS


def test_a_part_longer_than_allowed_is_cut_and_noted() -> None:
    part, oddities = read(make_part(TRACK_PART_POINTS + 1))
    assert len(part.columns) == TRACK_PART_POINTS
    assert {each.why for each in oddities} == {"too_long"}


@pytest.mark.parametrize("name", list(COLUMN_LIMITS))
def test_a_value_just_beyond_its_bounds_is_not_known_and_those_on_them_are(name: str) -> None:
    low, high = int(COLUMN_LIMITS[name].minimum), int(COLUMN_LIMITS[name].maximum)
    deltas = [low - 1, 1, high - low, 1]
    part, oddities = read(make_part(4, columns={name: deltas}))
    assert getattr(part.columns, name) == [None, low, high, None]
    assert [(each.field, each.why) for each in oddities] == [(f"columns.{name}", "out_of_range")]


@pytest.mark.parametrize("junk", ["12", 1.5, True, [], {}, 10**40])
def test_a_delta_that_is_no_integer_is_not_known(junk: Any) -> None:
    part, oddities = read(make_part(3, columns={"accuracy_dm": [62, junk, 1]}))
    assert part.columns.accuracy_dm[:2] == [62, None]
    assert [each.field for each in oddities] == ["columns.accuracy_dm"]


def test_columns_of_unequal_length_are_cut_to_the_shortest_of_time_and_place() -> None:
    part, oddities = read(
        make_part(4, columns={"latitude_e6": [1, 1, 1], "altitude_dm": [5], "accuracy_dm": []})
    )
    assert len(part.columns) == 3
    assert part.columns.altitude_dm == [5, None, None]
    assert part.columns.accuracy_dm == [None, None, None]
    assert {each.field for each in oddities} == {
        "columns.time_ms",
        "columns.longitude_e6",
        "columns.altitude_dm",
    }


@pytest.mark.parametrize("columns", [None, 5, [], {}, {"time_ms": "x"}])
def test_a_part_without_usable_columns_has_no_points(columns: Any) -> None:
    part, _ = read({**make_part(), "columns": columns})
    assert len(part.columns) == 0
    assert len(round_trip(part).columns) == 0


def test_segment_starts_are_sorted_once_and_within_the_part() -> None:
    part, _ = read(make_part(5, segment_starts=[3, 0, 3, 5, 900]))
    assert part.segment_starts == [0, 3]


@pytest.mark.parametrize("blob", [b"", b"\x02abc", b"GPX"])
def test_bytes_of_another_kind_are_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match="not a packed track part"):
        unpack_part(blob)


def test_damaged_bytes_are_refused() -> None:
    with pytest.raises(zlib.error):
        unpack_part(b"\x01abc")


def test_a_segment_goes_on_over_the_end_of_a_part_and_ends_at_a_gap() -> None:
    first, _ = read(make_part(3, segment_starts=[0]))
    second, _ = read(make_part(4, number=2, segment_starts=[2]))
    third, _ = read(make_part(2, number=3, segment_starts=[0]))
    segments = list(read_segments([pack_part(first), pack_part(second), pack_part(third)]))
    assert [len(segment.time_ms) for segment in segments] == [5, 2, 2]


def test_a_point_without_time_or_place_is_left_out_of_its_segment() -> None:
    part, _ = read(make_part(3, columns={"latitude_e6": [1, None, 1]}))
    (segment,) = iter_segments([part])
    assert segment == Segment(
        [START_MS, START_MS + 2_000],
        [1, 2],
        [101_243_342, 101_243_328],
        [4_310, 4_314],
        [62, 62],
    )


def test_a_track_without_points_has_no_segment() -> None:
    assert list(iter_segments([])) == []
    assert list(iter_segments([TrackPart()])) == []
