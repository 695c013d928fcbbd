"""WiGLE CSV: the rows of cells only; Wi-Fi and Bluetooth are counted and left out.

The device stands in the first line; a cell's identity is its "MAC": MCCMNC_LAC_CID. UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from typing import BinaryIO, Final

from survey.formats.radio.building import (
    TECHNOLOGY_NAMES,
    Identity,
    Levels,
    build_sample,
    find_fix,
    parse_time,
)
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.tables import find_header, number, read_rows
from survey.formats.radio.texts import open_text, read_lines

SIGNATURE: Final = ("mac", "ssid", "authmode", "firstseen", "currentlatitude", "type")

_COLUMNS: Final = (
    "Type",
    "MAC",
    "SSID",
    "FirstSeen",
    "Channel",
    "RSSI",
    "CurrentLatitude",
    "CurrentLongitude",
    "AltitudeMeters",
    "AccuracyMeters",
)
_DROPPED: Final = {"WIFI": "wifi", "BT": "bluetooth", "BLE": "bluetooth"}


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a row."""
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, SIGNATURE)
        if header is None:
            return
        _note_preamble(context, header.preamble)
        places = header.columns.places(_COLUMNS)
        # A name with a line break in quotes makes two lines that are none; they are Wi-Fi's.
        for row in read_rows(lines, header.delimiter, header.columns.width):
            if isinstance(row, Rejected):
                yield row
            else:
                yield _sample(context, row[0], [row[1][at] for at in places])


def _sample(context: LogContext, line: int, cells: list[str]) -> Row:
    kind, mac, ssid, seen, channel, level, latitude, longitude, altitude, accuracy = cells
    kind = kind.strip().upper()
    if kind in _DROPPED:
        return Rejected(line, _DROPPED[kind])
    fix = find_fix(
        context,
        parse_time(seen, UTC),
        number(latitude),
        number(longitude),
        number(accuracy),
        number(altitude),
    )
    if isinstance(fix, str):
        return Rejected(line, fix)
    plmn, _, rest = mac.partition("_")
    area, _, cell = rest.partition("_")
    return build_sample(
        line,
        fix,
        TECHNOLOGY_NAMES.get(kind.casefold()),
        Identity(plmn[:3], plmn[3:], number(area), number(cell), arfcn=number(channel), name=ssid),
        Levels(level=number(level)),
    )


def _note_preamble(context: LogContext, preamble: list[str]) -> None:
    context.app = "WiGLE"
    for line in preamble:
        if line.startswith("WigleWifi-"):
            release = re.search(r"appRelease=([^,]{1,40})", line)
            model = re.search(r"model=([^,]{1,100})", line)
            context.app = f"WiGLE {release[1]}" if release else "WiGLE"
            context.device = model[1] if model else None
