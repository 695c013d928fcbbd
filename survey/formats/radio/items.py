"""What a log gives, row by row, and what is known around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from survey.domain.instants import Instant, format_instant, parse_instant
from survey.domain.labels import N_
from survey.domain.samples import ReferenceCell, Sample

FUTURE: Final = timedelta(minutes=10)
"""A clock may be a little ahead; seven hours ahead is a local time that claims to be UTC."""

OLDEST: Final = "2000-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that gives no sample: where, why (a key of REASONS), and how many it stands for."""

    line: int
    reason: str
    count: int = 1


Row = Sample | ReferenceCell | Rejected

DROPPED: Final = ("wifi", "bluetooth")
"""Reasons that are no fault: such rows tell of people, not of mobile networks."""

REASONS: Final[dict[str, str]] = {
    "wifi": N_("A Wi-Fi row: left out, it tells of people's homes."),
    "bluetooth": N_("A Bluetooth row: left out, it tells of people's things."),
    "no_position": N_("There is no position."),
    "zero_position": N_("The position is 0, 0: the phone had none."),
    "bad_position": N_("The position is not on the earth."),
    "vague_position": N_("The position is known to no better than 1,000 m."),
    "old_position": N_("The position is more than 20 s older than the measurement."),
    "no_time": N_("There is no time."),
    "bad_time": N_("The time cannot be read, or says no time zone."),
    "old_time": N_("The time is before the year 2000: the phone's clock was not set."),
    "future_time": N_("The time is in the future."),
    "technology": N_("The technology is none of 2G, 3G, 4G, 5G."),
    "no_value": N_("There is no signal value that can be: empty, impossible or a known bogus one."),
    "no_identity": N_("The cell has no identity."),
    "bad_network": N_("The network code is not valid."),
    "in_service": N_("The phone was registered here; its level is in another file."),
    "no_sim": N_("The SIM card was not ready, so nothing is known."),
    "not_known": N_("The phone did not say whether it was registered."),
    "empty_list": N_("The phone gave an empty list: switch location on and allow it."),
    "columns": N_("The row has another number of columns than the header."),
    "cut": N_("The row is cut off."),
    "too_long": N_("The row is too long for a measurement."),
    "too_deep": N_("The entry is nested too deeply for a measurement."),
    "not_understood": N_("The row cannot be understood."),
    "damaged": N_("The file is damaged from here on."),
    "hostile_table": N_("The table is a view or computed, not the app's own: left alone."),
}
"""Each reason as a msgid."""


@dataclass(slots=True)
class LogContext:
    """What surrounds a log: the office's time zone, the clock, and the visit it came with.

    `zone` is for formats whose times are local. `app` and `device` are what the file tells of
    itself, known after it was read.
    """

    zone: ZoneInfo
    now: Instant
    at: Instant | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    accuracy_m: float | None = None
    app: str | None = None
    device: str | None = None
    latest: Instant = field(init=False)

    def __post_init__(self) -> None:
        self.latest = format_instant(parse_instant(self.now) + FUTURE)
