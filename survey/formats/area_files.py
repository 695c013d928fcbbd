"""An office's list of areas as CSV: bytes to lines, every fault with its row and column.

Takes comma, semicolon or tab, with or without BOM, in UTF-8. GeoJSON goes on to
area_boundaries.py. Knows nothing of the areas that exist.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from survey.domain.area_lines import (
    FILE_BYTES,
    FILE_ROWS,
    NOTE_CHARACTERS,
    SHOWN_FAULTS,
    AreaFile,
    AreaLine,
    Fault,
)
from survey.domain.areas import LEVELS, is_bps_code_of_level, is_code_of_level
from survey.domain.labels import N_
from survey.domain.limits import LIMITS, NAME_CHARACTERS
from survey.domain.spelling import bare_name, calm_capitals
from survey.formats.area_boundaries import read_boundaries

COLUMNS: Final = (
    "id",
    "level",
    "name",
    "parent",
    "kemendagri_code",
    "bps_code",
    "latitude_deg",
    "longitude_deg",
    "aliases",
    "note",
)
NEEDED_COLUMNS: Final = ("level", "name")

_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{1,15})?")
_NUMBER_COLUMNS: Final = ("latitude_deg", "longitude_deg")
_FORMULA_SIGNS: Final = ("=", "+", "-", "@")
_SIGNATURES: Final = (
    (b"PK\x03\x04", N_("This is an Excel workbook or a ZIP file. Save the sheet as CSV UTF-8.")),
    (b"PK\x05\x06", N_("This is an empty ZIP file.")),
    (b"\xd0\xcf\x11\xe0", N_("This is an old Excel workbook. Save the sheet as CSV UTF-8.")),
    (b"%PDF", N_("This is a PDF file. Take the table it was made from.")),
    (b"\xff\xfe", N_("This file is in UTF-16. Save it as CSV UTF-8.")),
    (b"\xfe\xff", N_("This file is in UTF-16. Save it as CSV UTF-8.")),
    (b"\x1f\x8b", N_("This file is packed. Unpack it first.")),
)


def read_area_file(content: bytes) -> AreaFile:
    """Return what a CSV or GeoJSON file says; a file that is neither gives one fault."""
    fault = _find_file_fault(content)
    if fault is not None:
        return AreaFile(faults=[fault])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        message = N_("This row is not in UTF-8. Save the file as CSV UTF-8.")
        return AreaFile(faults=[Fault(row, "", message)])
    start = text.lstrip()
    if start.startswith("<"):
        return AreaFile(faults=[Fault(0, "", N_("This is a web page or XML, not CSV or GeoJSON."))])
    if start.startswith(("{", "[")):
        return read_boundaries(text)
    return _Reader().read(text)


def _find_file_fault(content: bytes) -> Fault | None:
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        return Fault(0, "", N_("The file is empty."))
    if len(content) > FILE_BYTES:
        return Fault(
            0, "", N_("The file is larger than {limit} MB."), {"limit": FILE_BYTES // 1_000_000}
        )
    for signature, message in _SIGNATURES:
        if content.startswith(signature):
            return Fault(0, "", message)
    return None


class _Reader:
    """Reads one CSV text; gathers faults instead of stopping at the first."""

    def __init__(self) -> None:
        self.result = AreaFile()
        self.decimal_comma = False

    def read(self, text: str) -> AreaFile:
        text, delimiter = _find_delimiter(text)
        self.decimal_comma = delimiter != ","
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        number = 0
        try:
            columns = self._read_header(next(rows, []))
            if columns is None:
                return self.result
            number = 1
            for number, cells in enumerate(rows, start=2):
                if number > FILE_ROWS + 1:
                    self._fault(0, "", N_("The file has more than {n} rows."), n=FILE_ROWS)
                if len(self.result.faults) >= SHOWN_FAULTS or number > FILE_ROWS + 1:
                    break
                if any(cell.strip() for cell in cells):
                    self._read_row(number, columns, cells)
        except csv.Error:
            message = N_("A quotation mark is opened and not closed, or a row is too long.")
            self._fault(number + 1, "", message)
        if not self.result.lines and not self.result.faults:
            self._fault(0, "", N_("The file has a header and no rows."))
        return self.result

    def _fault(self, row: int, column: str, message: str, **params: object) -> None:
        self.result.faults.append(Fault(row, column, message, params))

    def _read_header(self, cells: list[str]) -> list[str] | None:
        columns = [cell.strip().lower() for cell in cells]
        while columns and not columns[-1]:
            columns.pop()
        known = ", ".join(COLUMNS)
        for column in dict.fromkeys(columns):
            shown = _printable(column)[:40]
            if column not in COLUMNS:
                message = N_("Unknown column. Known are: {columns}.")
                self._fault(1, shown or "?", message, columns=known)
            elif columns.count(column) > 1:
                self._fault(1, shown, N_("This column stands here twice."))
        for column in NEEDED_COLUMNS:
            if column not in columns:
                self._fault(1, column, N_("This column is missing."))
        return None if self.result.faults else columns

    def _read_row(self, row: int, columns: list[str], cells: list[str]) -> None:
        before = len(self.result.faults)
        if any(cell.strip() for cell in cells[len(columns) :]):
            self._fault(row, "", N_("This row has more cells than the header."))
            return
        values = {
            column: self._read_cell(row, column, cell)
            for column, cell in zip(columns, cells, strict=False)
        }
        level = self._read_level(row, values.get("level"))
        name = values.get("name")
        if name is None:
            self._fault(row, "name", N_("The name is missing."))
        else:
            name = calm_capitals(bare_name(name))
        self._check_codes(row, level, values)
        latitude, longitude = self._read_point(row, values)
        if len(self.result.faults) > before or name is None:
            return
        self.result.lines.append(
            AreaLine(
                row,
                level,
                name,
                id=values.get("id"),
                parent=values.get("parent"),
                kemendagri_code=values.get("kemendagri_code"),
                bps_code=values.get("bps_code"),
                latitude_deg=latitude,
                longitude_deg=longitude,
                aliases=tuple(_split_aliases(values.get("aliases"))),
                note=values.get("note"),
            )
        )

    def _read_cell(self, row: int, column: str, cell: str) -> str | None:
        text = unicodedata.normalize("NFC", " ".join(cell.split()))
        limit = NOTE_CHARACTERS if column in ("note", "aliases") else NAME_CHARACTERS
        if any(_is_control(letter) for letter in cell):
            self._fault(row, column, N_("This cell holds control characters."))
        elif not text:
            return None
        elif column not in _NUMBER_COLUMNS and text.startswith(_FORMULA_SIGNS):
            message = N_("A cell must not begin with {sign}: it would be a formula.")
            self._fault(row, column, message, sign=text[0])
        elif len(text) > limit:
            self._fault(row, column, N_("This is longer than {n} characters."), n=limit)
        elif column == "name" and not any(letter.isalpha() for letter in text):
            self._fault(row, column, N_("A name needs letters."))
        elif column == "aliases" and any(len(a) > NAME_CHARACTERS for a in text.split("|")):
            self._fault(row, column, N_("This is longer than {n} characters."), n=NAME_CHARACTERS)
        return text

    def _read_level(self, row: int, text: str | None) -> str:
        level = (text or "").lower()
        if level not in LEVELS:
            self._fault(
                row, "level", N_("The level is one of: {levels}."), levels=", ".join(LEVELS)
            )
        return level

    def _check_codes(self, row: int, level: str, values: dict[str, str | None]) -> None:
        checks: tuple[tuple[str, Callable[[str, str], bool], str], ...] = (
            ("kemendagri_code", is_code_of_level, N_("This is no Kemendagri code of a {level}.")),
            ("bps_code", is_bps_code_of_level, N_("This is no BPS code of a {level}.")),
        )
        for column, fits, message in checks:
            code = values.get(column)
            if code is not None and level in LEVELS and not fits(code, level):
                self._fault(row, column, message, level=level)

    def _read_point(
        self, row: int, values: dict[str, str | None]
    ) -> tuple[float | None, float | None]:
        latitude = self._read_number(row, "latitude_deg", values.get("latitude_deg"))
        longitude = self._read_number(row, "longitude_deg", values.get("longitude_deg"))
        for column, other in (_NUMBER_COLUMNS, _NUMBER_COLUMNS[::-1]):
            if values.get(column) is None and values.get(other) is not None:
                self._fault(row, column, N_("A point needs both latitude and longitude."))
        if latitude == 0 and longitude == 0:
            self._fault(row, "latitude_deg", N_("0, 0 is no measured point."))
        return latitude, longitude

    def _read_number(self, row: int, column: str, text: str | None) -> float | None:
        if text is None:
            return None
        limit = LIMITS[column]
        plain = text.replace(",", ".", 1) if self.decimal_comma else text
        if not _NUMBER.fullmatch(plain):
            message = N_("This is no number of degrees such as -1.541671.")
            self._fault(row, column, message)
        elif not limit.allows(float(plain)):
            self._fault(
                row,
                column,
                N_("This lies outside {low} to {high} degrees."),
                low=limit.minimum,
                high=limit.maximum,
            )
        else:
            return float(plain)
        return None


def _find_delimiter(text: str) -> tuple[str, str]:
    """Return the text without Excel's "sep=" line, and the sign between its cells."""
    first, _, rest = text.partition("\n")
    said = re.fullmatch(r'"?sep=(.)"?\r?', first.strip().lower())
    if said:
        return rest, said[1] if said[1] in ",;" else "\t"
    return text, max(",;\t", key=first.count)


def _split_aliases(text: str | None) -> Iterator[str]:
    for alias in (text or "").split("|"):
        if alias.strip():
            yield alias.strip()


def _is_control(letter: str) -> bool:
    """Tell whether a letter is no text: controls, direction marks, unassigned ones."""
    return letter not in "\t\r\n" and unicodedata.category(letter).startswith("C")


def _printable(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
