"""The strict reader's types: the domain's dataclasses anew, with rules that msgspec checks in C.

Made from `payload_rules`. A visit has some fifteen instants and several hashes; a pattern each
costs as much as all the rest, so here they have their length only and `has_sound_texts` looks
at all of them together. What passes both needs no other check.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Optional, TypeVar

import msgspec
from msgspec import Meta

from survey.domain.records import Comment, KeptRecord, Withdrawal
from survey.domain.track import Track, TrackColumns, TrackPart
from survey.domain.visit import Visit
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

UUID_PATTERN: Final = r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
HASH_PATTERN: Final = r"\A[0-9a-f]{64}\Z"

_INSTANT_FORM: Final = "0000-00-00T00:00:00.000Z"
_HASH_FORM: Final = "0" * 64
_DIGITS_TO_ZERO: Final = str.maketrans("123456789", "000000000")
_HEX_TO_ZERO: Final = str.maketrans("123456789abcdef", "000000000000000")

WHOLES: Final[frozenset[type[Any]]] = frozenset(
    {Visit, Track, TrackPart, TrackColumns, Comment, Withdrawal, KeptRecord}
)
"""Shapes that stay dataclasses, because callers ask what they are. The parts inside them become
msgspec Structs of the same fields, which decode twice as fast."""

_MADE: dict[type[Any], type[Any]] = {}


def strict_type(shape: type[T]) -> type[T]:
    """Return a type with the fields of a domain dataclass that carry the rules of the wire."""
    known = _MADE.get(shape)
    if known is None:
        known = _MADE[shape] = _make(shape)
    return known


def _make(shape: type[Any]) -> type[Any]:
    whole = shape in WHOLES
    make_field: Any = dataclasses.field if whole else msgspec.field
    fields: list[tuple[str, Any, Any]] = []
    for name, rule in SHAPES[shape].items():
        kind: Any = _type_of(rule)
        if isinstance(rule, Items | Columns):
            fields.append((name, kind, make_field(default_factory=list)))
        elif isinstance(rule, Part) and rule.needed:
            fields.append((name, kind, make_field(default_factory=strict_type(rule.shape))))
        else:
            default = rule.absent if isinstance(rule, Truth) else None
            fields.append((name, kind, make_field(default=default)))
    if whole:
        return dataclasses.make_dataclass(shape.__name__, fields, bases=(shape,), slots=True)
    # No part can hold itself, so the garbage collector need not look at it.
    return msgspec.defstruct(shape.__name__, fields, gc=False)


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
            length = len(_INSTANT_FORM)
            return Annotated[str, Meta(min_length=length, max_length=length)]
        case Hash():
            return Annotated[str, Meta(min_length=64, max_length=64)]
        case Truth():
            return bool
        case Part(shape):
            return strict_type(shape)
        case Items(item, most):
            return Annotated[list.__class_getitem__(_plain_type(item)), Meta(max_length=most)]
        case Columns(most):
            return Annotated[list[Optional[int]], Meta(max_length=most)]  # noqa: UP045
    raise TypeError(rule)


def has_sound_texts(value: Any) -> bool:
    """Tell whether all instants and hashes of a strictly read value have the project's form."""
    instants: list[str] = []
    hashes: list[str] = []
    if isinstance(value, Visit):
        _collect_visit(value, instants, hashes)
    else:
        _collect(type(value).__mro__[1], value, instants, hashes)
    if "".join(instants).translate(_DIGITS_TO_ZERO) != _INSTANT_FORM * len(instants):
        return False
    if "".join(hashes).translate(_HEX_TO_ZERO) != _HASH_FORM * len(hashes):
        return False
    try:
        for text in instants:
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _collect_visit(visit: Visit, instants: list[str], hashes: list[str]) -> None:
    """Gather the instants and hashes of a visit; by hand, because every visit comes by here."""
    position = visit.position
    texts = [visit.started_at, visit.saved_at, visit.clock.server_contact_at]
    if position is not None:
        texts.append(position.position_time)
    texts += [test.at for test in visit.service_tests]
    texts += [reading.at for reading in visit.readings]
    for photo in visit.photos:
        texts.append(photo.taken_at)
        names = [photo.sha256, photo.thumbnail_sha256]
        if photo.original is not None:
            names.append(photo.original.sha256)
        hashes += [name for name in names if name is not None]
    instants += [text for text in texts if text is not None]


def _collect(shape: type[Any], value: Any, instants: list[str], hashes: list[str]) -> None:
    """Gather the instants and hashes of any shape by its rules."""
    for name, rule in SHAPES[shape].items():
        found = getattr(value, name)
        if found is None:
            continue
        match rule:
            case Moment():
                instants.append(found)
            case Hash():
                hashes.append(found)
            case Part(inner):
                _collect(inner, found, instants, hashes)
            case Items(Part(inner)):
                for item in found:
                    _collect(inner, item, instants, hashes)
