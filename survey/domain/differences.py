"""What changed between two payloads of one record, field by field, in an order for people.

Elements of lists are matched by what they are about (operator and SIM, photo hash), not by
their place, so that one more SIM does not look like five changes. Missing equals null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

IDENTITY: Final[Mapping[str, tuple[str, ...]]] = {
    "service_tests": ("operator", "handset", "sim_slot"),
    "readings": ("operator", "technology", "handset", "sim_slot"),
    "data_tests": ("operator", "handset", "sim_slot"),
    "photos": ("sha256",),
}
"""Which fields say that two elements of a list are the same thing."""

TECHNICAL: Final = frozenset(
    {"saved_at", "started_at", "clock", "config_version", "phone", "utc_offset_min"}
)
"""Fields that change with every saving: shown last."""

IGNORED: Final = frozenset({"id", "correction_reason"})
"""Not part of what was observed; the reason of a correction is shown on its own."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: `before` or `after` is None where there was nothing.

    `path` is e.g. ("position", "accuracy_m") or ("service_tests", "xl · own · 1", "result").
    """

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def technical(self) -> bool:
        """Tell whether this changes with every saving."""
        return self.path[0] in TECHNICAL


def compare_payloads(before: Any, after: Any) -> list[Difference]:
    """Return the differences of two payload objects, technical ones last.

    Anything that is no object (an erased payload) has no differences.
    """
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return []
    found = [
        difference
        for difference in _compare_objects((), before, after)
        if difference.path[0] not in IGNORED
    ]
    return sorted(found, key=lambda difference: difference.technical)


def _compare_objects(
    path: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    found: list[Difference] = []
    for name in dict.fromkeys([*after, *before]):
        found += _compare_values((*path, str(name)), before.get(name), after.get(name))
    return found


def _compare_values(path: tuple[str, ...], before: Any, after: Any) -> list[Difference]:
    if _same(before, after):
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _compare_objects(path, before, after)
    lists = (before or [], after or [])
    if path[-1] in IDENTITY and all(_is_list_of_objects(value) for value in lists):
        return _compare_elements(path, *lists)
    return [Difference(path, before, after)]


def _compare_elements(
    path: tuple[str, ...], before: Sequence[Any], after: Sequence[Any]
) -> list[Difference]:
    fields = IDENTITY[path[-1]]
    old, new = _by_identity(before, fields), _by_identity(after, fields)
    found: list[Difference] = []
    for name in dict.fromkeys([*new, *old]):
        found += _compare_values((*path, name), old.get(name), new.get(name))
    return found


def _by_identity(elements: Sequence[Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the elements by their name; a second one of the same name gets a number."""
    named: dict[str, Any] = {}
    for element in elements:
        parts = [str(element[name]) for name in fields if element.get(name) is not None]
        base = " · ".join(parts) or "?"
        name, number = base, 1
        while name in named:
            number += 1
            name = f"{base} #{number}"
        named[name] = element
    return named


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(element, Mapping) for element in value)


def _same(before: Any, after: Any) -> bool:
    """Tell whether two JSON values are equal; 1 and true differ, 6.0 and 6 do not."""
    if isinstance(before, bool) != isinstance(after, bool):
        return False
    return bool(before == after)
