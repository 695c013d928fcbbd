"""NeoStumbler CSV (cells.csv of its ZIP): a row a cell, times as milliseconds or ISO 8601.

It has Android's one level a cell; its Wi-Fi and beacons stand in other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from survey.domain.instants import Instant
from survey.formats.radio.building import (
    AGE_MS,
    TECHNOLOGY_NAMES,
    Identity,
    Levels,
    build_sample,
    find_fix,
    parse_time,
    time_of_epoch,
)
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.tables import find_header, number, read_rows
from survey.formats.radio.texts import open_text, read_lines

SIGNATURE: Final = ("timestamp", "latitude", "longitude", "radiotype", "mcc", "mnc", "cellid")

_COLUMNS: Final = (
    "timestamp",
    "latitude",
    "longitude",
    "locationAccuracy",
    "altitude",
    "speed",
    "locationAge",
    "cellScanAge",
    "radioType",
    "mcc",
    "mnc",
    "lac",
    "cellId",
    "psc",
    "arfcn",
    "signalStrength",
)


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a row."""
    context.app = "NeoStumbler"
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, SIGNATURE)
        if header is None:
            return
        places = header.columns.places(_COLUMNS)
        width = header.columns.width
        last = width - 1 if width - 1 in places else -1
        for row in read_rows(lines, header.delimiter, width, last_used=last):
            if isinstance(row, Rejected):
                yield row
            else:
                yield _sample(context, row[0], [row[1][at] for at in places])


def _sample(context: LogContext, line: int, cells: list[str]) -> Row:
    time, *place, age, scan_age, radio, mcc, mnc, lac, cell_id, psc, arfcn, level = cells
    latitude, longitude, accuracy, altitude, speed = map(number, place)
    if abs((number(age) or 0) - (number(scan_age) or 0)) > AGE_MS:
        return Rejected(line, "old_position")
    fix = find_fix(context, read_time(time), latitude, longitude, accuracy, altitude, speed)
    if isinstance(fix, str):
        return Rejected(line, fix)
    return build_sample(
        line,
        fix,
        TECHNOLOGY_NAMES.get(radio.strip().casefold()),
        Identity(mcc, mnc, number(lac), number(cell_id), number(psc), number(arfcn)),
        Levels(level=number(level)),
        # Neighbours come without an identity; no column says which cell served.
        number(cell_id) is not None,
    )


def read_time(text: str) -> Instant | None:
    """Return the instant of epoch milliseconds or of ISO 8601 with a zone."""
    value = number(text)
    return parse_time(text, None) if value is None else time_of_epoch(value)
