"""The body of POST /records: bytes -> envelopes, each readable or not by itself.

One bad record never fails the batch; only a body that is no batch at all, or too large, is a
Problem. Payloads stay text here (see `payloads`). Knows no database and no HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from survey.domain.identifiers import is_sha256, is_uuid
from survey.domain.limits import BATCH_BYTES, BATCH_RECORDS, LIMITS, SINGLE_RECORD_BYTES
from survey.domain.problems import FieldError, Problem
from survey.formats.payload_types import HASH_PATTERN, UUID_PATTERN

LONGEST_INTEGER = 300
"""Digits; reading a longer one is slow, and Python refuses it in the end."""

Token = Annotated[str, Meta(max_length=128)]


class Envelope(msgspec.Struct, frozen=True):
    """One record as it travels: who it is, what it follows, its hash, its frozen payload.

    `base` is the hash of the revision it corrects, `seen_review` the id of the newest review
    its officer had seen, `seal` an HMAC-SHA256 in hex.
    """

    id: Annotated[str, Meta(pattern=UUID_PATTERN)]
    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    sha256: Annotated[str, Meta(pattern=HASH_PATTERN)]
    payload: str
    schema: Annotated[int, Meta(ge=0, le=10**9)] = 1
    revision: int = 1
    base: Token | None = None
    seen_review: Token | None = None
    seal: Token | None = None

    @property
    def revision_number(self) -> int:
        """The revision as a number for people, within what the store can hold."""
        limit = LIMITS["revision"]
        return int(min(max(self.revision, limit.minimum), limit.maximum))

    def describe(self) -> str:
        """Return all but the payload as JSON text, for the quarantine."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__ if name != "payload"}
        return json.dumps(fields, separators=(",", ":"))


class UnreadableEnvelope(msgspec.Struct, frozen=True):
    """A record whose envelope is not right; what is known of it, so that it can be answered."""

    id: str | None
    sha256: str | None


class ResultError(TypedDict):
    """One value of a record that the office sees as a question."""

    field: str
    message: str


class RecordResult(TypedDict):
    """What became of one record: stored, already_stored, conflict, quarantined or refused."""

    id: str | None
    sha256: str | None
    result: str
    missing_files: list[str]
    errors: list[ResultError]
    code: NotRequired[str]
    message: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Batch:
    """A readable body: what the phone says of itself (any JSON) and its records in order."""

    device_state: Any
    records: list[Envelope | UnreadableEnvelope]


class _Body(msgspec.Struct):
    records: list[Envelope]
    device_state: Any = None


class _LooseBody(msgspec.Struct):
    records: list[msgspec.Raw]
    device_state: Any = None


_BODY = msgspec.json.Decoder(_Body)
_LOOSE_BODY = msgspec.json.Decoder(_LooseBody)
_ENVELOPE = msgspec.json.Decoder(Envelope)
_READ_ERRORS = (msgspec.DecodeError, UnicodeError, RecursionError)


def read_batch(body: bytes) -> Batch:
    """Return the records of a body; raises `request.malformed` or `request.too_large`.

    At most 50 records with 256 kB of payload together; a record alone may have 1 MB.
    """
    try:
        read = _BODY.decode(body)
        batch = Batch(read.device_state, list(read.records))
    except _READ_ERRORS:
        batch = _read_loose(body)
    _check_size(batch)
    return batch


def _check_count(count: int) -> None:
    """Refuse too many records before each costs its reading."""
    if count > BATCH_RECORDS:
        raise Problem(
            "request.too_large", [FieldError("records", f"at most {BATCH_RECORDS} records")]
        )


def _check_size(batch: Batch) -> None:
    count = len(batch.records)
    _check_count(count)
    size = sum(_size(record.payload) for record in batch.records if isinstance(record, Envelope))
    limit = BATCH_BYTES if count > 1 else SINGLE_RECORD_BYTES
    if size > limit:
        raise Problem("request.too_large", [FieldError("records", f"at most {limit} bytes")])


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _read_loose(body: bytes) -> Batch:
    """Read a body in which at least one record is not right, each record by itself."""
    try:
        loose = _LOOSE_BODY.decode(body)
    except _READ_ERRORS:
        return _read_damaged(body)
    _check_count(len(loose.records))
    return Batch(loose.device_state, [_read_raw(bytes(raw)) for raw in loose.records])


def _read_raw(raw: bytes) -> Envelope | UnreadableEnvelope:
    try:
        return _ENVELOPE.decode(raw)
    except _READ_ERRORS:
        return _read_object(_loads(raw))


def _read_damaged(body: bytes) -> Batch:
    """Read a body with broken text in it: lone surrogates, bytes that are no UTF-8, NaN."""
    value = _loads(body)
    records = value.get("records") if isinstance(value, dict) else None
    if not isinstance(records, list):
        raise Problem("request.malformed")
    _check_count(len(records))
    return Batch(value.get("device_state"), [_read_object(record) for record in records])


def _loads(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8", "surrogateescape"), parse_int=_read_integer)
    except (ValueError, RecursionError):
        return None


def _read_integer(digits: str) -> int | None:
    """Return an integer; one of hundreds of digits says nothing, and must not fail a batch."""
    return int(digits) if len(digits) < LONGEST_INTEGER else None


def _read_object(record: Any) -> Envelope | UnreadableEnvelope:
    try:
        return msgspec.convert(record, Envelope)
    except (msgspec.ValidationError, UnicodeError, RecursionError):
        known = record if isinstance(record, dict) else {}
        record_id, sha256 = known.get("id"), known.get("sha256")
        return UnreadableEnvelope(
            record_id if is_uuid(record_id) else None, sha256 if is_sha256(sha256) else None
        )


def load_damaged(data: bytes) -> Any:
    """Return the value of JSON that may hold broken text; None when it is no JSON at all."""
    return _loads(data)


def read_envelope(value: object) -> Envelope | UnreadableEnvelope:
    """Return the envelope that a JSON value holds (a line of a rescue file)."""
    return _read_object(value)


def payload_bytes(envelope: Envelope) -> bytes | None:
    """Return the bytes that have the envelope's hash, or None when the hash is wrong.

    Text with half a surrogate pair has no UTF-8: browsers hash U+FFFD in its place, other
    programs the three bytes of the half, and a damaged body its own bytes.
    """
    text = envelope.payload
    if not text.isascii():
        for data in _encodings(text):
            if hashlib.sha256(data).hexdigest() == envelope.sha256:
                return data
        return None
    data = text.encode()
    return data if hashlib.sha256(data).hexdigest() == envelope.sha256 else None


def _encodings(text: str) -> Iterator[bytes]:
    try:
        yield text.encode()
        return
    except UnicodeEncodeError:
        pass
    yield text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    yield text.encode("utf-8", "surrogatepass")
    with suppress(UnicodeEncodeError):
        yield text.encode("utf-8", "surrogateescape")


def seal_fits(seal: str, payload: bytes, token_hash: str) -> bool:
    """Tell whether a seal is that of a token, whose SHA-256 in hex is given, over a payload."""
    expected = hmac.digest(bytes.fromhex(token_hash), payload, "sha256").hex()
    return hmac.compare_digest(expected.encode(), seal.encode("utf-8", "replace"))
