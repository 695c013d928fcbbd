"""The office's list of areas as bytes: what is taken, and where each fault is."""

from __future__ import annotations

import pytest

from survey.domain.area_lines import FILE_BYTES, FILE_ROWS, AreaLine
from survey.formats.area_files import COLUMNS, read_area_file

HEADER = "level,name,parent,latitude_deg,longitude_deg,aliases,note\n"


def faults(content: str | bytes) -> list[tuple[int, str]]:
    data = content.encode() if isinstance(content, str) else content
    return [(fault.row, fault.column) for fault in read_area_file(data).faults]


def only_line(content: str) -> AreaLine:
    read = read_area_file(content.encode())
    assert read.faults == []
    (line,) = read.lines
    return line


def test_a_full_row_is_read_as_it_stands() -> None:
    row = "99.01/j0007,jorong,Ujung,99.01.01.2001,,,-1.541671,101.243342,Hujung|Ujuang,jauh\n"
    assert only_line(",".join(COLUMNS) + "\n" + row) == AreaLine(
        2,
        "jorong",
        "Ujung",
        id="99.01/j0007",
        parent="99.01.01.2001",
        latitude_deg=-1.541671,
        longitude_deg=101.243342,
        aliases=("Hujung", "Ujuang"),
        note="jauh",
    )


def test_excel_file_with_bom_semicolons_and_decimal_commas_is_taken() -> None:
    line = only_line("\ufeffLevel;Name;Latitude_deg;Longitude_deg\r\nJorong;Ujung;-1,5;101,25\r\n")
    assert (line.latitude_deg, line.longitude_deg) == (-1.5, 101.25)


def test_the_sep_line_of_excel_is_not_a_row() -> None:
    assert only_line("sep=;\nlevel;name\njorong;Ujung\n").row == 2


def test_tabs_are_taken() -> None:
    assert only_line("level\tname\njorong\tUjung\n").name == "Ujung"


def test_empty_rows_and_empty_cells_say_nothing() -> None:
    line = only_line("level,name,note\n,,\njorong,Ujung,\n")
    assert (line.row, line.note) == (3, None)


def test_row_shorter_than_the_header_has_empty_cells() -> None:
    assert only_line(HEADER + "jorong,Ujung\n").parent is None


def test_level_word_and_capitals_are_taken_off_a_name() -> None:
    assert only_line("level,name\njorong,JORONG KOTO BARU II\n").name == "Koto Baru II"


def test_quoted_cell_keeps_its_comma_and_its_line_break_becomes_a_space() -> None:
    assert only_line('level,name,note\njorong,Ujung,"jauh,\nsekali"\n').note == "jauh, sekali"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("desa,Ujung,,,,,", "level"),
        ("jorong,,,,,,", "name"),
        ("jorong,12,,,,,", "name"),
        ("jorong,=HYPERLINK(1),,,,,", "name"),
        ("jorong,@SUM,,,,,", "name"),
        ("jorong,Ujung,+62,,,,", "parent"),
        ("jorong,Uj\x07ung,,,,,", "name"),
        ("jorong,Uj\x1cung,,,,,", "name"),
        ("jorong,Uj\u202eung,,,,,", "name"),
        ("jorong,Uj\x00ung,,,,,", "name"),
        (f"jorong,{'a' * 201},,,,,", "name"),
        (f"jorong,Ujung,,,,{'a' * 201},", "aliases"),
        (f"jorong,Ujung,,,,,{'a' * 1001}", "note"),
        ('jorong,Ujung,,"-1,5",101.2,,', "latitude_deg"),
        ("jorong,Ujung,,NaN,101.2,,", "latitude_deg"),
        ("jorong,Ujung,,1e1,101.2,,", "latitude_deg"),
        ("jorong,Ujung,,-91,101.2,,", "latitude_deg"),
        ("jorong,Ujung,,-1.5,181,,", "longitude_deg"),
        ("jorong,Ujung,,-1.5,,,", "longitude_deg"),
        ("jorong,Ujung,,,101.2,,", "latitude_deg"),
        ("jorong,Ujung,,0,0,,", "latitude_deg"),
        ("jorong,Ujung,,,,,,more", ""),
    ],
)
def test_a_faulty_cell_is_told_with_its_row_and_column(row: str, column: str) -> None:
    assert faults(HEADER + "jorong,Baik,,,,,\n" + row + "\n") == [(3, column)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("nagari,Ujung,99.01.01,", "kemendagri_code"),
        ("jorong,Ujung,99.01.01.2001,", "kemendagri_code"),
        ("nagari,Ujung,,9901010", "bps_code"),
    ],
)
def test_code_of_another_level_is_a_fault(row: str, column: str) -> None:
    assert faults("level,name,kemendagri_code,bps_code\n" + row + "\n") == [(2, column)]


@pytest.mark.parametrize("bound", ["-90", "90"])
def test_latitude_on_its_bound_is_taken(bound: str) -> None:
    assert only_line(HEADER + f"jorong,Ujung,,{bound},101,,\n").latitude_deg == float(bound)


def test_every_fault_of_a_file_is_told_at_once() -> None:
    assert faults(HEADER + "desa,,,x,,,\njorong,Baik,,,,,\njorong,,,,,,\n") == [
        (2, "level"),
        (2, "name"),
        (2, "latitude_deg"),
        (2, "longitude_deg"),
        (4, "name"),
    ]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("level,name,kepala keluarga\njorong,Ujung,5\n", (1, "kepala keluarga")),
        ("level,name,name\njorong,Ujung,Ujung\n", (1, "name")),
        ("level,parent\njorong,Ujung\n", (1, "name")),
        ("level,name\n", (0, "")),
        ('level,name\njorong,"Ujung\n', (2, "")),
    ],
)
def test_a_faulty_header_or_shape_is_told(content: str, place: tuple[int, str]) -> None:
    assert place in faults(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf \r\n",
        b"PK\x03\x04workbook",
        b"\xd0\xcf\x11\xe0old workbook",
        b"\xff\xfel\x00e\x00",
        b"%PDF-1.7",
        b"\x1f\x8bpacked",
        b"<!doctype html><html></html>",
        b"x" * (FILE_BYTES + 1),
    ],
)
def test_what_is_no_table_is_one_fault_of_the_whole_file(content: bytes) -> None:
    assert faults(content) == [(0, "")]


def test_windows_1252_is_told_with_the_row_where_utf8_ends() -> None:
    data = "level,name\njorong,Ujung\njorong,Élan\n".encode("cp1252")
    assert faults(data) == [(3, "")]


def test_too_many_rows_are_one_fault() -> None:
    rows = "".join(f"jorong,Ujung {n}a\n" for n in range(FILE_ROWS + 1))
    assert faults("level,name\n" + rows) == [(0, "")]


def test_faults_stop_at_a_bearable_number() -> None:
    assert 200 <= len(faults("level,name\n" + "desa,x\n" * 5000)) < 205


def test_text_of_a_fault_names_what_it_speaks_of() -> None:
    (fault,) = read_area_file(b"level,name\njorong,=1+1\n").faults
    assert fault.place == "row 2, name"
    assert fault.text == "A cell must not begin with =: it would be a formula."
