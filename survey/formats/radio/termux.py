"""Termux:API, pasted: the array of `termux-telephony-cellinfo`, the object of `termux-location`.

Cells have neither place nor time: the place comes from the location pasted with them (before or
behind) or from the visit, the time from an object with `time` or `timestamp`, or from the visit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from survey.domain.instants import Instant
from survey.formats.radio.building import (
    TECHNOLOGY_NAMES,
    Fix,
    Identity,
    Levels,
    build_sample,
    find_fix,
    parse_time,
    time_of_epoch,
)
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.json_stream import read_entries
from survey.formats.radio.tables import number


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a cell; `line` counts the cells of the paste."""
    context.app = "Termux:API"
    cells: list[Any] = []
    place: dict[str, Any] = {}
    empty = False
    for entry in read_entries(stream, whole=True):
        if isinstance(entry, Rejected):
            yield entry
            continue
        value = entry[1]
        if isinstance(value, dict):
            nested = [inner for inner in value.values() if isinstance(inner, dict)]
            for one in (value, *nested):
                place.update(one)
            for inner in value.values():
                cells += inner if isinstance(inner, list) else []
        else:
            empty = empty or not value
            cells += value
    if empty and not cells:
        yield Rejected(1, "empty_list")
    fix = _find_fix(context, place)
    for line, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            yield Rejected(line, "not_understood")
        elif isinstance(fix, str):
            yield Rejected(line, fix)
        else:
            yield _sample(line, fix, cell)


def _find_fix(context: LogContext, place: dict[str, Any]) -> Fix | str:
    at = _time(place.get("time", place.get("timestamp"))) or context.at
    if at is None:
        return "no_time"
    if number(place.get("latitude")) is None and context.latitude_deg is not None:
        return find_fix(
            context, at, context.latitude_deg, context.longitude_deg, context.accuracy_m
        )
    latitude, longitude, accuracy, altitude, speed = (
        number(place.get(name))
        for name in ("latitude", "longitude", "accuracy", "altitude", "speed")
    )
    return find_fix(context, at, latitude, longitude, accuracy, altitude, speed)


def _time(value: Any) -> Instant | None:
    return parse_time(value, None) if isinstance(value, str) else time_of_epoch(number(value))


def _sample(line: int, fix: Fix, cell: dict[str, Any]) -> Row:
    def at(*names: str) -> float | None:
        return next((number(cell[name]) for name in names if name in cell), None)

    technology = TECHNOLOGY_NAMES.get(str(cell.get("type", "")).casefold())
    if technology == "nr":
        levels = Levels(rsrp=at("ss_rsrp"), rsrq=at("ss_rsrq"), sinr=at("ss_sinr"), level=at("dbm"))
    else:
        levels = Levels(
            rsrp=at("rsrp"),
            rsrq=at("rsrq"),
            sinr=at("rssnr"),
            rssi=at("rssi") if technology == "lte" else None,
            level=at("dbm"),
        )
    return build_sample(
        line,
        fix,
        technology,
        Identity(
            str(cell.get("mcc", "")),
            str(cell.get("mnc", "")),
            at("tac", "lac"),
            at("nci", "ci", "cid"),
            at("pci", "psc"),
            at("arfcn", "earfcn", "nrarfcn"),
            at("timing_advance"),
        ),
        levels,
        cell.get("registered") is not False,
    )
