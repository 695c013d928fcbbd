"""Exported visits as CSV: one row a service test or reading (RFC 4180, CRLF, UTF-8).

A visit with neither has one row of its own, so that none is missing. No text cell can start
a formula in a spreadsheet. Knows nothing of the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from survey.domain.exports import AreaName, ExportedVisit, plain_number
from survey.domain.instants import parse_instant
from survey.domain.visit import Reading, ServiceTest

PLACE_COLUMNS = (
    "visit_id",
    "day",
    "local_time",
    "kabupaten_code",
    "kabupaten",
    "kecamatan_code",
    "kecamatan",
    "nagari_code",
    "nagari",
    "jorong_id",
    "jorong",
    "claimed_area",
    "latitude_deg",
    "longitude_deg",
    "accuracy_m",
    "altitude_m",
    "place_kind",
    "setting",
    "power",
    "usually_signal",
)
ROW_COLUMNS = (
    "row_type",
    "row_number",
    "operator",
    "operator_class",
    "technology",
    "result",
    "proof",
    "handset",
    "sim_slot",
    "waited_s",
    "airplane_toggled",
    "networks_heard",
    "rsrp_dbm",
    "rsrq_db",
    "sinr_db",
    "rssi_dbm",
    "rscp_dbm",
    "ecno_db",
    "bars",
    "source",
    "raw_text",
    "measured_at",
)
VISIT_COLUMNS = (
    "signal_class",
    "services_failing",
    "photos",
    "note",
    "incomplete_reason",
    "position_method",
    "position_reason",
    "fixes",
    "position_time",
    "state",
    "review_decision",
    "review_reason",
    "reviewed_at",
    "officer",
    "campaign_id",
    "campaign",
    "occurred_at",
    "started_at",
    "saved_at",
    "received_at",
    "changed_at",
    "clock_offset_ms",
    "app_version",
    "revision",
    "revision_sha256",
    "rule_version",
    "demo",
)
PERSONAL_COLUMNS = (
    "officer_id",
    "officer_username",
    "companions",
    "claimed_said_by",
    "reviewer",
    "phone_model",
)

Cell = str | float | None


class Dialect(NamedTuple):
    """How a table is spelt: separator, decimal sign, and what the file begins with."""

    separator: str
    decimal: str
    byte_order_mark: str


PLAIN = Dialect(",", ".", "")
EXCEL_INDONESIA = Dialect(";", ",", "\ufeff")
"""A double click opens it as a table in an Excel that is set to Indonesian."""

_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_NEEDS_QUOTES = re.compile(r'[",;\r\n\t]')


class _Spelling(dict[Cell, str]):
    """Cells as the file has them, each spelt once; forgets all when there are too many.

    One table for texts and numbers: 1 and 1.0 are equal and are spelt alike.
    """

    def __init__(self, dialect: Dialect) -> None:
        super().__init__({None: ""})
        self._decimal = dialect.decimal

    def __missing__(self, cell: Cell) -> str:
        if len(self) >= 20_000:
            self.clear()
            self[None] = ""
        spelt = self[cell] = _spell_cell(cell, self._decimal)
        return spelt


def csv_rows(
    visits: Iterable[ExportedVisit],
    zone: ZoneInfo,
    *,
    dialect: Dialect = PLAIN,
    personal: bool = False,
) -> Iterator[str]:
    """Yield the table as text: the header line, then all lines of one visit at a time."""
    columns = [*PLACE_COLUMNS, *ROW_COLUMNS, *VISIT_COLUMNS]
    columns += PERSONAL_COLUMNS if personal else ()
    comma = dialect.separator
    yield dialect.byte_order_mark + comma.join(columns) + "\r\n"
    spelling = _Spelling(dialect)

    def spell(cells: list[Cell]) -> str:
        return comma.join([spelling[cell] for cell in cells])

    for visit in visits:
        # What all rows of a visit share is spelt once.
        before = spell(_place_cells(visit, zone))
        after = spell(_visit_cells(visit, personal=personal))
        rows = [
            _test_cells(number, test, visit) for number, test in enumerate(visit.service_tests, 1)
        ]
        rows += [
            _reading_cells(number, item, visit) for number, item in enumerate(visit.readings, 1)
        ]
        if not rows:
            rows = [["visit", *[None] * (len(ROW_COLUMNS) - 1)]]
        yield "".join([f"{before}{comma}{spell(row)}{comma}{after}\r\n" for row in rows])


def _spell_cell(cell: Cell, decimal: str) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        text = plain_number(cell)
        return text if decimal == "." else text.replace(".", decimal)
    if cell and cell[0] in _FORMULA_STARTS:
        cell = "'" + cell
    if _NEEDS_QUOTES.search(cell):
        cell = '"' + cell.replace('"', '""') + '"'
    return cell


def _truth(value: object) -> str | None:
    return None if value is None else ("true" if value else "false")


def _place_cells(visit: ExportedVisit, zone: ZoneInfo) -> list[Cell]:
    area = visit.area
    local = parse_instant(visit.occurred_at).astimezone(zone)
    return [
        visit.id,
        visit.day,
        f"{local:%H:%M:%S}",
        *_area_cells(area.kabupaten),
        *_area_cells(area.kecamatan),
        *_area_cells(area.nagari),
        area.jorong.id if area.jorong else None,
        area.jorong.name if area.jorong else None,
        visit.claimed_name,
        visit.latitude_deg,
        visit.longitude_deg,
        visit.accuracy_m,
        visit.altitude_m,
        visit.place_kind,
        visit.setting,
        visit.power,
        visit.usually_signal,
    ]


def _area_cells(area: AreaName | None) -> tuple[Cell, Cell]:
    return (area.code, area.name) if area else (None, None)


def _test_cells(number: int, test: ServiceTest, visit: ExportedVisit) -> list[Cell]:
    return [
        "test",
        number,
        test.operator,
        visit.operator_classes.get(test.operator or ""),
        test.technology,
        test.result,
        test.proof,
        test.handset,
        test.sim_slot,
        test.waited_s,
        _truth(test.airplane_toggled),
        "; ".join(test.networks_heard),
        *[None] * 9,
        test.at,
    ]


def _reading_cells(number: int, reading: Reading, visit: ExportedVisit) -> list[Cell]:
    return [
        "reading",
        number,
        reading.operator,
        visit.operator_classes.get(reading.operator or ""),
        reading.technology,
        None,
        None,
        reading.handset,
        reading.sim_slot,
        None,
        None,
        None,
        reading.rsrp_dbm,
        reading.rsrq_db,
        reading.sinr_db,
        reading.rssi_dbm,
        reading.rscp_dbm,
        reading.ecno_db,
        reading.bars,
        reading.source,
        reading.raw_text,
        reading.at,
    ]


def _visit_cells(visit: ExportedVisit, *, personal: bool) -> list[Cell]:
    cells: list[Cell] = [
        visit.signal_class,
        "; ".join(visit.services_failing),
        len(visit.photos),
        visit.note,
        visit.incomplete_reason,
        visit.position_method,
        visit.position_reason,
        visit.fixes,
        visit.position_time,
        visit.state,
        visit.review_decision,
        visit.review_reason,
        visit.reviewed_at,
        visit.officer_label,
        visit.campaign_id,
        visit.campaign_name,
        visit.occurred_at,
        visit.started_at,
        visit.saved_at,
        visit.received_at,
        visit.changed_at,
        visit.clock_offset_ms,
        visit.app_version,
        visit.revision,
        visit.revision_sha256,
        visit.rule_version,
        _truth(visit.demo),
    ]
    if personal:
        cells += [
            visit.officer_id,
            visit.officer_username,
            "; ".join(visit.companions),
            visit.claimed_said_by,
            visit.reviewer_name,
            visit.phone_model,
        ]
    return cells
