"""A track: where an officer walked, as a header and parts of at most 3,000 points.

A gap in recording starts a new segment, which may go on into the next part. Whole numbers:
ms since 1970, 1e-6 degrees, decimetres. Knows nothing of how a part travels or is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from survey.domain.exports import Segment
from survey.domain.limits import LIMITS, Limit
from survey.domain.visit import Clock, Phone

COLUMN_LIMITS: Final[dict[str, Limit]] = {
    "time_ms": Limit(0, 4_102_444_800_000, "ms", "1970 to 2099; Geolocation API timestamps"),
    "latitude_e6": Limit(-90_000_000, 90_000_000, "1e-6 deg", "WGS 84"),
    "longitude_e6": Limit(-180_000_000, 180_000_000, "1e-6 deg", "WGS 84"),
    "altitude_dm": Limit(
        LIMITS["altitude_m"].minimum * 10, LIMITS["altitude_m"].maximum * 10, "dm", "altitude_m"
    ),
    "accuracy_dm": Limit(
        LIMITS["accuracy_m"].minimum * 10, LIMITS["accuracy_m"].maximum * 10, "dm", "accuracy_m"
    ),
}
"""The columns of a part in their order, with the bounds of their values."""

PARTS: Final = Limit(0, 10_000, "parts", "a year of walking in one track")


@dataclass(slots=True)
class Track:
    """The header of a track: the payload of a record of kind track, schema 1."""

    id: str | None = None
    campaign_id: str | None = None
    practice: bool = False
    started_at: str | None = None
    ended_at: str | None = None
    saved_at: str | None = None
    utc_offset_min: int | None = None
    clock: Clock = field(default_factory=Clock)
    phone: Phone = field(default_factory=Phone)
    parts: int | None = None
    points: int | None = None


@dataclass(slots=True)
class TrackColumns:
    """The points of a part as columns of equal length; None where the phone had no value."""

    time_ms: list[int | None] = field(default_factory=list)
    latitude_e6: list[int | None] = field(default_factory=list)
    longitude_e6: list[int | None] = field(default_factory=list)
    altitude_dm: list[int | None] = field(default_factory=list)
    accuracy_dm: list[int | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.time_ms)


@dataclass(slots=True)
class TrackPart:
    """A part of a track; `segment_starts` are the indices of points before which is a gap."""

    id: str | None = None
    track_id: str | None = None
    number: int | None = None
    segment_starts: list[int] = field(default_factory=list)
    columns: TrackColumns = field(default_factory=TrackColumns)


def iter_segments(parts: Iterable[TrackPart]) -> Iterator[Segment]:
    """Yield the segments of the parts of one track, given in order, whole and in order.

    A point without time or place is left out; a segment that goes over the end of a part is
    joined. Holds one segment in memory.
    """
    segment = _Growing()
    for part in parts:
        end = len(part.columns)
        starts = sorted({start for start in part.segment_starts if 0 <= start < end})
        first = 0
        for start in [*starts, end]:
            segment.extend(part.columns, first, start)
            if start in starts and segment.time_ms:
                yield segment.freeze()
                segment = _Growing()
            first = start
    if segment.time_ms:
        yield segment.freeze()


@dataclass(slots=True)
class _Growing:
    """A segment while it is read."""

    time_ms: list[int] = field(default_factory=list)
    latitude_e6: list[int] = field(default_factory=list)
    longitude_e6: list[int] = field(default_factory=list)
    altitude_dm: list[int | None] = field(default_factory=list)
    accuracy_dm: list[int | None] = field(default_factory=list)

    def extend(self, columns: TrackColumns, first: int, end: int) -> None:
        """Add the points from `first` to before `end` that have time and place."""
        for time, latitude, longitude, altitude, accuracy in zip(
            columns.time_ms[first:end],
            columns.latitude_e6[first:end],
            columns.longitude_e6[first:end],
            columns.altitude_dm[first:end],
            columns.accuracy_dm[first:end],
            strict=True,
        ):
            if time is None or latitude is None or longitude is None:
                continue
            self.time_ms.append(time)
            self.latitude_e6.append(latitude)
            self.longitude_e6.append(longitude)
            self.altitude_dm.append(altitude)
            self.accuracy_dm.append(accuracy)

    def freeze(self) -> Segment:
        """Return what was read so far."""
        return Segment(
            self.time_ms, self.latitude_e6, self.longitude_e6, self.altitude_dm, self.accuracy_dm
        )
