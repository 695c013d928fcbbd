"""G-NetTrack: CSV with names of columns, and Pro's TXT whose columns are known by their place.

Times are the phone's local time without a zone; longitude comes before latitude; the column
RSRP holds RSCP in 3G and RxLev in 2G. Its speed has no documented unit and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from survey.domain.cells import split_plmn
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

SIGNATURE: Final = ("timestamp", "longitude", "latitude", "networkmode", "rsrp")
PRO_SIGNATURE: Final = ("timestamp", "longitude", "latitude")
PRO_WIDTH: Final = 25

_BY_NAME: Final = (
    "Timestamp",
    "Longitude",
    "Latitude",
    "Altitude",
    "Accuracy",
    "Operatorname",
    "MCCMNC",
    "NetworkMode",
    "CellID",
    "RAWCELLID",
    "NODEHEX",
    "CELLHEX",
    "LACHEX",
    "RSRP",
    "RSRQ",
    "SNR",
    "RSSI",
    "ARFCN",
)
_PRO: Final = {
    "Timestamp": 0,
    "Longitude": 1,
    "Latitude": 2,
    "Operatorname": 4,
    "MCCMNC": 5,
    "Node": 8,
    "CellID": 9,
    "LAC": 10,
    "NetworkTech": 11,
    "NetworkMode": 12,
    "RSRP": 13,
    "RSRQ": 14,
    "SNR": 15,
    "RSSI": 17,
    "ARFCN": 18,
    "Altitude": 22,
    "Accuracy": 24,
    "Device": 53,
}


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a row of the CSV."""
    context.app = "G-NetTrack"
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, SIGNATURE)
        if header is None:
            return
        places = header.columns.places(_BY_NAME)
        width = header.columns.width
        # The neighbour's values in the last columns are not used, so that no cut can hurt.
        last = width - 1 if width - 1 in places else -1
        for row in read_rows(lines, header.delimiter, width, last_used=last):
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            values = dict(zip(_BY_NAME, [cells[at] for at in places], strict=True))
            values["LAC"] = _hex(values["LACHEX"])
            values["Node"] = _hex(values["NODEHEX"])
            raw = values["RAWCELLID"]
            if number(raw) is None:
                values["RAWCELLID"] = ""
            values["Sector"] = _hex(values["CELLHEX"])
            yield _sample(context, line, values)


def read_pro(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a row of Pro's TXT."""
    context.app = "G-NetTrack Pro"
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, PRO_SIGNATURE)
        if header is None:
            return
        width = header.columns.width
        for row in read_rows(lines, header.delimiter, width, last_used=width - 1, spare=2):
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            values = {name: cells[at] for name, at in _PRO.items() if at < len(cells)}
            if context.device is None and values.get("Device"):
                context.device = values["Device"][:100]
            yield _sample(context, line, values)


def _sample(context: LogContext, line: int, values: dict[str, str]) -> Row:
    fix = find_fix(
        context,
        parse_time(_iso(values["Timestamp"]), context.zone),
        number(values["Latitude"]),
        number(values["Longitude"]),
        number(values.get("Accuracy", "")),
        number(values.get("Altitude", "")),
    )
    if isinstance(fix, str):
        return Rejected(line, fix)
    technology = _technology(values["NetworkMode"]) or _technology(values.get("NetworkTech", ""))
    if technology is None:
        return Rejected(line, "technology")
    level, quality = number(values["RSRP"]), number(values["RSRQ"])
    if technology == "wcdma":
        levels = Levels(rscp=level, ecno=quality)
    elif technology == "gsm":
        levels = Levels(level=level)
    else:
        levels = Levels(
            level=level, rsrq=quality, sinr=number(values["SNR"]), rssi=number(values["RSSI"])
        )
    name = values["Operatorname"]
    mcc, mnc = split_plmn(values.get("MCCMNC") or name)
    return build_sample(
        line,
        fix,
        technology,
        Identity(
            mcc or "",
            mnc or "",
            number(values.get("LAC", "")),
            _cell_id(technology, values),
            arfcn=number(values["ARFCN"]),
            name=name,
        ),
        levels,
    )


def _iso(text: str) -> str:
    """Return "2019.11.29_09.37.23" as ISO 8601 without a zone; other text as it is."""
    day, mark, time = text.strip().partition("_")
    return f"{day.replace('.', '-')}T{time.replace('.', ':')}" if mark else text


def _technology(mode: str) -> str | None:
    """Return the technology of a network mode such as LTE, HSPA+, 5G, LTE-NR, 5G NSA."""
    word = mode.strip().casefold()
    if "nsa" in word or "endc" in word or "en-dc" in word or ("nr" in word and "lte" in word):
        return "nr_nsa"
    if word in ("5g sa", "nr sa", "sa", "5g-sa", "nr-sa"):
        return "nr_sa"
    return TECHNOLOGY_NAMES.get(word)


def _hex(text: str) -> str:
    try:
        return str(int(text.strip(), 16))
    except ValueError:
        return ""


def _cell_id(technology: str, values: dict[str, str]) -> float | None:
    """Return the whole identity: as it is, or of node and sector."""
    whole = number(values.get("RAWCELLID", ""))
    if whole is not None:
        return whole
    node = number(values.get("Node", ""))
    sector = number(values.get("Sector", "") or values["CellID"])
    if node is None or sector is None or technology == "gsm":
        return sector if technology == "gsm" else number(values["CellID"])
    if technology == "wcdma":
        return node * 65_536 + sector if sector < 65_536 else sector
    return node * 256 + sector if sector < 256 else sector
