"""The rules that ask questions about one visit alone: its values, place, readings, photos.

Pure: what the store knows around the visit comes in as a `Case`. Questions that compare
visits are in services/flagging.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from survey.domain.boundaries import distance_to_boundary_m
from survey.domain.flags import ODDITIES_SHOWN, Flag
from survey.domain.geo import Box, distance_m, point_in_polygon
from survey.domain.instants import Instant
from survey.domain.limits import (
    ACCURACY_APPROXIMATE_M,
    ACCURACY_POOR_M,
    AREA_DISTANCE_M,
    CLOCK_OFFSET_MS,
    PHOTO_DISTANCE_M,
)
from survey.domain.reading_rules import flag_reading
from survey.domain.visit import Oddity, OriginalPhoto, Photo, Position, Visit

PHOTO_AGE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """What is known of an area's place: its own point, the nearest boundary that holds it.

    The boundary is the area's own or, without one, that of the nearest area above it.
    """

    id: str
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    boundary: Mapping[str, Any] | None = None
    boundary_box: Box | None = None
    boundary_of: str | None = None


class Case(NamedTuple):
    """What surrounds a visit: the effective area and campaign, the envelope, the clock.

    `chosen_known` tells whether the area that the phone chose exists here; `time_problem` is
    "absurd", "unknown", "server" or None; `base_unknown` that it corrects what never came.
    """

    received_at: Instant
    occurred_at: Instant
    time_problem: str | None
    area: AreaFacts | None
    chosen_known: bool
    campaign_id: str | None
    campaign_known: bool
    record_id: str
    seal_wrong: bool
    base_unknown: bool


def flag_visit(visit: Visit, oddities: Sequence[Oddity], case: Case) -> list[Flag]:
    """Return the questions that a visit raises by itself, in a lasting order."""
    flags = _flag_oddities(oddities) if oddities else []
    _flag_position(flags, visit.position)
    _flag_time(flags, visit, case)
    _flag_place(flags, visit, case)
    for index, reading in enumerate(visit.readings):
        flag_reading(flags, index, reading, oddities)
    _flag_tests(flags, visit)
    for photo in visit.photos:
        if photo.original is not None:
            _flag_photo(flags, photo, photo.original, visit, case)
    _flag_record(flags, visit, case)
    return flags


def _flag_oddities(oddities: Sequence[Oddity]) -> list[Flag]:
    flags = [
        Flag(f"value.{oddity.why}", {"field": oddity.field, "value": oddity.value})
        for oddity in oddities[:ODDITIES_SHOWN]
    ]
    if len(oddities) > ODDITIES_SHOWN:
        flags.append(Flag("value.more", {"count": len(oddities) - ODDITIES_SHOWN}))
    return flags


def _flag_position(flags: list[Flag], position: Position | None) -> None:
    if position is None or position.latitude_deg is None or position.longitude_deg is None:
        flags.append(Flag("position.none"))
        return
    if position.latitude_deg == 0 and position.longitude_deg == 0:
        flags.append(Flag("position.bogus", {"latitude_deg": 0, "longitude_deg": 0}))
    if position.method == "manual":
        flags.append(Flag("position.manual", {"reason": position.reason}))
    elif position.accuracy_m is None:
        flags.append(Flag("position.accuracy_unknown"))
    elif position.accuracy_m >= ACCURACY_APPROXIMATE_M:
        flags.append(
            Flag(
                "position.approximate",
                {"accuracy_m": position.accuracy_m, "limit_m": ACCURACY_APPROXIMATE_M},
            )
        )
    elif position.accuracy_m > ACCURACY_POOR_M:
        flags.append(
            Flag(
                "position.inaccurate",
                {"accuracy_m": position.accuracy_m, "limit_m": ACCURACY_POOR_M},
            )
        )


def _flag_time(flags: list[Flag], visit: Visit, case: Case) -> None:
    offset, state, step = (
        visit.clock.server_offset_ms,
        visit.clock.state,
        visit.clock.step_ms,
    )
    if state == "changed":
        step_s = None if step is None else round(step / 1000)
        flags.append(Flag("clock.changed", {"step_s": step_s}))
    elif offset is None:
        flags.append(Flag("clock.unknown"))
    if state == "doubtful":
        flags.append(Flag("clock.doubtful"))
    if offset is not None and abs(offset) > CLOCK_OFFSET_MS:
        flags.append(
            Flag(
                "clock.offset",
                {"offset_s": round(offset / 1000), "limit_s": CLOCK_OFFSET_MS // 1000},
            )
        )
    if case.time_problem == "absurd":
        flags.append(
            Flag(
                "time.absurd",
                {"saved_at": visit.saved_at or visit.started_at, "received_at": case.received_at},
            )
        )
    elif case.time_problem == "unknown":
        flags.append(Flag("time.unknown", {"received_at": case.received_at}))
    elif case.time_problem == "server":
        flags.append(Flag("time.server", {"received_at": case.received_at}))


def _flag_place(flags: list[Flag], visit: Visit, case: Case) -> None:
    if case.area is None:
        if visit.area.id and not case.chosen_known:
            flags.append(Flag("area.unknown", {"area_id": visit.area.id}))
        elif visit.area.claimed is not None and visit.area.claimed.name:
            flags.append(Flag("area.claimed", {"name": visit.area.claimed.name}))
        else:
            flags.append(Flag("area.none"))
    elif visit.position is not None:
        _flag_distance(flags, visit.position, case.area)
    if case.campaign_id is not None and not case.campaign_known:
        flags.append(Flag("campaign.unknown", {"campaign_id": case.campaign_id}))


def _flag_distance(flags: list[Flag], position: Position, area: AreaFacts) -> None:
    latitude, longitude = position.latitude_deg, position.longitude_deg
    if latitude is None or longitude is None:
        return
    if area.latitude_deg is not None and area.longitude_deg is not None:
        distance = distance_m(latitude, longitude, area.latitude_deg, area.longitude_deg)
        if distance > AREA_DISTANCE_M:
            flags.append(
                Flag(
                    "area.far",
                    {"area_id": area.id, "distance_m": round(distance), "limit_m": AREA_DISTANCE_M},
                )
            )
    if area.boundary is None or (
        (area.boundary_box is None or area.boundary_box.holds(latitude, longitude))
        and point_in_polygon(area.boundary, latitude, longitude)
    ):
        return
    # A point whose own uncertainty reaches the boundary is not outside.
    tolerance = position.accuracy_m or 0
    outside = distance_to_boundary_m(area.boundary, latitude, longitude)
    if outside > tolerance:
        flags.append(
            Flag(
                "area.outside",
                {
                    "boundary_of": area.boundary_of,
                    "distance_m": round(outside),
                    "tolerance_m": tolerance,
                },
            )
        )


def _flag_tests(flags: list[Flag], visit: Visit) -> None:
    if not visit.service_tests:
        flags.append(Flag("visit.no_tests"))
    elif visit.power == "off":
        silent = [test.operator or "?" for test in visit.service_tests if test.result == "none"]
        if silent:
            flags.append(Flag("test.power_cut", {"operators": silent}))
    if visit.incomplete_reason:
        flags.append(Flag("visit.incomplete", {"reason": visit.incomplete_reason}))


def _flag_photo(
    flags: list[Flag], photo: Photo, original: OriginalPhoto, visit: Visit, case: Case
) -> None:
    position = visit.position
    latitude, longitude = original.exif_latitude_deg, original.exif_longitude_deg
    if (
        position is not None
        and position.latitude_deg is not None
        and position.longitude_deg is not None
        and latitude is not None
        and longitude is not None
    ):
        distance = distance_m(position.latitude_deg, position.longitude_deg, latitude, longitude)
        if distance > PHOTO_DISTANCE_M:
            flags.append(
                Flag(
                    "photo.far",
                    {
                        "sha256": photo.sha256,
                        "distance_m": round(distance),
                        "limit_m": PHOTO_DISTANCE_M,
                    },
                )
            )
    taken = _read_exif_time(original.exif_time, visit.utc_offset_min or 0)
    if taken is not None:
        difference = abs(datetime.fromisoformat(case.occurred_at) - taken)
        if difference > PHOTO_AGE:
            flags.append(
                Flag(
                    "photo.time",
                    {
                        "sha256": photo.sha256,
                        "exif_time": original.exif_time,
                        "difference_s": round(difference.total_seconds()),
                        "limit_s": round(PHOTO_AGE.total_seconds()),
                    },
                )
            )


def _read_exif_time(text: str | None, utc_offset_min: int) -> datetime | None:
    """Return the instant of an EXIF time: ISO, or "2026:05:04 09:13:40" in local time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(":", "-", 2) if text[4:5] == ":" else text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return moment
    try:
        return datetime.fromisoformat(moment.isoformat() + "+00:00") - timedelta(
            minutes=utc_offset_min
        )
    except OverflowError:
        return None


def _flag_record(flags: list[Flag], visit: Visit, case: Case) -> None:
    if visit.id != case.record_id:
        flags.append(Flag("record.id_mismatch", {"payload_id": visit.id}))
    if case.seal_wrong:
        flags.append(Flag("record.seal_wrong"))
    if case.base_unknown:
        flags.append(Flag("record.base_unknown"))
