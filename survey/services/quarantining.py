"""Records that cannot be read: shown to the office, and taken in once they can be read.

Their bytes never change. A newer server reads the payloads of newer apps, so each start and
each rebuild tries again; the office downloads, asks the officer, and notes what it found.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from survey.domain.instants import Instant
from survey.domain.limits import REASON_CHARACTERS
from survey.domain.problems import FieldError, Problem
from survey.formats.payloads import UnreadableError, read_payload
from survey.formats.wire import Envelope, UnreadableEnvelope, read_envelope
from survey.services.intake import admit_kept
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.store import quarantine
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.jobs import enqueue_job
from survey.store.quarantine import QuarantinedRecord

READ_JOB: Final = "read_quarantine"
TAKEN: Final = ("stored", "conflict", "already_stored")
PAGE: Final = 100
SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A quarantined record for people: facts of its row, and what its envelope says."""

    row: sqlite3.Row
    kind: str
    schema: int | None

    @property
    def state(self) -> str:
        """Say whether it was read since, was looked at, or waits."""
        if self.row["read_since"]:
            return "read"
        return "settled" if self.row["settled_at"] else "waiting"


@dataclass(frozen=True, slots=True)
class Download:
    """One record as kept: its payload's bytes, or all of it as a line of a rescue file."""

    name: str
    content: bytes


def list_kept(store: Store) -> list[Kept]:
    """Return the newest quarantined records, those that wait for a look first."""
    return [_kept(row) for row in quarantine.list_quarantined(store.reader(), SHOWN)]


def get_kept(store: Store, key: int) -> Kept:
    """Return one quarantined record, else raise quarantine.not_found."""
    row = quarantine.find_quarantined(store.reader(), key)
    if row is None:
        raise Problem("quarantine.not_found")
    return _kept(row)


def count_waiting(store: Store) -> int:
    """Count the records that wait for a look."""
    return quarantine.count_open(store.reader())


def _kept(row: sqlite3.Row) -> Kept:
    said = _load(row["envelope"])
    schema = said.get("schema")
    return Kept(row, str(said.get("kind") or ""), schema if isinstance(schema, int) else None)


def _load(envelope: str) -> dict[str, Any]:
    try:
        said = json.loads(envelope)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def get_download(store: Store, key: int, now: Instant, actor: str) -> Download:
    """Return the payload's bytes as they came; who took them is in the audit."""
    kept = get_kept(store, key)
    payload = quarantine.find_payload(store.reader(), key)
    subject, sha256 = kept.row["record_id"], kept.row["sha256"]
    store.write(lambda c: append_audit(c, now, actor, "quarantine.downloaded", subject, sha256))
    return Download(f"{kept.kind or 'record'}-{sha256[:12]}.bin", payload or b"")


def settle_kept(
    store: Store, key: int, remark: str, now: Instant, *, user_key: int, actor: str
) -> None:
    """Note that somebody looked at a record, and what they found.

    Raises quarantine.not_found, and quarantine.remark_missing for an empty or too long remark.
    """
    kept = get_kept(store, key)
    text = " ".join(remark.split())
    if not text or len(text) > REASON_CHARACTERS:
        raise Problem("quarantine.remark_missing", [FieldError("remark", "")])

    def write(connection: sqlite3.Connection) -> None:
        quarantine.settle(connection, key, user_key, text, now)
        append_audit(connection, now, actor, "quarantine.settled", kept.row["record_id"], text)

    store.write(write)


def read_again(store: Store, zone: ZoneInfo, now: Instant) -> Counter[str]:
    """Take in every quarantined record that can be read by now; count the results.

    In order of arrival, so that a correction comes after what it corrects. Bears being run
    twice, at once and again.
    """
    results: Counter[str] = Counter()
    last = 0
    while page := quarantine.list_unread(store.reader(), last, PAGE):
        for key, kept in page:
            last = key
            envelope = _read_kept(kept)
            if envelope is not None:
                results[admit_kept(store, zone, kept, envelope, now)["result"]] += 1
    return Counter({word: results[word] for word in TAKEN if results[word]})


def _read_kept(kept: QuarantinedRecord) -> Envelope | None:
    """Return the envelope of a record whose payload can be read, else None."""
    try:
        payload = kept.payload.decode()
        envelope = read_envelope({**_load(kept.envelope), "payload": payload})
        if isinstance(envelope, UnreadableEnvelope):
            return None
        read_payload(envelope.kind, envelope.schema, payload)
    except (UnreadableError, UnicodeError, msgspec.DecodeError):
        return None
    return envelope


def ensure_reading(store: Store, now: Instant) -> None:
    """Ask for a try at what could not be read, when there is any: at each start of a server."""
    if quarantine.list_unread(store.reader(), 0, 1):
        store.write(lambda connection: enqueue_job(connection, READ_JOB, "", now))


def run_reading(runner: JobRunner, subject: str) -> None:
    """Try what could not be read before."""
    read_again(runner.store, runner.settings.timezone, runner.clock())


JOB_KINDS[READ_JOB] = run_reading
