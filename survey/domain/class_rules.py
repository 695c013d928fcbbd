"""The rules by which stands become the class of a jorong: versioned data of the office.

What a version does not say is filled from here, and the whole is printed with every result. The
defaults are therefore part of every old version: a new idea gets a new key, never a new default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from survey.domain.classes import CLASSES, DEFAULT_CUTS_DBM, read_cuts
from survey.domain.limits import PLACE_KINDS

DEFAULT_SHARE: Final = 0.5
"""A jorong has the best class that at least half of its stands reach, so that a tie speaks for
the operator: nobody can say that less was reported than was measured."""

PUBLIC_PLACES: Final = ("school", "health", "mosque", "office", "market")
PLACES_APART: Final = ("signal_spot",)
"""Where people go for signal was chosen for its signal and says nothing of where they live."""


@dataclass(frozen=True, slots=True)
class ClassRules:
    """One version of the rules, whole: names and meanings are in docs/classes.md."""

    version: int | None
    cuts_dbm: Mapping[str, float]
    share: float = DEFAULT_SHARE
    minimum_stands: int = 3
    minimum_days: int = 2
    minimum_values: int = 3
    public_places: tuple[str, ...] = PUBLIC_PLACES
    places_apart: tuple[str, ...] = PLACES_APART
    proven_none: bool = True
    control_days: int = 7
    control_classes: tuple[str, ...] = CLASSES
    podes_very_strong_dbm: float = -80.0
    podes_strong_dbm: float = -100.0

    def as_data(self) -> dict[str, Any]:
        """Return the rules as JSON has them."""
        return asdict(self)


DEFAULT_RULES: Final = ClassRules(None, DEFAULT_CUTS_DBM)


def read_class_rules(version: int | None, content: Mapping[str, Any]) -> ClassRules:
    """Return a version's rules: the office's where they make sense, else the defaults."""
    return ClassRules(
        version=version,
        cuts_dbm=read_cuts(content),
        share=_number(content.get("class_share"), DEFAULT_RULES.share, 0.01, 1),
        minimum_stands=_count(content.get("minimum_visits"), DEFAULT_RULES.minimum_stands),
        minimum_days=_count(content.get("class_minimum_days"), DEFAULT_RULES.minimum_days),
        minimum_values=_count(content.get("class_minimum_values"), DEFAULT_RULES.minimum_values),
        public_places=_words(
            content.get("class_public_places"), DEFAULT_RULES.public_places, PLACE_KINDS
        ),
        places_apart=_words(
            content.get("class_places_apart"), DEFAULT_RULES.places_apart, PLACE_KINDS
        ),
        proven_none=_truth(content.get("class_proven_none"), DEFAULT_RULES.proven_none),
        control_days=_count(content.get("class_control_days"), DEFAULT_RULES.control_days),
        control_classes=_words(
            content.get("class_control_classes"), DEFAULT_RULES.control_classes, CLASSES
        ),
        podes_very_strong_dbm=_number(
            content.get("podes_very_strong_dbm"), DEFAULT_RULES.podes_very_strong_dbm, -156, -31
        ),
        podes_strong_dbm=_number(
            content.get("podes_strong_dbm"), DEFAULT_RULES.podes_strong_dbm, -156, -31
        ),
    )


def _number(value: object, default: float, minimum: float, maximum: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return default
    return float(value) if minimum <= value <= maximum else default


def _count(value: object, default: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return default
    return value if 1 <= value <= 1000 else default


def _truth(value: object, default: bool) -> bool:
    return value if isinstance(value, bool) else default


def _words(value: object, default: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return a list of known words in the order of `known`; an empty list is a choice too."""
    if not isinstance(value, list) or not all(word in known for word in value):
        return default
    return tuple(word for word in known if word in value)
