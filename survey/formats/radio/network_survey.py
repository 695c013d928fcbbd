"""Network Survey CSV: a file a technology (LTE, NR, UMTS, GSM); PhoneState has its own module.

Times are ISO 8601 with an offset; LTE's SINR is `snr`, `signalStrength` is RSSI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, NamedTuple

from survey.formats.radio.building import (
    AGE_MS,
    Fix,
    Identity,
    Levels,
    build_sample,
    find_fix,
    parse_time,
)
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.tables import Header, find_header, number, read_rows, truth
from survey.formats.radio.texts import open_text, read_lines

COMMON: Final = ("devicetime", "latitude", "longitude", "recordnumber")


class Kind(NamedTuple):
    """One technology's columns: area, cell, channel, code, then the level columns by meaning."""

    technology: str
    identity: tuple[str, str, str, str]
    levels: dict[str, str]


KINDS: Final = {
    "network_survey_lte": Kind(
        "lte",
        ("tac", "eci", "earfcn", "pci"),
        {"rsrp": "rsrp", "rsrq": "rsrq", "sinr": "snr", "rssi": "signalstrength"},
    ),
    "network_survey_nr": Kind(
        "nr",
        ("tac", "nci", "narfcn", "pci"),
        {"rsrp": "ssrsrp", "rsrq": "ssrsrq", "sinr": "sssinr"},
    ),
    "network_survey_umts": Kind(
        "wcdma",
        ("lac", "cid", "uarfcn", "psc"),
        {"rscp": "rscp", "ecno": "ecno", "rssi": "signalstrength"},
    ),
    "network_survey_gsm": Kind("gsm", ("lac", "ci", "arfcn", "bsic"), {"level": "signalstrength"}),
}
SIGNATURES: Final = {
    "network_survey_lte": (*COMMON, "eci", "earfcn"),
    "network_survey_nr": (*COMMON, "nci", "ssrsrp"),
    "network_survey_umts": (*COMMON, "uarfcn", "rscp"),
    "network_survey_gsm": (*COMMON, "bsic", "ci"),
}
DROPPED_SIGNATURES: Final = {
    "network_survey_wifi": (*COMMON, "bssid"),
    "network_survey_bluetooth": (*COMMON, "sourceaddress"),
}

PLACE: Final = (
    "latitude",
    "longitude",
    "accuracy",
    "altitude",
    "speed",
    "locationAge",
    "deviceTime",
)
_REST: Final = ("mcc", "mnc", "ta", "servingCell", "provider", "slot")


def read_kind(stream: BinaryIO, context: LogContext, key: str) -> Iterator[Row]:
    """Yield a sample or a rejection a row of the file of one technology."""
    kind = KINDS[key]
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, SIGNATURES[key])
        if header is None:
            return
        note_preamble(context, header)
        columns = header.columns
        place = columns.places(PLACE)
        identity = columns.places(kind.identity)
        rest = columns.places(_REST)
        level_names = tuple(kind.levels)
        levels = columns.places(kind.levels.values())
        device = columns.places(["deviceSerialNumber"])[0]
        used = (*place, *identity, *rest, *levels)
        last_used = columns.width - 1 if columns.width - 1 in used else -1
        before: tuple[str, ...] = ()
        fix: Fix | str = "no_position"
        for row in read_rows(lines, header.delimiter, columns.width, last_used=last_used):
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            here = tuple([cells[at] for at in place])
            if here != before:
                before, fix = here, read_place(context, here)
            if isinstance(fix, str):
                yield Rejected(line, fix)
                continue
            if context.device is None and cells[device]:
                context.device = cells[device][:100]
            area, cell, channel, code = [number(cells[at]) for at in identity]
            mcc, mnc, ta, serving, provider, slot = [cells[at] for at in rest]
            values = dict(zip(level_names, [number(cells[at]) for at in levels], strict=True))
            yield build_sample(
                line,
                fix,
                kind.technology,
                Identity(mcc, mnc, area, cell, code, channel, number(ta), provider),
                Levels(**values),
                truth(serving) is not False,
                slot_of(slot),
            )


def slot_of(text: str) -> float | None:
    """Return the SIM's slot from 1, as people count; Android counts from 0."""
    slot = number(text)
    return None if slot is None else slot + 1


def read_place(context: LogContext, here: Sequence[str]) -> Fix | str:
    """Return where and when a row is from, or why that cannot be believed."""
    *numbers, time = here
    latitude, longitude, accuracy, altitude, speed, age = map(number, numbers)
    if age is not None and age > AGE_MS:
        return "old_position"
    at = parse_time(time, None)
    return find_fix(context, at, latitude, longitude, accuracy, altitude, speed)


def note_preamble(context: LogContext, header: Header) -> None:
    """Keep what the comment lines above the header say of the app."""
    context.app = "Network Survey"
    for line in header.preamble:
        found = re.search(r"Created by Network Survey version=(\S{1,40})", line)
        if found:
            context.app = f"Network Survey {found[1]}"


def read_dropped(stream: BinaryIO, context: LogContext, reason: str) -> Iterator[Row]:
    """Yield a rejection a row of a file that tells of people instead of networks."""
    key = f"network_survey_{reason}"
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, DROPPED_SIGNATURES[key])
        if header is None:
            return
        note_preamble(context, header)
        for number_of_line, line, _ in lines:
            if line is None or not line.isspace():
                yield Rejected(number_of_line, reason)
