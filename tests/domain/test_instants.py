"""Instants are one form of text; a day is the office's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from survey.domain.instants import (
    add_to_instant,
    day_bounds,
    format_instant,
    local_day,
    milliseconds_between,
    normalise_instant,
)

JAKARTA = ZoneInfo("Asia/Jakarta")


def test_an_instant_is_cut_to_milliseconds() -> None:
    moment = datetime(2026, 5, 4, 2, 14, 41, 3999, tzinfo=UTC)
    assert format_instant(moment) == "2026-05-04T02:14:41.003Z"


@pytest.mark.parametrize(
    "text",
    ["2026-05-04T09:14:41.003+07:00", "2026-05-04T02:14:41.003Z", "2026-05-04T02:14:41.003000Z"],
)
def test_any_zone_becomes_the_same_instant(text: str) -> None:
    assert normalise_instant(text) == "2026-05-04T02:14:41.003Z"


@pytest.mark.parametrize(
    "text", ["2026-05-04T02:14:41", "yesterday", "", "2026-13-40T00:00:00.000Z"]
)
def test_text_without_zone_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        normalise_instant(text)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError):
        format_instant(datetime(2026, 5, 4))  # noqa: DTZ001 - the fault under test


def test_a_day_begins_at_midnight_in_jakarta() -> None:
    assert local_day("2026-05-03T16:59:59.999Z", JAKARTA) == date(2026, 5, 3)
    assert local_day("2026-05-03T17:00:00.000Z", JAKARTA) == date(2026, 5, 4)
    assert day_bounds(date(2026, 5, 4), JAKARTA) == (
        "2026-05-03T17:00:00.000Z",
        "2026-05-04T17:00:00.000Z",
    )


def test_differences_are_whole_milliseconds() -> None:
    later = add_to_instant("2026-05-04T02:14:41.003Z", seconds=1.5)
    assert milliseconds_between("2026-05-04T02:14:41.003Z", later) == 1500


def test_local_time_at_the_ends_of_the_calendar_stays_in_utc() -> None:
    assert local_day("9999-12-31T23:59:59.999Z", JAKARTA) == date(9999, 12, 31)
    assert local_day("0001-01-01T00:00:00.000Z", ZoneInfo("America/Lima")) == date(1, 1, 1)
