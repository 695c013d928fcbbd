"""Instants and days: one text form for time, and the calendar day of an office.

An instant is text in UTC, ISO 8601 with milliseconds and Z, so that text order is time order.
This module knows nothing of phones or their wrong clocks.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Instant = str
"""Text such as ``2026-05-04T02:14:41.003Z``."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def format_instant(moment: datetime) -> Instant:
    """Return an aware datetime as an instant; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def parse_instant(text: str) -> datetime:
    """Return the aware UTC datetime of any ISO 8601 text with a zone, else raise ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def normalise_instant(text: str) -> Instant:
    """Return an ISO 8601 text with a zone in the one form of this project."""
    if _INSTANT.fullmatch(text):
        datetime.fromisoformat(text)
        return text
    return format_instant(parse_instant(text))


def system_now() -> Instant:
    """Return the server's own clock as an instant; tests inject another."""
    return format_instant(datetime.now(UTC))


def add_to_instant(
    instant: Instant, *, days: float = 0, hours: float = 0, seconds: float = 0
) -> Instant:
    """Return the instant that lies the given time later (earlier when negative)."""
    return format_instant(
        parse_instant(instant) + timedelta(days=days, hours=hours, seconds=seconds)
    )


def milliseconds_between(earlier: Instant, later: Instant) -> int:
    """Return later minus earlier in whole milliseconds."""
    return round((parse_instant(later) - parse_instant(earlier)) / timedelta(milliseconds=1))


def local_time(instant: Instant, zone: ZoneInfo) -> datetime:
    """Return an instant in a time zone; at the ends of the calendar it stays in UTC."""
    moment = parse_instant(instant)
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def local_day(instant: Instant, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant in a time zone."""
    return local_time(instant, zone).date()


def day_bounds(day: date, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """Return the first instant of a local day and the first instant of the next."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    after = day + timedelta(days=1)
    return format_instant(start), format_instant(
        datetime(after.year, after.month, after.day, tzinfo=zone)
    )
