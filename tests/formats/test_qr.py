"""The QR code of an enrolment address, as an inline picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import segno

from survey.formats.qr import draw_qr

ADDRESS = "https://survei.example/app#enrol=K7MX-42QD"


def dark_modules(svg: str) -> set[tuple[int, int]]:
    """Return column and row of each dark module that the path draws."""
    path = ElementTree.fromstring(svg).find("{*}path[@class='qr__modules']")
    assert path is not None
    found = set()
    x, y = 0.0, 0.0
    for command, first, _, second in re.findall(
        r"([Mmh])(-?[\d.]+)( ?(-?[\d.]+))?", path.get("d", "")
    ):
        if command == "h":
            found |= {(int(x) + step, int(y)) for step in range(int(first))}
            x += float(first)
        else:
            x, y = (
                (float(first), float(second))
                if command == "M"
                else (x + float(first), y + float(second))
            )
    return found


def test_the_picture_is_the_code_of_the_address_with_a_quiet_zone() -> None:
    matrix = segno.make(ADDRESS, error="m", micro=False).matrix
    wanted = {
        (column + 4, row + 4)
        for row, line in enumerate(matrix)
        for column, module in enumerate(line)
        if module
    }
    assert dark_modules(draw_qr(ADDRESS)) == wanted


def test_the_picture_scales_and_holds_no_style_or_script() -> None:
    svg = draw_qr(ADDRESS)
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox")
    assert root.get("width") is None
    assert not re.search(r"style|script|onload", svg)


def test_what_is_drawn_never_becomes_markup() -> None:
    assert "<script>" not in draw_qr('"><script>alert(1)</script>')
