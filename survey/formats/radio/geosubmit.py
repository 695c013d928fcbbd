"""Geosubmit version 2 JSON (Mozilla's, also of NeoStumbler and TowerCollector): cells of items.

An item has one position and many cells; its Wi-Fi and Bluetooth are counted and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from survey.formats.radio.building import (
    AGE_MS,
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

_DROPPED: Final = (("wifiAccessPoints", "wifi"), ("bluetoothBeacons", "bluetooth"))


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a cell; `line` is the number of the item."""
    context.app = "Geosubmit"
    for entry in read_entries(stream):
        if isinstance(entry, Rejected):
            yield entry
            continue
        line, item = entry
        for name, reason in _DROPPED:
            left_out = item.get(name)
            if isinstance(left_out, list) and left_out:
                yield Rejected(line, reason, len(left_out))
        cells = item.get("cellTowers")
        if not isinstance(cells, list):
            if not any(isinstance(item.get(name), list) for name, _ in _DROPPED):
                yield Rejected(line, "not_understood")
            continue
        fix = _find_fix(context, item)
        for cell in cells:
            yield _sample(line, fix, item, cell)


def _find_fix(context: LogContext, item: dict[str, Any]) -> Fix | str:
    place = item.get("position")
    if not isinstance(place, dict):
        return "no_position"
    latitude, longitude, accuracy, altitude, speed = (
        number(place.get(name))
        for name in ("latitude", "longitude", "accuracy", "altitude", "speed")
    )
    time = item.get("timestamp")
    at = parse_time(time, None) if isinstance(time, str) else time_of_epoch(number(time))
    return find_fix(context, at, latitude, longitude, accuracy, altitude, speed)


def _sample(line: int, fix: Fix | str, item: dict[str, Any], cell: Any) -> Row:
    if not isinstance(cell, dict):
        return Rejected(line, "not_understood")
    if isinstance(fix, str):
        return Rejected(line, fix)
    place_age = number(item["position"].get("age")) or 0
    if abs(place_age - (number(cell.get("age")) or 0)) > AGE_MS:
        return Rejected(line, "old_position")
    code = cell.get("mobileNetworkCodeStr")
    if not isinstance(code, str):
        code = cell.get("mobileNetworkCode", "")
    return build_sample(
        line,
        fix,
        TECHNOLOGY_NAMES.get(str(cell.get("radioType", "")).casefold()),
        Identity(
            str(cell.get("mobileCountryCode", "")),
            str(code),
            number(cell.get("locationAreaCode")),
            number(cell.get("cellId")),
            number(cell.get("primaryScramblingCode")),
            number(cell.get("arfcn")),
            number(cell.get("timingAdvance")),
        ),
        Levels(level=number(cell.get("signalStrength"))),
        number(cell.get("serving", 1)) != 0,
    )
