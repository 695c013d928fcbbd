"""The value that a typed or pasted text means, or a question about it.

The phone asks the officer by the same rules (`static/core/typed_rules.js`); the office compares
what was kept with what the text says. Sources of the traps: TS 27.007, 36.133, AOSP,
netmonster-core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from survey.domain.limits import MAIN_QUANTITY, TECHNOLOGIES
from survey.domain.typed_statements import Statement, Statements, read_statements
from survey.domain.typed_values import (
    FORMULAS,
    Answer,
    ByField,
    Question,
    Room,
    ask_which,
    judge_level,
    judge_ratio,
    only,
    place_bare,
)

FIELDS: Final = {
    "rsrp": "rsrp_dbm",
    "rsrq": "rsrq_db",
    "sinr": "sinr_db",
    "rssnr": "sinr_db",
    "rssi": "rssi_dbm",
    "rxlev": "rssi_dbm",
    "rscp": "rscp_dbm",
    "ecno": "ecno_db",
}
_NR: Final = ("nr_nsa", "nr_sa")
_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "rsrp": ("lte", *_NR),
    "rsrq": ("lte", *_NR),
    "sinr": ("lte", *_NR),
    "rssnr": ("lte",),
    "rscp": ("wcdma",),
    "ecno": ("wcdma",),
    "rxlev": ("gsm",),
}
"""Only these networks have the quantity."""
LONGEST: Final = 4000
"""No page of a phone is longer; more is a whole log."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """Values beyond doubt by field, and the questions; their answers are not among the values."""

    technology: str | None
    values: dict[str, float] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)


@lru_cache(maxsize=4096)
def understand_typed(text: str, technology: str | None) -> Understanding:
    """Understand what a phone shows; `technology` None lets the text tell. Do not change it."""
    if not text.strip():
        return Understanding(technology)
    told = read_statements(text[:LONGEST])
    every = [*told.said, *told.bare, *told.doubtful, *told.unnamed]
    if len(text) > LONGEST or not (every or told.asu):
        return Understanding(technology, {}, [Question("no_number")])
    telling = told.said or every
    known = any(technology in _networks_of(one) for one in telling)
    if technology is None or (telling and not known):
        return _find_technology(text, technology, told, every)
    told.keep(lambda one: technology in _networks_of(one))
    return _weigh(told, Room(technology))


def _networks_of(one: Statement) -> Sequence[str]:
    named = _NR if one.nr else _ONLY.get(one.name, TECHNOLOGIES)
    if not one.networks:
        return named
    both = [network for network in named if network in one.networks]
    return both if both or all(network == "cdma" for network in one.networks) else named


def _find_technology(
    text: str, technology: str | None, told: Statements, every: list[Statement]
) -> Understanding:
    telling = told.said or every
    some = [key for key in TECHNOLOGIES if any(key in _networks_of(one) for one in telling)]
    shared = [key for key in TECHNOLOGIES if all(key in _networks_of(one) for one in every)]
    if technology is None and len(shared) == 1:
        return understand_typed(text, shared[0])
    may = some if technology or not shared else shared
    fitting: list[str] = []
    if len(told.asu) == len(told.bare) == 1:
        dbm, asu = told.bare[0].value, told.asu[0].value
        fit = {of for of, factor, offset in FORMULAS if dbm == factor * asu + offset}
        fitting = [key for key in may if key in fit]
    answers = fitting or may or TECHNOLOGIES
    insist = None
    if technology:
        said = [*told.said, *told.bare]
        values = {FIELDS.get(one.name, MAIN_QUANTITY[technology]): one.value for one in said}
        insist = Answer(values) if said and len(values) == len(said) else None
    question = Question(
        "technology", answers=tuple(Answer(technology=key) for key in answers), insist=insist
    )
    return Understanding(technology, {}, [question])


def _weigh(told: Statements, room: Room) -> Understanding:
    by_field: ByField = {}
    for one in told.said:
        by_field.setdefault(FIELDS[one.name], []).append(one)
    for name, several in by_field.items():
        by_field[name] = [one for one in several if not one.antenna] or several
    loose = place_bare(told, room, by_field)
    out = Understanding(room.technology)
    for name, several in by_field.items():
        question = _judge(name, several, room, by_field, told.modern)
        if question:
            out.questions.append(question)
        else:
            out.values[name] = several[0].value
    _relate(told, room, out, by_field)
    if loose:
        out.questions.append(ask_which(loose, room, by_field))
    if not out.values and not out.questions:
        unnamed = told.unnamed
        out.questions.append(
            ask_which(unnamed, room, by_field) if unnamed else Question("no_number")
        )
    return out


def _judge(
    name: str, several: list[Statement], room: Room, by_field: ByField, modern: bool
) -> Question | None:
    one = several[0]
    numbers = list(dict.fromkeys(each.value for each in several))
    if len(numbers) > 1:
        meant = dict.fromkeys(each if room.within(name, each) else -each for each in numbers)
        answers = tuple(only(name, each) for each in meant if room.within(name, each))
        return Question("two", name, one.value, answers)
    if one.unclear:
        may = (only(name, one.value),) if room.within(name, one.value) else ()
        return Question("comma", name, one.value, may)
    if not room.has(name):
        return Question("foreign", name, one.value, (), only(name, one.value))
    named = all(each.name not in ("signal", "") for each in several)
    foreign = name == "rssi_dbm" and room.main != name and room.main not in by_field
    if foreign and named and room.within(name, one.value):
        keep = (only(name, one.value),)
        return Question("rssi", name, one.value, keep, only(room.main, one.value))
    if name.endswith("_dbm"):
        rsrq = by_field.get("rsrq_db")
        return judge_level(name, one, room, rsrq[0].value if rsrq else None)
    return judge_ratio(name, one, room, modern)


def _relate(told: Statements, room: Room, out: Understanding, by_field: ByField) -> None:
    """Ask where two values contradict each other: RSRP and RSSI, dBm and ASU."""
    rsrp, rssi = out.values.get("rsrp_dbm"), out.values.get("rssi_dbm")
    if rsrp is not None and rssi is not None and rsrp >= rssi:
        del out.values["rsrp_dbm"], out.values["rssi_dbm"]
        swapped = Answer({"rsrp_dbm": rssi, "rssi_dbm": rsrp if rsrp > rssi else None})
        insist = Answer({"rsrp_dbm": rsrp, "rssi_dbm": rssi})
        out.questions.append(Question("order", "rsrp_dbm", rsrp, (swapped,), insist))
    elif told.asu:
        _relate_asu(told.asu[0].value, room, out, by_field)


def _relate_asu(asu: float, room: Room, out: Understanding, by_field: ByField) -> None:
    main = out.values.get(room.main)
    own = [(factor, offset) for of, factor, offset in FORMULAS if of == room.technology]
    dbm = own[0][0] * asu + own[0][1]
    meant = (only(room.main, dbm),) if len(own) == 1 and room.within(room.main, dbm) else ()
    if main is None:
        if room.main not in by_field and "rssi_dbm" not in by_field:
            out.questions.append(Question("asu", room.main, asu, meant))
        return
    fitting = [of for of, factor, offset in FORMULAS if main == factor * asu + offset]
    if room.technology in fitting:
        return
    del out.values[room.main]
    insist = only(room.main, main)
    if "gsm" in fitting and room.has("rssi_dbm"):
        power = (only("rssi_dbm", main), Answer(technology="gsm"))
        out.questions.append(Question("rssi", room.main, main, power, insist))
    elif fitting:
        networks = tuple(Answer(technology=of) for of in dict.fromkeys(fitting))
        out.questions.append(Question("technology", room.main, main, networks, insist))
    else:
        out.questions.append(Question("asu_differs", room.main, main, (insist, *meant)))
