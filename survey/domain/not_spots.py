"""What others call a jorong of our classes: the words of BPS Podes, Ofcom's kinds of not-spot.

Podes asks the village office and names no dBm; the cuts are ours and part of the rules. Ofcom
(2010): complete, no mobile broadband, operator-specific, on the move, indoor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from survey.domain.class_rules import ClassRules
from survey.domain.jorong_classes import JorongClass, ServiceClass

PODES_STRENGTHS: Final = ("very_strong", "strong", "weak", "none")
PODES_INTERNET: Final = ("4g_5g", "3g", "2g", "none")
NOT_SPOTS: Final = (
    "complete",
    "no_mobile_broadband",
    "operator_specific",
    "on_the_move",
    "indoor",
)
_GENERATIONS: Final = {"lte": "4g_5g", "nr_nsa": "4g_5g", "nr_sa": "4g_5g", "wcdma": "3g"}
_INTERNET: Final = ("C", "D")


@dataclass(frozen=True, slots=True)
class Podes:
    """Strength and internet signal in the words of Podes; None where it was not measured."""

    strength: str | None
    internet: str | None


@dataclass(frozen=True, slots=True)
class NotSpot:
    """One kind of not-spot and the operators that it concerns."""

    kind: str
    operators: tuple[str, ...]


def podes_of(jorong: JorongClass, rules: ClassRules) -> Podes:
    """Return the best that any operator gives, as a village office would answer."""
    if jorong.letter is None:
        return Podes(None, None)
    if jorong.letter == "A":
        return Podes("none", "none")
    serving = [
        row
        for operator in jorong.operators
        if operator.letter not in (None, "A")
        for row in operator.technologies
        if row.letter not in (None, "A")
    ]
    medians = [
        row.levels.median_dbm
        for row in serving
        if row.levels is not None and row.levels.median_dbm is not None
    ]
    return Podes(_strength(max(medians, default=None), rules), _internet(jorong, serving))


def _strength(level_dbm: float | None, rules: ClassRules) -> str | None:
    if level_dbm is None:
        return None
    if level_dbm >= rules.podes_very_strong_dbm:
        return "very_strong"
    return "strong" if level_dbm >= rules.podes_strong_dbm else "weak"


def _internet(jorong: JorongClass, serving: list[ServiceClass]) -> str | None:
    if jorong.letter not in _INTERNET:
        return "none"
    found = {
        _GENERATIONS.get(row.technology or "", "2g") for row in serving if row.letter in _INTERNET
    }
    # Internet worked, and nobody noted by which technology.
    return next((word for word in PODES_INTERNET if word in found), None)


def not_spots_of(jorong: JorongClass) -> tuple[NotSpot, ...]:
    """Return every kind of not-spot that a jorong is, in the order of `NOT_SPOTS`."""
    measured = [row for row in jorong.operators if row.letter is not None]
    silent = tuple(row.operator for row in measured if row.letter == "A")
    found = []
    if jorong.letter == "A":
        found.append(NotSpot("complete", silent))
    if jorong.letter == "B":
        best = tuple(row.operator for row in measured if row.letter == "B")
        found.append(NotSpot("no_mobile_broadband", best))
    if silent and jorong.letter != "A":
        found.append(NotSpot("operator_specific", silent))
    served = [row for row in measured if row.letter != "A"]
    for kind, where in (("on_the_move", "vehicle"), ("indoor", "indoor")):
        lost = tuple(row.operator for row in served if _is_lost(row, where))
        if lost:
            found.append(NotSpot(kind, lost))
    return tuple(found)


def _is_lost(row: ServiceClass, where: str) -> bool:
    """Tell whether an operator heard outdoors is lost: indoors as a rule, on the way anywhere."""
    apart = row.apart.get(where)
    if apart is None:
        return False
    lost: bool = apart["worst" if where == "vehicle" else "letter"] == "A"
    return lost
