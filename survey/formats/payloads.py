"""A record's payload: frozen text -> domain value and its oddities, or why it is unreadable.

The strict way is msgspec in C; only what fails there is walked field by field. A field that
is unknown is left alone, a value that is odd becomes None: no rule loses a record.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, NamedTuple

import msgspec

from survey.domain.records import Comment, KeptRecord, Withdrawal
from survey.domain.track import Track, TrackPart
from survey.domain.visit import Oddity, Visit
from survey.formats import upcasting
from survey.formats.payload_types import has_sound_texts, strict_type
from survey.formats.payload_walk import Walk
from survey.formats.tracks import sum_columns

Payload = Visit | Track | TrackPart | Comment | Withdrawal | KeptRecord

SHAPE_OF_KIND: Final[dict[str, type[Any]]] = {
    "visit": Visit,
    "track": Track,
    "track_part": TrackPart,
    "comment": Comment,
    "withdrawal": Withdrawal,
    "jorong_profile": KeptRecord,
    "radio_log": KeptRecord,
}

LONGEST_INTEGER: Final = 300
"""Digits; a longer integer is as good as infinite, and costly to read."""


class UnreadableError(Exception):
    """A payload that cannot be read at all; `why` is a short code for the quarantine."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ReadPayload(NamedTuple):
    """What a payload says, and which of its values could not be held."""

    value: Payload
    oddities: tuple[Oddity, ...] = ()


_DECODERS: Final = {
    kind: msgspec.json.Decoder(strict_type(shape)) for kind, shape in SHAPE_OF_KIND.items()
}


def read_payload(kind: str, schema: int, text: str) -> ReadPayload:
    """Return what a payload says; UnreadableError when it is no JSON object of sound text.

    One of an earlier schema is read as what it says in today's. A kind or schema of a newer app
    is unreadable here and waits in quarantine.
    """
    shape = SHAPE_OF_KIND.get(kind)
    if shape is None:
        raise UnreadableError("unknown_kind")
    if schema != upcasting.NEWEST:
        return _read_earlier(shape, kind, schema, text)
    # Escapes may hide a NUL or half a surrogate pair; payloads of our app have almost none.
    # One character is found a hundred times faster than two, and is hardly ever there.
    if "\\" not in text or "\\u" not in text:
        try:
            value = _DECODERS[kind].decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass
        else:
            if has_sound_texts(value):
                return _finish(value)
    walk = Walk()
    return _finish(walk.read_shape(shape, _parse(text)), walk)


def _read_earlier(shape: type[Any], kind: str, schema: int, text: str) -> ReadPayload:
    if not upcasting.OLDEST <= schema < upcasting.NEWEST:
        raise UnreadableError("unknown_schema")
    payload = _parse(text)
    try:
        said = upcasting.upcast(kind, schema, payload, upcasting.NEWEST)
    except (LookupError, TypeError, ValueError, AttributeError):
        # A step met what it did not expect: kept for a better step, never lost.
        raise UnreadableError("not_upcast") from None
    walk = Walk()
    return _finish(walk.read_shape(shape, said), walk)


def _finish(value: Payload, walk: Walk | None = None) -> ReadPayload:
    if isinstance(value, TrackPart):
        walk = walk or Walk()
        sum_columns(value, walk)
    return ReadPayload(value, tuple(walk.oddities) if walk else ())


def _parse(text: str) -> dict[str, Any]:
    """Return the object a text holds, with sound text throughout, or raise UnreadableError."""
    _check_text(text)
    try:
        value = json.loads(text, parse_int=_read_integer, parse_constant=_refuse_constant)
    except RecursionError:
        raise UnreadableError("too_deep") from None
    except ValueError:
        raise UnreadableError("not_json") from None
    if not isinstance(value, dict):
        raise UnreadableError("not_object")
    if "\\u" in text:
        _check_strings(value)
    return value


def _read_integer(digits: str) -> int | float:
    if len(digits) <= LONGEST_INTEGER:
        return int(digits)
    return -math.inf if digits.startswith("-") else math.inf


def _refuse_constant(word: str) -> None:
    """Refuse NaN and Infinity: no JSON, and no phone could read such a payload back."""
    raise ValueError(word)


def _check_strings(value: Any) -> None:
    """Look at every text of a parsed value, keys too; its depth is bounded by the parser's."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            _check_text(item)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise UnreadableError("nul")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnreadableError("surrogate") from None


def list_files(value: Payload) -> list[str]:
    """Return the hashes of the files a payload names, thumbnails first, each once."""
    if isinstance(value, Visit):
        named: list[Any] = value.photos
        own: list[str | None] = []
    elif isinstance(value, KeptRecord):
        named, own = [*value.photos, *value.files], [value.sha256]
    else:
        return []
    if not named and own in ([], [None]):
        return []
    hashes = [*(item.thumbnail_sha256 for item in named), *own, *(item.sha256 for item in named)]
    return list(dict.fromkeys(sha256 for sha256 in hashes if sha256))
