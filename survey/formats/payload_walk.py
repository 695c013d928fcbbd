"""The lenient reader: walks a payload field by field and keeps whatever can be kept.

What a table cannot hold becomes None and an `Oddity`; nothing here raises. Unknown fields
stay in the payload and are not looked at.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, Literal, TypeVar

from survey.domain.identifiers import is_sha256
from survey.domain.instants import normalise_instant
from survey.domain.visit import Oddity
from survey.formats.payload_rules import (
    SHAPES,
    Columns,
    Hash,
    Items,
    Moment,
    Name,
    Number,
    Part,
    Rule,
    Text,
    Truth,
    Word,
)
from survey.formats.payload_types import strict_type

T = TypeVar("T")
Why = Literal["wrong_type", "out_of_range", "unknown_word", "too_long"]

ODDITIES_KEPT: Final = 1_000
"""Most oddities of one payload; a payload of junk would fill the store with them."""

VALUE_CHARACTERS: Final = 100


class Walk:
    """One walk through one payload: collects the oddities it meets."""

    def __init__(self) -> None:
        self.oddities: list[Oddity] = []

    def note(self, path: str, value: object, why: Why) -> None:
        """Note that a value cannot be held, up to a bound."""
        if len(self.oddities) < ODDITIES_KEPT:
            self.oddities.append(Oddity(path, show_value(value), why))

    def read_shape(self, shape: type[T], value: dict[str, Any], path: str = "") -> T:
        """Return a domain dataclass filled with what of an object can be held."""
        fields = {
            name: self.read(rule, value.get(name), f"{path}{name}")
            for name, rule in SHAPES[shape].items()
        }
        return strict_type(shape)(**fields)

    def read(self, rule: Rule, value: Any, path: str) -> Any:
        """Return a value as its rule wants it, or what stands for nothing."""
        match rule:
            case Items():
                return self._items(rule, value, path)
            case Columns(most):
                return self._list(value, path, most)
            case Part(shape, needed):
                if isinstance(value, dict):
                    return self.read_shape(shape, value, f"{path}.")
                if value is not None:
                    self.note(path, value, "wrong_type")
                return self.read_shape(shape, {}, f"{path}.") if needed else None
            case Truth(absent):
                if isinstance(value, bool):
                    return value
                if value is not None:
                    self.note(path, value, "wrong_type")
                return absent
        if value is None:
            return None
        if isinstance(rule, Number):
            return self._number(rule, value, path)
        if not isinstance(value, str):
            self.note(path, value, "wrong_type")
            return None
        return self._text(rule, value, path)

    def _list(self, value: Any, path: str, most: int) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(path, value, "wrong_type")
            return []
        if len(value) > most:
            self.note(path, len(value), "too_long")
        return value[:most]

    def _items(self, rule: Items, value: Any, path: str) -> list[Any]:
        items = []
        for index, item in enumerate(self._list(value, path, rule.most)):
            kept = self.read(rule.item, item, f"{path}[{index}]")
            # An object that is none keeps its place, so that numbers in paths stay right.
            if kept is None and isinstance(rule.item, Part):
                kept = strict_type(rule.item.shape)()
            if kept is not None:
                items.append(kept)
        return items

    def _number(self, rule: Number, value: Any, path: str) -> float | int | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.note(path, value, "wrong_type")
            return None
        if not rule.limit.allows(value):
            self.note(path, value, "out_of_range")
            return None
        if not rule.whole:
            return float(value)
        if value != math.floor(value):
            self.note(path, value, "wrong_type")
            return None
        return int(value)

    def _text(self, rule: Rule, value: str, path: str) -> str | None:
        match rule:
            case Word(words):
                if value in words:
                    return value
                if value:
                    self.note(path, value, "unknown_word")
                return None
            case Text(characters):
                if len(value) > characters:
                    self.note(path, value, "too_long")
                return value[:characters]
            case Name(characters):
                if len(value) <= characters:
                    return value
                self.note(path, value, "too_long")
                return None
            case Hash():
                if is_sha256(value):
                    return value
            case Moment():
                try:
                    return normalise_instant(value)
                except (ValueError, OverflowError):
                    pass
        self.note(path, value, "wrong_type")
        return None


def show_value(value: object) -> str:
    """Return a value as short text for people; a list or object by its kind only."""
    if isinstance(value, list):
        return "[…]"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, str):
        return value[:VALUE_CHARACTERS]
    return json.dumps(value)[:VALUE_CHARACTERS]
