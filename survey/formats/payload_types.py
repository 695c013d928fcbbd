"""The strict reader's types: subclasses of the domain's dataclasses that msgspec checks in C.

Made from `payload_rules`, so that what passes here needs no other check. Knows no text.
"""

from __future__ import annotations

from dataclasses import field, make_dataclass
from typing import Annotated, Any, Final, Literal, Optional, TypeVar

from msgspec import Meta

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

T = TypeVar("T")

INSTANT_PATTERN: Final = (
    r"\A(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z\Z"
)
"""The project's form of an instant; 29 February goes the lenient way."""

HASH_PATTERN: Final = r"\A[0-9a-f]{64}\Z"


_MADE: dict[type[Any], type[Any]] = {}


def strict_type(shape: type[T]) -> type[T]:
    """Return a subclass of a domain dataclass whose field types carry the rules of the wire."""
    known = _MADE.get(shape)
    if known is None:
        known = _MADE[shape] = _make(shape)
    return known


def _make(shape: type[Any]) -> type[Any]:
    fields: list[tuple[str, Any, Any]] = []
    for name, rule in SHAPES[shape].items():
        kind: Any = _type_of(rule)
        if isinstance(rule, Items | Columns):
            fields.append((name, kind, field(default_factory=list)))
        elif isinstance(rule, Part) and rule.needed:
            fields.append((name, kind, field(default_factory=strict_type(rule.shape))))
        else:
            default = rule.absent if isinstance(rule, Truth) else None
            fields.append((name, kind, field(default=default)))
    return make_dataclass(shape.__name__, fields, bases=(shape,), slots=True)


def _type_of(rule: Rule) -> Any:
    """Return the type of one rule; what may be absent may be null."""
    plain = _plain_type(rule)
    if isinstance(rule, Items | Columns) or (isinstance(rule, Part) and rule.needed):
        return plain
    if isinstance(rule, Truth) and rule.absent is not None:
        return plain
    return Optional[plain]  # noqa: UP045 - a value computed at run time


def _plain_type(rule: Rule) -> Any:
    match rule:
        case Number(limit, whole):
            low, high = limit.minimum, limit.maximum
            if whole:
                return Annotated[int, Meta(ge=int(low), le=int(high))]
            return Annotated[float, Meta(ge=low, le=high)]
        case Word(words):
            return Literal[words]
        case Text(characters) | Name(characters):
            return Annotated[str, Meta(max_length=characters)]
        case Moment():
            return Annotated[str, Meta(pattern=INSTANT_PATTERN)]
        case Hash():
            return Annotated[str, Meta(pattern=HASH_PATTERN)]
        case Truth():
            return bool
        case Part(shape):
            return strict_type(shape)
        case Items(item, most):
            return Annotated[list.__class_getitem__(_plain_type(item)), Meta(max_length=most)]
        case Columns(most):
            return Annotated[list[Optional[int]], Meta(max_length=most)]  # noqa: UP045
    raise TypeError(rule)
