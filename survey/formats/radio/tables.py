"""Delimited tables as apps and spreadsheets write them: columns by name, rows that are whole.

Comma, semicolon or tab, quotes, columns in any order. A row that does not fit its header is a
`Rejected`, never a guess.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from survey.domain.cells import NO_TEXT
from survey.formats.radio.items import Rejected

DELIMITERS: Final = (",", ";", "\t", "|")

Lines = Iterator[tuple[int, str | None, bool]]


def normal_name(name: str) -> str:
    """Return a column's name without case, spaces, underscores and quotes."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def split_header(line: str) -> tuple[str, list[str]]:
    """Return the delimiter that gives a line the most columns, and their normal names."""
    delimiter = max(DELIMITERS, key=line.count)
    return delimiter, [normal_name(cell) for cell in split_row(line, delimiter) or ()]


def split_row(line: str, delimiter: str) -> list[str] | None:
    """Return the cells of one line, None when its quotes do not close."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader((line,), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return None


class Columns:
    """Where each wanted column stands; a missing one reads as the empty cell after the last."""

    def __init__(self, names: Sequence[str]) -> None:
        self._places: dict[str, int] = {}
        for place, name in enumerate(names):
            self._places.setdefault(name, place)
        self.width = len(names)

    def __contains__(self, name: str) -> bool:
        return normal_name(name) in self._places

    def places(self, names: Iterable[str]) -> list[int]:
        """Return the place of each column; -1, which is the empty cell, for a missing one."""
        return [self._places.get(normal_name(name), -1) for name in names]


def read_rows(
    lines: Lines, delimiter: str, width: int, *, last_used: int = -1, spare: int = 0
) -> Iterator[tuple[int, list[str]] | Rejected]:
    """Yield line number and cells, with an empty cell added behind the last.

    `spare`: so many cells at the end may be missing or too many. A last line without an end is
    cut off when its last cell is `last_used`: a number may go on where the file stops.
    """
    for number, line, ended in lines:
        if line is None:
            yield Rejected(number, "too_long")
            continue
        if not line or line.isspace():
            continue
        cells = split_row(line, delimiter)
        if cells is None:
            yield Rejected(number, "not_understood" if ended else "cut")
            continue
        count = len(cells)
        if count != width:
            if not width - spare <= count <= width + spare + _blank_tail(cells, width):
                yield Rejected(number, "columns" if ended else "cut")
                continue
            cells = cells[:width] + [""] * (width - count)
        if not ended and 0 <= last_used == count - 1 and cells[last_used]:
            yield Rejected(number, "cut")
            continue
        cells.append("")
        yield number, cells


def _blank_tail(cells: list[str], width: int) -> int:
    """Return how many empty cells stand behind the width: a spreadsheet adds such."""
    return 0 if any(cells[width:]) else max(0, len(cells) - width)


def number(value: object) -> float | None:
    """Return a finite number of a cell or a JSON value, None for all that is none.

    A comma is decimal where it is the only sign of that kind: "-108,5".
    """
    if type(value) is str:
        if not value:
            return None
        try:
            found = float(value)
        except ValueError:
            if value.strip().casefold() in NO_TEXT or value.count(",") != 1 or "." in value:
                return None
            try:
                found = float(value.replace(",", "."))
            except ValueError:
                return None
        return found if math.isfinite(found) and "_" not in value else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def truth(value: object) -> bool | None:
    """Return what a cell says with true/false, 1/0 or yes/no, None when it says nothing."""
    word = str(value).strip().casefold()
    if word in ("true", "1", "yes", "1.0"):
        return True
    return False if word in ("false", "0", "no", "0.0") else None


HEADER_LINES: Final = 50


class Header:
    """The header of a table, where it was found, and what stood above it."""

    def __init__(self, delimiter: str, names: list[str], preamble: list[str]) -> None:
        self.delimiter, self.columns, self.preamble = delimiter, Columns(names), preamble


def find_header(lines: Lines, signature: Iterable[str]) -> Header | None:
    """Return the first line that has all columns of a signature; None when there is none."""
    wanted = set(signature)
    preamble: list[str] = []
    for number, line, _ in lines:
        if line is not None:
            delimiter, names = split_header(line)
            if wanted <= set(names):
                return Header(delimiter, names, preamble)
            preamble.append(line)
        if number >= HEADER_LINES:
            break
    return None
