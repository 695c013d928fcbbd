"""TowerCollector CSV: one row a cell, times in UTC, columns by name (older versions have fewer).

Its `dbm` is RSSI in LTE rows; what tells coverage is rsrp, ss_rsrp or rscp.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import BinaryIO, Final

from survey.formats.radio.building import (
    TECHNOLOGY_NAMES,
    Fix,
    Identity,
    Levels,
    build_sample,
    find_fix,
    parse_time,
)
from survey.formats.radio.items import LogContext, Rejected, Row
from survey.formats.radio.tables import find_header, number, read_rows
from survey.formats.radio.texts import open_text, read_lines

SIGNATURE: Final = ("mcc", "mnc", "lac", "cellid", "measuredat", "nettype", "lat", "lon")

_PLACE: Final = ("lat", "lon", "accuracy", "speed", "altitude", "measured_at")
_CELL: Final = ("net_type", "mcc", "mnc", "lac", "cell_id", "psc", "arfcn", "ta", "neighboring")
_LEVEL: Final = ("dbm", "rsrp", "rsrq", "rssi", "rssnr", "rscp", "ec_no")
_NR_LEVEL: Final = ("ss_rsrp", "ss_rsrq", "ss_sinr")


def read(stream: BinaryIO, context: LogContext) -> Iterator[Row]:
    """Yield a sample or a rejection a row."""
    context.app = "TowerCollector"
    with open_text(stream) as text:
        lines = read_lines(text)
        header = find_header(lines, SIGNATURE)
        if header is None:
            return
        columns = header.columns
        place = columns.places(_PLACE)
        cell = columns.places(_CELL)
        level = columns.places(_LEVEL)
        nr = columns.places(_NR_LEVEL)
        device = columns.places(["device"])[0]
        has_rscp = "rscp" in columns
        last_used = columns.width - 1 if columns.width - 1 in (*cell, *level, *nr, *place) else -1
        before: tuple[str, ...] = ()
        fix: Fix | str = "no_position"
        rows = read_rows(lines, header.delimiter, columns.width, last_used=last_used)
        for row in rows:
            if isinstance(row, Rejected):
                yield row
                continue
            line, cells = row
            here = tuple([cells[at] for at in place])
            if here != before:  # the cells of one measurement share place and time
                before, fix = here, _find_fix(context, here)
            if isinstance(fix, str):
                yield Rejected(line, fix)
                continue
            if context.device is None and cells[device]:
                context.device = cells[device][:100]
            name, mcc, mnc, lac, cell_id, psc, arfcn, ta, neighbour = [cells[at] for at in cell]
            technology = TECHNOLOGY_NAMES.get(name.strip().casefold())
            yield build_sample(
                line,
                fix,
                technology,
                Identity(
                    mcc, mnc, number(lac), number(cell_id), number(psc), number(arfcn), number(ta)
                ),
                _levels(technology, cells, level, nr, has_rscp),
                neighbour.strip().casefold() not in ("true", "1"),
            )


def _find_fix(context: LogContext, here: tuple[str, ...]) -> Fix | str:
    *numbers, measured_at = here
    latitude, longitude, accuracy, speed, altitude = map(number, numbers)
    at = parse_time(measured_at, UTC)
    return find_fix(context, at, latitude, longitude, accuracy, altitude, speed)


def _levels(
    technology: str | None, cells: list[str], level: list[int], nr: list[int], has_rscp: bool
) -> Levels:
    dbm, rsrp, rsrq, rssi, rssnr, rscp, ec_no = [number(cells[at]) for at in level]
    rssi = dbm if rssi is None else rssi
    if technology == "nr":
        # Without a level of its own the row carries the LTE anchor's, never `dbm`.
        ss_rsrp, ss_rsrq, ss_sinr = [number(cells[at]) for at in nr]
        if ss_rsrp is None and rsrp is not None:
            return Levels(level=rsrp, rsrq=rsrq, sinr=rssnr)
        return Levels(rsrp=ss_rsrp, rsrq=ss_rsrq, sinr=ss_sinr)
    if technology == "wcdma":
        # Before the column came, Android's number was RSSI.
        return Levels(rscp=rscp, ecno=ec_no, rssi=None if has_rscp else rssi)
    return Levels(rsrp=rsrp, rsrq=rsrq, sinr=rssnr, rssi=rssi)
