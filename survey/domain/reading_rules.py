"""The rules that ask questions about one radio reading.

Bars, ASU and known bogus values; bounds by technology are in `limits`. Sources: the AOSP
carrier configuration, TS 27.007, public bug reports of radio apps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final

from survey.domain.flags import EvidenceValue, Flag
from survey.domain.limits import MAIN_QUANTITY, TECHNOLOGY_LIMITS
from survey.domain.operators import SWITCHED_OFF
from survey.domain.typed_rules import understand_typed
from survey.domain.typed_values import Answer, Question
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

_read_quantities = attrgetter(*QUANTITIES)
_NOTHING: Final = (math.inf, -math.inf)
_BOUNDS: Final = {
    technology: tuple(bounds.get(name, _NOTHING) for name in QUANTITIES)
    for technology, bounds in TECHNOLOGY_LIMITS.items()
}
"""Bounds of each quantity in order; no value is within those of a foreign one."""


def flag_reading(
    flags: list[Flag], index: int, reading: Reading, oddities: Sequence[Oddity]
) -> None:
    """Add the questions about reading number `index`; `oddities` are those of the visit."""
    before = len(flags)
    if oddities or (reading.raw_text and _may_be_asu(reading)):
        _flag_asu(flags, index, reading, oddities)
    technology = reading.technology
    typed = reading.source == "typed" and index < TEXTS_READ
    if typed and reading.raw_text and len(flags) == before:
        _flag_text(flags, index, reading, reading.raw_text, oddities)
    if technology is None:
        return
    since = SWITCHED_OFF.get(technology)
    if since and (reading.at or "9999") > since:
        about = {"reading": index, "operator": reading.operator, "since": since}
        flags.append(Flag("reading.switched_off", about))
    bounds = _BOUNDS[technology]
    for number, value in enumerate(_read_quantities(reading)):
        if value is not None:
            minimum, maximum = bounds[number]
            if not minimum <= value <= maximum:
                flags.append(_range_flag(index, technology, QUANTITIES[number], value))
    _flag_bogus(flags, index, reading)
    if reading.bars is not None:
        _flag_bars(flags, index, reading, technology, reading.bars)


def _range_flag(index: int, technology: str, field: str, value: float) -> Flag:
    about: dict[str, EvidenceValue] = {
        "reading": index,
        "field": field,
        "value": value,
        "technology": technology,
    }
    limits = TECHNOLOGY_LIMITS[technology].get(field)
    if limits is None:
        return Flag("reading.foreign_quantity", about)
    return Flag("reading.technology_range", {**about, "minimum": limits[0], "maximum": limits[1]})


@lru_cache(maxsize=4096)
def fitting_bars(technology: str, value: float) -> tuple[int, int]:
    """Return the fewest and most bars (of 4) that phones may show at a main value in dBm."""
    lenient, strict = BAR_BOUNDS_DBM[technology]
    minimum = max(0, sum(value >= bound for bound in strict) - 1)
    maximum = min(4, sum(value >= bound for bound in lenient) + 1)
    return minimum, maximum


def _flag_bars(flags: list[Flag], index: int, reading: Reading, technology: str, bars: int) -> None:
    value: float | None = getattr(reading, MAIN_QUANTITY[technology])
    if value is None:
        return
    minimum, maximum = fitting_bars(technology, value)
    if not minimum <= min(bars, 4) <= maximum:
        flags.append(
            Flag(
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
        )


def _flag_bogus(flags: list[Flag], index: int, reading: Reading) -> None:
    found: tuple[str, float] | None = None
    technology = reading.technology
    if technology == "lte":
        if reading.rssi_dbm is not None and reading.rssi_dbm == reading.rsrp_dbm:
            found = ("rssi_dbm", reading.rssi_dbm)
    elif technology == "gsm":
        if reading.rssi_dbm == -51:
            found = ("rssi_dbm", -51)
    elif (
        technology in ("nr_nsa", "nr_sa")
        and reading.rsrp_dbm == -44
        and reading.rsrq_db in (None, -3)
    ):
        found = ("rsrp_dbm", -44)
    if found:
        field, value = found
        flags.append(
            Flag(
                "reading.bogus",
                {"reading": index, "operator": reading.operator, "field": field, "value": value},
            )
        )


TEXTS_READ: Final = 100
"""Texts of one visit that are read: a hostile record must not hold up the others."""
OWN_FLAGS: Final = ("range", "bogus", "sign", "asu", "foreign", "tenth")
"""Questions that leave their own flag behind when the officer insists."""


def _flag_text(
    flags: list[Flag], index: int, reading: Reading, text: str, oddities: Sequence[Oddity]
) -> None:
    """Ask where the kept values are not what the typed text says."""
    told = understand_typed(text, reading.technology)
    about: dict[str, EvidenceValue] = {"reading": index, "raw_text": text}
    for name, expected in told.values.items():
        value: float | None = getattr(reading, name)
        if value is not None and value != expected:
            differs = {**about, "field": name, "value": value, "expected": expected}
            flags.append(Flag("reading.text_differs", differs))
    for question in told.questions:
        if question.code not in OWN_FLAGS and _insisted(question, reading):
            values = question.insist.values if question.insist else None
            kept = ", ".join(f"{name} {value:g}" for name, value in (values or {}).items())
            flags.append(Flag("reading.text_insisted", {**about, "kept": kept}))
    unread = all(value is None for value in _read_quantities(reading))
    if unread and not oddities and any(one.code != "no_number" for one in told.questions):
        flags.append(Flag("reading.text_unread", about))


def _insisted(question: Question, reading: Reading) -> bool:
    """Tell whether the reading holds what was insisted on, and none of the answers."""

    def holds(answer: Answer | None) -> bool:
        values = answer.values if answer else None
        return values is not None and all(getattr(reading, of) == values[of] for of in values)

    return holds(question.insist) and not any(map(holds, question.answers))


def _may_be_asu(reading: Reading) -> bool:
    """Tell whether a level is so near zero that its number could be an ASU."""
    for value in (reading.rsrp_dbm, reading.rscp_dbm, reading.rssi_dbm):
        if value is not None and value >= -ASU_MAXIMUM:
            return True
    return False


def _flag_asu(flags: list[Flag], index: int, reading: Reading, oddities: Sequence[Oddity]) -> None:
    """Ask when an ASU stands where dBm belong: a small positive number, or its negative."""
    asu = read_asu(reading.raw_text or "")
    if asu:
        for name in LEVELS:
            value: float | None = getattr(reading, name)
            if value is not None and abs(value) == asu:
                flags.append(_asu_flag(index, reading, name, value))
    if not oddities:
        return
    prefix = f"readings[{index}]."
    for oddity in oddities:
        name = oddity.field.removeprefix(prefix)
        if oddity.why == "out_of_range" and name != oddity.field and name in LEVELS:
            try:
                value = float(oddity.value)
            except ValueError:
                continue
            if 0 <= value <= ASU_MAXIMUM or (asu is not None and abs(value) == asu):
                flags.append(_asu_flag(index, reading, name, value))


def read_asu(text: str) -> int | None:
    """Return the whole number that stands before the word ASU in a text, or None."""
    head, word, _ = text.lower().partition("asu")
    if not word:
        return None
    parts = head.rsplit(None, 1)
    digits = parts[-1] if parts else ""
    return int(digits) if len(digits) <= 3 and digits.isascii() and digits.isdigit() else None


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
