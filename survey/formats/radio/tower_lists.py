"""Public tower lists: OpenCellID and MLS CSV, NetMonster .ntm, CLF 3.0 -> reference cells.

They tell where somebody thinks a cell stands. No level, no date of a measurement: never
coverage, never a sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from survey.domain.cells import (
    AREA_CODE_MAXIMUM,
    ARFCN_MAXIMUM,
    CELL_ID_MAXIMUM,
    PCI_MAXIMUM,
    clean_identity,
    clean_mcc,
    clean_mnc,
)
from survey.domain.plmns import operator_of_plmn
from survey.domain.samples import ReferenceCell
from survey.formats.radio.building import TECHNOLOGY_NAMES, time_of_epoch
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.tables import number, read_rows, split_header, split_row
from survey.formats.radio.texts import open_text, read_lines

OPENCELLID: Final = [
    "radio",
    "mcc",
    "net",
    "area",
    "cell",
    "unit",
    "lon",
    "lat",
    "range",
    "samples",
    "changeable",
    "created",
    "updated",
    "averagesignal",
]
_WANTED: Final = (
    "radio",
    "mcc",
    "net",
    "area",
    "cell",
    "unit",
    "lon",
    "lat",
    "range",
    "samples",
    "updated",
)
_TEXT_CHARACTERS: Final = 200


def is_opencellid(cells: list[str]) -> bool:
    """Tell whether a line without a header is one of OpenCellID's: lists of a country have none."""
    return (
        len(cells) == len(OPENCELLID)
        and cells[0].casefold() in ("gsm", "umts", "lte", "nr", "cdma")
        and all(number(cell) is not None for cell in cells[1:5])
    )


def read_opencellid(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a reference cell or a rejection a row; with or without a header."""
    context.app = "OpenCellID / MLS"
    with open_text(stream) as text:
        first = text.readline(10_000)
        delimiter, names = split_header(first.rstrip("\n"))
    places = [OPENCELLID.index(name) for name in _WANTED]
    if "radio" in names:
        places = [names.index(name) if name in names else -1 for name in _WANTED]
    with open_text(stream) as text:
        for row in read_rows(read_lines(text), delimiter, len(names), last_used=len(names) - 1):
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            radio, mcc, net, *rest = [cells[at] for at in places]
            if radio.casefold() == "radio":
                continue
            area, cell, unit, lon, lat, reach, samples, updated = map(number, rest)
            yield _cell(
                context,
                line,
                radio,
                mcc,
                net,
                (area, cell, unit, None),
                (lat, lon),
                range_m=reach if reach is not None and 0 < reach <= 500_000 else None,
                samples=int(samples) if samples is not None and 0 <= samples < 1e9 else None,
                updated=updated,
            )


_NTM: Final = {"2G": "gsm", "3G": "wcdma", "4G": "lte", "5G": "nr"}


def read_netmonster(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a reference cell or a rejection a line of a .ntm file."""
    context.app = "NetMonster"
    with open_text(stream) as text:
        for row in read_rows(read_lines(text), ";", 11, last_used=10):
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            kind, mcc, mnc, cell, area, node, code, lat, lon, place, channel = cells[:11]
            cell_id = _whole_identity(kind.upper(), number(cell), number(node))
            yield _cell(
                context,
                line,
                _NTM.get(kind.upper(), ""),
                mcc,
                mnc,
                (number(area), cell_id, number(code), number(channel)),
                (number(lat), number(lon)),
                place=place,
            )


def _whole_identity(kind: str, cell_id: float | None, node: float | None) -> float | None:
    """Return a cell's whole identity: the list has a sector with its RNC or eNB, or all of it."""
    if cell_id is None or (kind == "5G" and cell_id == 1):
        return None  # 1 is what phones write for an NSA cell without an identity
    if kind == "3G" and clean_identity(4095, node) and cell_id < 65_536:
        return cell_id + (node or 0) * 65_536
    if kind == "4G" and clean_identity(1_048_575, node) and cell_id < 256:
        return cell_id + (node or 0) * 256
    return cell_id


def is_clf(line: str) -> bool:
    """Tell whether a line is one of a CLF 3.0 list."""
    cells = line.split(";")
    return (
        len(cells) == 9
        and cells[0].isdigit()
        and len(cells[0]) in (5, 6)
        and all(number(cell) is not None for cell in cells[1:6])
    )


def read_clf(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a reference cell or a rejection a line; an RNC tells 3G, else a long cell id 4G."""
    context.app = "CLF 3.0"
    with open_text(stream) as text:
        for row in read_rows(read_lines(text), ";", 9):
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            plmn, cid, lac, rnc, lat, lon, _, place = cells[:8]
            cell_id, node = number(cid), number(rnc)
            radio = "gsm"
            if node and cell_id is not None:
                radio = "wcdma"
                cell_id = cell_id + node * 65_536 if cell_id < 65_536 else cell_id
            elif cell_id is not None and cell_id > 65_535:
                radio = "lte"
            yield _cell(
                context,
                line,
                radio,
                plmn[:3],
                plmn[3:],
                (number(lac), cell_id, None, None),
                (number(lat), number(lon)),
                place=place,
            )


def _cell(
    context: LogContext,
    line: int,
    radio: str,
    mcc_text: str,
    mnc_text: str,
    identity: tuple[float | None, float | None, float | None, float | None],
    point: tuple[float | None, float | None],
    range_m: float | None = None,
    samples: int | None = None,
    updated: float | None = None,
    place: str = "",
) -> Row:
    technology = TECHNOLOGY_NAMES.get(radio.casefold())
    if technology is None:
        return Rejected(line, "technology")
    technology = "nr_sa" if technology == "nr" else technology
    latitude, longitude = point
    if latitude is None or longitude is None:
        return Rejected(line, "no_position")
    if latitude == 0 and longitude == 0:
        return Rejected(line, "zero_position")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return Rejected(line, "bad_position")
    mcc = clean_mcc(mcc_text)
    mnc = clean_mnc(mcc, mnc_text)
    if mcc is None or mnc is None:
        return Rejected(line, "bad_network")
    cell_id = clean_identity(CELL_ID_MAXIMUM[technology], identity[1])
    if cell_id is None:
        return Rejected(line, "no_identity")
    updated_at = time_of_epoch(updated)
    return ReferenceCell(
        technology,
        mcc,
        mnc,
        clean_identity(AREA_CODE_MAXIMUM[technology], identity[0]),
        cell_id,
        latitude,
        longitude,
        line,
        clean_identity(PCI_MAXIMUM[technology], identity[2], 0),
        clean_identity(ARFCN_MAXIMUM[technology], identity[3], 0),
        range_m,
        samples,
        updated_at if updated_at is not None and updated_at <= context.latest else None,
        place.strip()[:_TEXT_CHARACTERS] or None,
        operator_of_plmn(mcc, mnc, (updated_at or context.now)[:10]),
    )


def is_netmonster(line: str) -> bool:
    """Tell whether a line is one of a .ntm file."""
    cells = split_row(line, ";") or []
    return len(cells) == 11 and cells[0].upper() in _NTM and cells[1].strip().isdigit()
