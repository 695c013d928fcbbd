"""One number of one quantity: is it what a phone can mean? And numbers without a name.

Part of `typed_rules`; the same as the phone's `static/core/typed_values.js`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from survey.domain.limits import MAIN_QUANTITY, TECHNOLOGY_LIMITS
from survey.domain.typed_statements import Statement, Statements

ASU_MAXIMUM: Final = 97
NR_STRONGEST_DBM: Final = -44
WCDMA_STRONGEST_DBM: Final = -40
"""No phone shows a stronger level, whatever the standard allows: it is something else."""

FORMULAS: Final = (
    ("gsm", 2, -113),
    ("wcdma", 1, -120),
    ("wcdma", 1, -116),
    ("lte", 1, -140),
    ("nr_nsa", 1, -140),
    ("nr_sa", 1, -140),
)
"""dBm from ASU as phones write it: network, factor, offset. 3G has two."""

Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to answer: values by field (None: leave it out), or another network."""

    values: Values | None = None
    technology: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is odd about a text; `insist` is what the officer may keep all the same."""

    code: str
    field: str | None = None
    value: float | None = None
    answers: tuple[Answer, ...] = ()
    insist: Answer | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """One technology with its bounds."""

    technology: str

    @property
    def main(self) -> str:
        """The field that tells coverage."""
        return MAIN_QUANTITY[self.technology]

    def has(self, field: str) -> bool:
        """Tell whether the technology has a quantity."""
        return field in TECHNOLOGY_LIMITS[self.technology]

    def within(self, field: str, value: float) -> bool:
        """Tell whether a value is within its bounds; a quantity without any has all."""
        bounds = TECHNOLOGY_LIMITS[self.technology].get(field)
        return bounds is None or bounds[0] <= value <= bounds[1]


def only(field: str, value: float | None) -> Answer:
    """Return the answer that sets one field."""
    return Answer({field: value})


def _from_asu(one: Statement, room: Room) -> float | None:
    size = abs(one.value)
    whole = size == int(size) and size <= ASU_MAXIMUM
    if one.unit or not whole or room.technology == "wcdma":
        return None
    return 2 * size - 113 if room.technology == "gsm" else size - 140


def judge_level(field: str, one: Statement, room: Room, rsrq: float | None) -> Question | None:
    """Ask about a level in dBm, or return None when it can be meant."""
    value = one.value
    nr = room.technology.startswith("nr")
    strongest = NR_STRONGEST_DBM if nr and field == "rsrp_dbm" else 0
    if field == "rscp_dbm":
        strongest = WCDMA_STRONGEST_DBM

    def fits(dbm: float) -> bool:
        return dbm < 0 and room.within(field, dbm) and dbm <= strongest

    insist = only(field, value)
    dbm = _from_asu(one, room)
    asu = (only(field, dbm),) if dbm is not None and fits(dbm) else ()
    if fits(value):
        copied = nr and value == NR_STRONGEST_DBM and (rsrq is None or abs(rsrq) == 3)
        bogus = (room.technology == "gsm" and value == -51) or copied
        return Question("bogus", field, value, (), insist) if bogus else None
    if value > 0 and fits(-value):
        return Question("sign", field, value, (only(field, -value), *asu), insist)
    # 3G has two formulas, so its ASU has no answer
    whole = one.value == int(one.value) and not one.unit and abs(value) <= ASU_MAXIMUM
    bare_3g = room.technology == "wcdma" and whole and not fits(-abs(value))
    return Question("asu" if asu or bare_3g else "range", field, value, asu, insist)


def judge_ratio(field: str, one: Statement, room: Room, modern: bool) -> Question | None:
    """Ask about a ratio in dB, or return None when it can be meant."""
    value, tenth = one.value, one.value / 10
    whole = value == int(value)
    insist = only(field, value)
    if field == "sinr_db":
        if one.dash and room.within(field, -value):
            both = tuple(only(field, each) for each in (value, -value) if room.within(field, each))
            return Question("hyphen", field, value, both)
        old = one.name == "rssnr" and not modern and value != 0 and whole
        if old and room.within(field, value):
            return Question("tenth", field, value, (only(field, value), only(field, tenth)))
    elif value == 0:
        return Question("bogus", field, value, (), insist)
    elif value > 0 and one.sign != "+" and room.within(field, -value):
        return Question("sign", field, value, (only(field, -value),), insist)
    if room.within(field, value):
        return None
    if whole and room.within(field, tenth):
        return Question("tenth", field, value, (only(field, tenth),), insist)
    return Question("range", field, value, (), insist)


ByField = dict[str, list[Statement]]


def _by_asu(dbm: float, asu: float) -> bool:
    return any(dbm == factor * asu + offset for _, factor, offset in FORMULAS)


def place_bare(told: Statements, room: Room, by_field: ByField) -> list[Statement]:
    """Give numbers without a name to the main quantity where that is clear; return the rest."""
    levels = [
        one for one in told.bare if one.unit == "dbm" or (one.name == "signal" and not one.unit)
    ]
    plain = [one for one in told.bare if one.unit != "dbm" and (one.name != "signal" or one.unit)]
    if levels:
        by_field.setdefault(room.main, []).extend(levels)
    known = {one.value for several in by_field.values() for one in several}
    plain = [one for one in plain if one.value not in known]
    stated = by_field.get(room.main)
    free = [one for one in plain if not one.unit]
    alone = len(free) == len(plain) == 1
    if not stated:
        two = len(free) == len(plain) == 2 and not told.asu
        pair = two and _by_asu(free[0].value, free[1].value)
        if pair:
            told.asu.append(free[1])
        level = alone and (free[0].value < 0 or room.within(room.main, -free[0].value))
        if pair or level or (alone and not by_field):
            by_field[room.main] = [free[0]]
            plain = []
    elif alone and not told.asu and stated[0].value < 0 and _by_asu(stated[0].value, free[0].value):
        told.asu.append(free[0])
        plain = []
    return plain + told.doubtful


def ask_which(loose: Sequence[Statement], room: Room, by_field: ByField) -> Question:
    """Ask what numbers stand for that may be several things."""
    fields = dict.fromkeys((room.main, "rsrq_db", "sinr_db", "ecno_db"))
    free = [field for field in fields if room.has(field) and field not in by_field]

    def fits(field: str, value: float) -> bool:
        signed = field == "sinr_db" or value < 0
        return field in free and room.within(field, value) and signed

    values = [one.value for one in loose]
    first, main = values[0], room.main
    answers: list[Answer] = []
    if len(values) == 1:
        may = [field for field in free if field == main or first >= -43]
        answers = [only(field, first) for field in may if fits(field, first)]
    elif len(values) == 2 and fits(main, first):
        pairs = [field for field in free[1:] if fits(field, values[1])]
        answers = [Answer({main: first, field: values[1]}) for field in pairs]
        if not answers and fits(main, values[1]):
            answers = [only(main, first), only(main, values[1])]
    elif len(values) == 3:
        row = {main: first, "rsrq_db": values[1], "sinr_db": values[2]}
        answers = [Answer(row)] if all(fits(*pair) for pair in row.items()) else []
    return Question("which", None, first, tuple(answers))
