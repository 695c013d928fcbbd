"""Reading the records of a batch before the store is asked: hash, payload, seal.

All that costs time and needs no transaction happens here, in the request's own thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from survey.domain.identifiers import is_uuid
from survey.domain.labels import N_
from survey.domain.problems import PROBLEMS
from survey.domain.records import Comment, Withdrawal
from survey.domain.track import TrackPart
from survey.domain.visit import Oddity
from survey.formats.payloads import (
    Payload,
    ReadPayload,
    UnreadableError,
    list_files,
    read_payload,
)
from survey.formats.wire import (
    Envelope,
    RecordResult,
    ResultError,
    UnreadableEnvelope,
    payload_bytes,
    seal_fits,
)


class Phone(Protocol):
    """A phone as intake needs it: an enrolled device and its officer."""

    @property
    def key(self) -> int: ...
    @property
    def user_key(self) -> int: ...
    @property
    def user_id(self) -> str: ...
    @property
    def token_hash(self) -> str: ...


class Person(Protocol):
    """The officer in whose name records come without a phone (rescue files)."""

    @property
    def key(self) -> int: ...
    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the officer, the device when there is one, the hash of its token."""

    officer_key: int
    officer_id: str
    device_key: int | None
    token_hash: str | None


class Received(NamedTuple):
    """A record whose hash is right: its bytes, what they say or why nobody can tell.

    `subject` is the id of the visit or track that it speaks of, when that is another record.
    """

    envelope: Envelope
    data: bytes
    read: ReadPayload | None
    unreadable: str
    sealed: bool
    files: list[str]
    subject: str | None


ODDITY_MESSAGES: Final = {
    "wrong_type": N_("This value is of a wrong kind."),
    "out_of_range": N_("This value is outside its range."),
    "unknown_word": N_("This word is not known."),
    "too_long": N_("This is too long; it was cut."),
}


def read_records(
    records: Sequence[Envelope | UnreadableEnvelope],
    token_hash: str | None,
    other_hashes: Callable[[], Sequence[str]],
) -> list[Received | RecordResult]:
    """Return each record read, or the refusal it gets: unreadable envelope, wrong hash.

    `other_hashes` gives the token hashes of the officer's other phones; it is asked only when
    a seal is not that of this phone (a record may be sealed before a new enrolment).
    """
    return [_read(record, token_hash, other_hashes) for record in records]


def _read(
    record: Envelope | UnreadableEnvelope,
    token_hash: str | None,
    other_hashes: Callable[[], Sequence[str]],
) -> Received | RecordResult:
    if isinstance(record, UnreadableEnvelope):
        return refuse(record, "record.unreadable_envelope")
    data = payload_bytes(record)
    if data is None:
        return refuse(record, "record.wrong_hash")
    read, unreadable = None, ""
    try:
        read = read_payload(record.kind, record.schema, record.payload)
    except UnreadableError as error:
        unreadable = error.why
    sealed = False
    if record.seal is not None:
        sealed = (token_hash is not None and seal_fits(record.seal, data, token_hash)) or any(
            seal_fits(record.seal, data, other) for other in other_hashes()
        )
    files = [] if read is None else list_files(read.value)
    subject = None if read is None or record.kind == "visit" else _subject_of(read.value)
    return Received(record, data, read, unreadable, sealed, files, subject)


def _subject_of(value: Payload) -> str | None:
    subject: str | None = None
    if isinstance(value, Comment):
        subject = value.visit_id
    elif isinstance(value, Withdrawal):
        subject = value.visit_id or value.track_id
    elif isinstance(value, TrackPart):
        subject = value.track_id
    return subject if is_uuid(subject) else None


def refuse(record: Envelope | UnreadableEnvelope, code: str) -> RecordResult:
    """Return the result of a record that stays on the phone, with the code of why."""
    return {
        "id": record.id,
        "sha256": record.sha256,
        "result": "refused",
        "code": code,
        "message": PROBLEMS[code][1],
        "missing_files": [],
        "errors": [],
    }


def answer(received: Received, result: str, missing_files: list[str]) -> RecordResult:
    """Return the result of a record that leaves the outbox."""
    oddities = received.read.oddities if received.read is not None else ()
    return {
        "id": received.envelope.id,
        "sha256": received.envelope.sha256,
        "result": result,
        "missing_files": missing_files,
        "errors": [_error(oddity) for oddity in oddities],
    }


def _error(oddity: Oddity) -> ResultError:
    return {"field": oddity.field, "message": ODDITY_MESSAGES[oddity.why]}
