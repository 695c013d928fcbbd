"""The rules that ask questions about one radio reading.

Bars, ASU and known bogus values; bounds by technology are in `limits`. Sources: the AOSP
carrier configuration, TS 27.007, public bug reports of radio apps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from survey.domain.flags import Flag
from survey.domain.limits import MAIN_QUANTITY, TECHNOLOGY_LIMITS
from survey.domain.visit import Oddity, Reading

QUANTITIES: Final = ("rsrp_dbm", "rsrq_db", "sinr_db", "rssi_dbm", "rscp_dbm", "ecno_db")
LEVELS: Final = ("rsrp_dbm", "rscp_dbm", "rssi_dbm")
"""The quantities that phones show in ASU too."""

_LTE = ((-128, -118, -108, -98), (-115, -105, -95, -85))
_NR = ((-110, -90, -80, -65), (-110, -90, -80, -65))
BAR_BOUNDS_DBM: Final = {
    "gsm": ((-109, -103, -97, -89), (-107, -103, -97, -89)),
    "wcdma": ((-114, -104, -94, -84), (-105, -95, -85, -75)),
    "lte": _LTE,
    "nr_nsa": _NR,
    "nr_sa": _NR,
}
"""Lower bounds of 1, 2, 3, 4 bars: the most lenient and the strictest in use. An operator or
maker may set others, so one bar more or less is no question."""

ASU_MAXIMUM: Final = 97
_ASU = re.compile(r"(?<![\d.,])(\d{1,2})\s*asu\b", re.IGNORECASE)


def flag_reading(index: int, reading: Reading, oddities: Sequence[Oddity]) -> Iterator[Flag]:
    """Yield the questions about reading number `index`; `oddities` are those of the visit."""
    technology = reading.technology
    yield from _flag_asu(index, reading, oddities)
    if technology is None:
        return
    bounds = TECHNOLOGY_LIMITS[technology]
    for name in QUANTITIES:
        value: float | None = getattr(reading, name)
        if value is None:
            continue
        about = {"reading": index, "field": name, "value": value, "technology": technology}
        if name not in bounds:
            yield Flag("reading.foreign_quantity", about)
        elif not bounds[name][0] <= value <= bounds[name][1]:
            minimum, maximum = bounds[name]
            yield Flag(
                "reading.technology_range", {**about, "minimum": minimum, "maximum": maximum}
            )
    yield from _flag_bogus(index, reading)
    if reading.bars is not None:
        yield from _flag_bars(index, reading, technology, reading.bars)


def _flag_bars(index: int, reading: Reading, technology: str, bars: int) -> Iterator[Flag]:
    value: float | None = getattr(reading, MAIN_QUANTITY[technology])
    if value is None:
        return
    lenient, strict = BAR_BOUNDS_DBM[technology]
    minimum = max(0, sum(value >= bound for bound in strict) - 1)
    maximum = min(4, sum(value >= bound for bound in lenient) + 1)
    if not minimum <= min(bars, 4) <= maximum:
        yield Flag(
            "reading.bars",
            {
                "reading": index,
                "operator": reading.operator,
                "bars": bars,
                "value": value,
                "minimum": minimum,
                "maximum": maximum,
            },
        )


def _flag_bogus(index: int, reading: Reading) -> Iterator[Flag]:
    found: tuple[str, float] | None = None
    if reading.technology == "gsm" and reading.rssi_dbm == -51:
        found = ("rssi_dbm", -51)
    elif (
        reading.technology in ("nr_nsa", "nr_sa")
        and reading.rsrp_dbm == -44
        and reading.rsrq_db in (None, -3)
    ):
        found = ("rsrp_dbm", -44)
    elif (
        reading.technology == "lte"
        and reading.rssi_dbm is not None
        and reading.rssi_dbm == reading.rsrp_dbm
    ):
        found = ("rssi_dbm", reading.rssi_dbm)
    if found:
        field, value = found
        yield Flag(
            "reading.bogus",
            {"reading": index, "operator": reading.operator, "field": field, "value": value},
        )


def _flag_asu(index: int, reading: Reading, oddities: Sequence[Oddity]) -> Iterator[Flag]:
    """Ask when an ASU stands where dBm belong: a small positive number, or its negative."""
    written = _ASU.search(reading.raw_text) if reading.raw_text else None
    asu = int(written[1]) if written else None
    for name in LEVELS:
        value: float | None = getattr(reading, name)
        if asu and value is not None and abs(value) == asu:
            yield _asu_flag(index, reading, name, value)
    prefix = f"readings[{index}]."
    for oddity in oddities:
        name = oddity.field.removeprefix(prefix)
        if oddity.why == "out_of_range" and name != oddity.field and name in LEVELS:
            try:
                value = float(oddity.value)
            except ValueError:
                continue
            if 0 <= value <= ASU_MAXIMUM or (asu is not None and abs(value) == asu):
                yield _asu_flag(index, reading, name, value)


def _asu_flag(index: int, reading: Reading, field: str, value: float) -> Flag:
    return Flag(
        "reading.asu",
        {
            "reading": index,
            "operator": reading.operator,
            "field": field,
            "value": value,
            "raw_text": reading.raw_text,
        },
    )
