from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from survey.domain.exports import ExportedVisit
from survey.domain.privacy import list_fields
from survey.domain.visit import Reading, ServiceTest
from survey.formats.csv_export import (
    EXCEL_INDONESIA,
    PERSONAL_COLUMNS,
    PLACE_COLUMNS,
    PLAIN,
    ROW_COLUMNS,
    VISIT_COLUMNS,
    Dialect,
    csv_rows,
)
from tests.exported import make_exported_visit

JAKARTA = ZoneInfo("Asia/Jakarta")


def write(*visits: ExportedVisit, dialect: Dialect = PLAIN, personal: bool = False) -> str:
    return "".join(csv_rows(visits, JAKARTA, dialect=dialect, personal=personal))


def read(text: str, separator: str = ",") -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return list(rows)


def test_each_service_test_and_each_reading_is_one_row() -> None:
    rows = read(write(make_exported_visit()))

    assert [row["row_type"] for row in rows] == ["test", "reading"]
    assert rows[0]["operator"] == "telkomsel"
    assert rows[0]["result"] == "none"
    assert rows[0]["airplane_toggled"] == "false"
    assert rows[1]["operator"] == "xl"
    assert rows[1]["rsrp_dbm"] == "-108"
    assert rows[1]["rsrq_db"] == "-12.5"


def test_rows_of_one_visit_share_its_values() -> None:
    rows = read(write(make_exported_visit()))

    for row in rows:
        assert row["visit_id"] == "01970000-0000-7000-8000-000000000001"
        assert row["local_time"] == "09:14:41"
        assert row["nagari_code"] == "13.11.01.2001"
        assert row["jorong"] == "Bukit Malintang"
        assert (row["latitude_deg"], row["longitude_deg"]) == ("-1.541671", "101.243342")
        assert row["altitude_m"] == "431"
        assert row["photos"] == "1"
        assert row["demo"] == "false"


def test_a_visit_without_test_and_reading_still_has_its_row() -> None:
    rows = read(write(make_exported_visit(service_tests=[], readings=[])))

    assert [row["row_type"] for row in rows] == ["visit"]
    assert rows[0]["operator"] == ""
    assert rows[0]["state"] == "received"


def test_every_row_has_as_many_cells_as_the_header() -> None:
    visit = make_exported_visit()
    for personal in (False, True):
        for text in (
            write(visit, personal=personal),
            write(make_exported_visit(service_tests=[], readings=[]), personal=personal),
        ):
            header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            assert {len(row) for row in rows} == {len(header)}
            assert len(set(header)) == len(header)


def test_each_line_ends_with_carriage_return_and_line_feed() -> None:
    text = write(make_exported_visit())

    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == 3


@pytest.mark.parametrize(
    "note",
    ['she said "no"', "a,b", "two\nlines", "semi;colon", "carriage\rreturn", "tab\there", "ré☂"],
)
def test_text_comes_back_as_it_was_written(note: str) -> None:
    rows = read(write(make_exported_visit(note=note)))

    assert rows[0]["note"] == note


def is_number(column: str) -> bool:
    return column.endswith(("_deg", "_ms", "_m"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_text_cell_starts_a_formula(start: str) -> None:
    bad = f"{start}1+1"
    visit = make_exported_visit(
        note=bad,
        claimed_name=bad,
        services_failing=[bad],
        companions=[bad],
        campaign_name=bad,
        phone_model=bad,
        service_tests=[ServiceTest(operator=bad, networks_heard=[bad])],
        readings=[Reading(operator=bad, raw_text=bad, at=bad)],
    )

    for row in read(write(visit, personal=True)):
        texts = [cell for name, cell in row.items() if not is_number(name)]
        assert not [cell for cell in texts if cell.startswith(start)]
        assert row["note"] == f"'{bad}"


def test_real_numbers_keep_their_sign() -> None:
    row = read(write(make_exported_visit()))[1]

    assert float(row["latitude_deg"]) == -1.541671
    assert float(row["rsrp_dbm"]) == -108


def test_excel_form_has_semicolons_decimal_commas_and_a_byte_order_mark() -> None:
    text = write(make_exported_visit(note="a;b"), dialect=EXCEL_INDONESIA)

    assert text.encode().startswith(b"\xef\xbb\xbf")
    rows = read(text.removeprefix("\ufeff"), ";")
    assert rows[0]["latitude_deg"] == "-1,541671"
    assert rows[1]["rsrq_db"] == "-12,5"
    assert rows[0]["note"] == "a;b"
    assert rows[0]["visit_id"] == "01970000-0000-7000-8000-000000000001"


def test_personal_columns_stand_only_where_asked_for() -> None:
    visit = make_exported_visit(
        officer_name="Rina", officer_username="rina", companions=["Pak Datuak", "Uni"]
    )

    plain, full = read(write(visit)), read(write(visit, personal=True))

    assert not set(plain[0]) & set(PERSONAL_COLUMNS)
    assert set(full[0]) - set(plain[0]) == set(PERSONAL_COLUMNS)
    assert full[0]["companions"] == "Pak Datuak; Uni"


def test_an_officer_without_a_name_has_a_lasting_pseudonym() -> None:
    row = read(write(make_exported_visit()))[0]

    assert row["officer"].startswith("petugas-")
    assert row["officer"] == read(write(make_exported_visit(day="2026-05-05")))[0]["officer"]


def test_a_number_near_zero_has_no_exponent() -> None:
    row = read(write(make_exported_visit(latitude_deg=-0.00001)))[0]

    assert row["latitude_deg"] == "-0.00001"


def test_what_the_domain_marks_personal_stands_in_personal_columns_only() -> None:
    personal = list_fields("visits", "personal") | list_fields("users", "personal")

    assert not personal & {*PLACE_COLUMNS, *ROW_COLUMNS, *VISIT_COLUMNS}
    assert list_fields("visits", "personal") <= set(PERSONAL_COLUMNS)
