"""What one stand says of each operator: its class, and the class in each technology seen.

A stand is one visit. Knows nothing of storage, of other stands, of what makes a class final.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final, Literal

from survey.domain.class_rules import ClassRules
from survey.domain.classes import class_of_operator, main_value
from survey.domain.operators import OPERATORS
from survey.domain.visit import Reading, ServiceTest

Sim = tuple[str | None, str | None, int | None]
"""A SIM of the day: operator, handset, slot."""

Where = Literal["outdoor", "indoor", "vehicle", "signal_spot"]


@dataclass(frozen=True, slots=True)
class Stand:
    """A visit as far as classes need it; `day` is a local day.

    `controlled` are the SIMs that passed a control in the days that the rules ask for. A SIM
    without a known control is not in it.
    """

    visit_id: str
    day: str
    place_kind: str | None = None
    setting: str | None = None
    power: str | None = None
    service_tests: Sequence[ServiceTest] = ()
    readings: Sequence[Reading] = ()
    controlled: frozenset[Sim] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The class of one operator at one stand, over all technologies or in one of them."""

    visit_id: str
    day: str
    place_kind: str | None
    where: Where
    power_cut: bool
    letter: str
    proven: bool
    emergency: bool
    controlled: bool
    value_dbm: float | None = None
    technologies: dict[str, Verdict] = field(default_factory=dict)


def judge_stand(stand: Stand, rules: ClassRules) -> dict[str, Verdict]:
    """Return what a stand says by operator; an operator that nobody tried is not in it."""
    keys = {test.operator for test in stand.service_tests}
    keys |= {reading.operator for reading in stand.readings}
    verdicts = {}
    for key in sorted(key for key in keys if key):
        tests = [test for test in stand.service_tests if test.operator == key]
        readings = [reading for reading in stand.readings if reading.operator == key]
        verdict = _judge_operator(key, stand, tests, readings, rules)
        if verdict is not None:
            verdicts[key] = verdict
    return verdicts


def _judge_operator(
    key: str,
    stand: Stand,
    tests: list[ServiceTest],
    readings: list[Reading],
    rules: ClassRules,
) -> Verdict | None:
    letter = class_of_operator(key, tests, readings, rules.cuts_dbm)
    if letter is None:
        return None
    sims: set[Sim] = {(one.operator, one.handset, one.sim_slot) for one in tests or readings}
    silent = [test for test in tests if no_service(test)]

    def verdict(letter: str, value: float | None, by: dict[str, Verdict]) -> Verdict:
        return Verdict(
            visit_id=stand.visit_id,
            day=stand.day,
            place_kind=stand.place_kind,
            where=_where(stand, rules),
            power_cut=stand.power == "off",
            letter=letter,
            proven=letter == "A" and any(_is_proven(test) for test in silent),
            emergency=letter == "A" and any(no_service(t) == "emergency_only" for t in silent),
            controlled=bool(sims & stand.controlled),
            value_dbm=value,
            technologies=by,
        )

    by_technology = {}
    seen = {test.technology for test in tests} | {reading.technology for reading in readings}
    for technology in sorted(one for one in seen if one):
        its_tests = [test for test in tests if test.technology == technology]
        its_readings = [one for one in readings if one.technology == technology]
        found = class_of_operator(key, its_tests, its_readings, rules.cuts_dbm)
        if found is not None:
            # A network that gives no service gives none in any technology, whatever was read.
            by_technology[technology] = verdict(
                "A" if letter == "A" else found, _value(its_readings), {}
            )
    return verdict(letter, None, by_technology)


def _where(stand: Stand, rules: ClassRules) -> Where:
    """Tell where a stand counts; a setting that nobody said is outdoors."""
    if stand.setting == "indoor":
        return "indoor"
    if stand.setting == "vehicle":
        return "vehicle"
    return "signal_spot" if stand.place_kind in rules.places_apart else "outdoor"


def _value(readings: Sequence[Reading]) -> float | None:
    """Return one value for a stand, so that ten readings of one do not outvote three stands."""
    values = [value for reading in readings if (value := main_value(reading)) is not None]
    return float(median(values)) if values else None


def no_service(test: ServiceTest) -> Literal["none", "emergency_only"] | None:
    """Tell which kind of no service a test found, None when it found service or says nothing.

    Emergency only means: none of the SIM's operator, and some other network heard, by the phone
    that says so or in the manual search.
    """
    if test.result == "emergency_only":
        return "emergency_only"
    if test.result != "none":
        return None
    others = [name for name in test.networks_heard if not is_own_network(test.operator, name)]
    return "emergency_only" if others else "none"


def _is_proven(test: ServiceTest) -> bool:
    """Tell whether a none was proven; one that heard its own network doubts its SIM first."""
    heard_own = any(is_own_network(test.operator, name) for name in test.networks_heard)
    return test.proof == "proven" and not heard_own


def _tokens(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.casefold()))


_OWN_NAMES: Final = {
    operator.key: _tokens(f"{operator.key} {operator.brand}") | set(operator.plmns)
    for operator in OPERATORS
}
_SPOKEN: Final = {"tri": frozenset({"3"})}
"""What phones show for a brand beside its name."""


def is_own_network(operator: str | None, heard: str) -> bool:
    """Tell whether a name heard in a network search is the SIM's own operator."""
    if not operator:
        return False
    own = _OWN_NAMES.get(operator, _tokens(operator)) | _SPOKEN.get(operator, frozenset())
    found = _tokens(heard)
    # A network code may be spelt "510 10" or "510-10".
    return bool(own & found) or re.sub(r"\D", "", heard) in own
