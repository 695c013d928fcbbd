"""What leaves the office: the shape of an exported visit, what was asked for, what went out.

The store fills these shapes, services hide personal fields, formats write them. Knows
neither tables nor file formats.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from survey.domain.instants import Instant
from survey.domain.review import LEFT_OUT_OF_EXPORTS, STATES
from survey.domain.visit import Photo, Reading, ServiceTest

EXPORTED_STATES = tuple(state for state in STATES if state not in LEFT_OUT_OF_EXPORTS)
"""What an export holds unless other states are asked for."""


@dataclass(frozen=True, slots=True)
class ExportFilters:
    """What is asked for; None means no bound. Practice visits never leave the office.

    `campaign` and `area` are ids, `officer` an id or a user name, the days are local days and
    both included. An area stands for everything below it.
    """

    campaign: str | None = None
    area: str | None = None
    officer: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    states: tuple[str, ...] = EXPORTED_STATES

    @property
    def by_place_or_state(self) -> bool:
        """Tell whether tracks, which have neither, must follow the visits that were chosen."""
        return self.area is not None or set(self.states) != set(EXPORTED_STATES)


class AreaName(NamedTuple):
    """One level of the path to a place; `code` is the Kemendagri code when there is one."""

    id: str
    name: str
    code: str | None


@dataclass(frozen=True, slots=True)
class AreaPath:
    """Where a visit lies in the hierarchy, as far as that is known."""

    kabupaten: AreaName | None = None
    kecamatan: AreaName | None = None
    nagari: AreaName | None = None
    jorong: AreaName | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the known levels, the widest first."""
        levels = (self.kabupaten, self.kecamatan, self.nagari, self.jorong)
        return tuple(level.id for level in levels if level)


NOWHERE = AreaPath()


@dataclass(slots=True)
class ExportedVisit:
    """The head revision of a visit with all that belongs to it; names as in design §3."""

    id: str
    revision: int
    revision_sha256: str
    state: str
    officer_id: str
    officer_username: str | None
    officer_name: str | None
    day: str
    occurred_at: Instant
    started_at: str | None
    saved_at: str | None
    received_at: Instant
    changed_at: Instant
    campaign_id: str | None
    campaign_name: str | None
    demo: bool
    area_id: str | None
    chosen_area_id: str | None
    claimed_name: str | None
    claimed_nagari_id: str | None
    claimed_said_by: str | None
    place_kind: str | None
    setting: str | None
    power: str | None
    usually_signal: str | None
    latitude_deg: float | None
    longitude_deg: float | None
    accuracy_m: float | None
    altitude_m: float | None
    fixes: int | None
    position_time: str | None
    position_method: str | None
    position_reason: str | None
    clock_offset_ms: float | None
    phone_model: str | None
    app_version: str | None
    note: str | None
    incomplete_reason: str | None
    review_decision: str | None
    review_reason: str | None
    reviewed_at: Instant | None
    reviewer_name: str | None
    companions: list[str]
    services_failing: list[str]
    area: AreaPath = NOWHERE
    operator_classes: dict[str, str] = field(default_factory=dict)
    rule_version: int | None = None
    service_tests: list[ServiceTest] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)

    @property
    def officer_label(self) -> str:
        """The officer's name, or the pseudonym when the name is hidden."""
        return self.officer_name or pseudonym(self.officer_id)

    @property
    def signal_class(self) -> str | None:
        """The class of the best operator here, or None when nothing was tested."""
        return max(self.operator_classes.values(), default=None)

    @property
    def place_name(self) -> str:
        """The most exact name of the place that is known, or an empty text."""
        if self.area.jorong:
            return self.area.jorong.name
        if self.claimed_name:
            return self.claimed_name
        known = self.area.nagari or self.area.kecamatan or self.area.kabupaten
        return known.name if known else ""


class Segment(NamedTuple):
    """Points of a track without a gap, as columns of equal length.

    Milliseconds since 1970 UTC, 1e-6 degrees, decimetres; None where the phone had no value.
    """

    time_ms: Sequence[int]
    latitude_e6: Sequence[int]
    longitude_e6: Sequence[int]
    altitude_dm: Sequence[int | None]
    accuracy_dm: Sequence[int | None]


@dataclass(slots=True)
class Extent:
    """What went through an export: counts, the newest change, the box of all points."""

    visits: int = 0
    without_position: int = 0
    tracks: int = 0
    as_of: Instant | None = None
    west_deg: float = 180.0
    south_deg: float = 90.0
    east_deg: float = -180.0
    north_deg: float = -90.0

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None when nothing has a position."""
        if self.west_deg > self.east_deg:
            return None
        return self.west_deg, self.south_deg, self.east_deg, self.north_deg

    def add_visit(self, visit: ExportedVisit) -> None:
        """Count one visit."""
        self.visits += 1
        self.add_change(visit.changed_at)
        if visit.latitude_deg is None or visit.longitude_deg is None:
            self.without_position += 1
            return
        self._add_box(
            visit.longitude_deg, visit.latitude_deg, visit.longitude_deg, visit.latitude_deg
        )

    def add_segment(self, segment: Segment) -> None:
        """Widen the box by the points of one segment; an empty one is allowed."""
        if not segment.time_ms:
            return
        self._add_box(
            min(segment.longitude_e6) / 1e6,
            min(segment.latitude_e6) / 1e6,
            max(segment.longitude_e6) / 1e6,
            max(segment.latitude_e6) / 1e6,
        )

    def add_change(self, changed_at: Instant) -> None:
        """Move the as-of forward to a change that is part of the export."""
        if self.as_of is None or changed_at > self.as_of:
            self.as_of = changed_at

    def _add_box(self, west: float, south: float, east: float, north: float) -> None:
        self.west_deg = min(self.west_deg, west)
        self.south_deg = min(self.south_deg, south)
        self.east_deg = max(self.east_deg, east)
        self.north_deg = max(self.north_deg, north)


def pseudonym(officer_id: str) -> str:
    """Return a lasting name for an officer that tells nobody outside the office who it is."""
    digest = hashlib.sha256(b"jejak-sinyal officer " + officer_id.encode()).hexdigest()
    return f"petugas-{digest[:8]}"


def plain_number(value: float) -> str:
    """Return a number with as many decimals as it has, never with an exponent."""
    if value == int(value):
        return str(int(value))
    text = repr(value)
    return text if "e" not in text else f"{value:.10f}".rstrip("0").rstrip(".")
