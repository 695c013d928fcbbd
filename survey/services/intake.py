"""Taking in records: one batch, one transaction, one result a record, in order.

No record is lost to a rule and one bad record never fails its batch. The door of phones and
the import of rescue files call the same `store_batch`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from survey.domain.instants import Instant
from survey.formats.wire import Envelope, RecordResult, UnreadableEnvelope
from survey.services.admission import Admission, Verdict
from survey.services.applying import apply_revision
from survey.services.device_states import note_device_state
from survey.services.projecting import Arrival, project_new_visits, project_visits, set_zone
from survey.services.record_reading import (
    Person,
    Phone,
    Received,
    Sender,
    answer,
    read_records,
    refuse,
)
from survey.services.record_status import RecordStatus, list_record_status
from survey.store.audit import append_digests
from survey.store.changes import record_changes
from survey.store.conflicts import insert_conflict
from survey.store.connection import Store
from survey.store.devices import Device, list_devices
from survey.store.files import list_sent
from survey.store.quarantine import QuarantinedRecord, insert_quarantined
from survey.store.revisions import Revision, get_last_revision_key, insert_revisions


def store_batch(
    store: Store,
    zone: ZoneInfo,
    device: Device | None,
    envelopes: Sequence[Envelope | UnreadableEnvelope],
    device_state: object,
    now: Instant,
    *,
    officer: Person | None = None,
) -> list[RecordResult]:
    """Store the records of a phone and return the result of each, in order, once durable.

    Without a device the records come in the name of `officer` (rescue files). `zone` is the
    one whose days the office counts; `device_state` any JSON value the phone sent.
    """
    if device is not None:
        sender = Sender(device.user_key, device.user_id, device.key, device.token_hash)
    elif officer is not None:
        sender = Sender(officer.key, officer.id, None, None)
    else:
        raise TypeError("records come from a device or in the name of an officer")

    def other_hashes() -> list[str]:
        return [each.token_hash for each in list_devices(store.reader(), sender.officer_key)]

    records = read_records(envelopes, sender.token_hash, other_hashes)

    def write(connection: sqlite3.Connection) -> list[RecordResult]:
        if device is not None:
            note_device_state(connection, device, device_state, now)
        return _store_records(connection, zone, sender, records, now) if records else []

    return store.write(write)


def admit_kept(
    store: Store, zone: ZoneInfo, kept: QuarantinedRecord, envelope: Envelope, now: Instant
) -> RecordResult:
    """Take in a quarantined record that can be read by now, as if it had just arrived.

    It keeps its author, phone and time of receipt, and is judged by what is here today; what
    still cannot be read stays as it is.
    """
    connection = store.reader()
    devices = list_devices(connection, kept.officer_key)
    hashes = [device.token_hash for device in devices]
    sender = Sender(kept.officer_key, "system", kept.device_key, None)
    records = read_records([envelope], None, lambda: hashes)
    (result,) = store.write(
        lambda connection: _store_records(connection, zone, sender, records, now, kept.received_at)
    )
    return result


def records_status(store: Store, device: Phone, items: Sequence[object]) -> list[RecordStatus]:
    """Return what the server holds of each {"id", "sha256"} of an officer, in order."""
    return list_record_status(store.reader(), device.user_key, items)


def _store_records(
    connection: sqlite3.Connection,
    zone: ZoneInfo,
    sender: Sender,
    records: Sequence[Received | RecordResult],
    now: Instant,
    received_at: Instant | None = None,
) -> list[RecordResult]:
    batch = [record for record in records if isinstance(record, Received)]
    wanted = {sha256 for received in batch for sha256 in received.files}
    here = list_sent(connection, wanted, sender.officer_key) if wanted else set()
    admission = Admission(connection, sender.officer_key)
    admission.prepare(batch)
    first_key = key = get_last_revision_key(connection) + 1
    kept: list[tuple[Received, Verdict]] = []
    results: list[RecordResult] = []
    for record in records:
        if not isinstance(record, Received):
            results.append(record)
            continue
        verdict = admission.judge(record)
        if verdict.outcome == "refused":
            results.append(refuse(record.envelope, verdict.word))
            continue
        missing = [sha256 for sha256 in record.files if sha256 not in here]
        results.append(answer(record, verdict.outcome, missing))
        if not verdict.known:
            kept.append((record, verdict))
        if verdict.outcome in ("stored", "conflict"):
            admission.accept(record, verdict, key)
            key += 1
    if kept:
        set_zone(connection, zone)
        arrivals = _write_records(connection, sender, kept, first_key, now, received_at or now)
        _project(connection, zone, sender, arrivals)
    return results


def _write_records(
    connection: sqlite3.Connection,
    sender: Sender,
    kept: Sequence[tuple[Received, Verdict]],
    first_key: int,
    now: Instant,
    received_at: Instant,
) -> list[Arrival]:
    """Write what is new to audit, quarantine and revisions; return what is to be projected."""
    seq = append_digests(
        connection, now, sender.officer_id, [_audit_entry(*record) for record in kept]
    )
    quarantined: list[QuarantinedRecord] = []
    arrivals: list[Arrival] = []
    for number, (received, verdict) in enumerate(kept):
        if received.read is None or verdict.outcome == "quarantined":
            quarantined.append(_quarantined(received, verdict, sender, received_at))
            continue
        key = first_key + len(arrivals)
        revision = _revision(key, received, verdict, sender, received_at, seq + number)
        arrivals.append(Arrival(revision, received.read, received.subject, verdict.first))
    if quarantined:
        insert_quarantined(connection, quarantined)
    insert_revisions(connection, [arrival.revision for arrival in arrivals])
    return arrivals


def _project(
    connection: sqlite3.Connection, zone: ZoneInfo, sender: Sender, arrivals: list[Arrival]
) -> None:
    """Bring the projection, the open questions and the phones' feed up to what arrived."""
    changes: dict[tuple[str, str], None] = {}
    alone: dict[str, Arrival] = {}
    others: dict[str, None] = {}
    for arrival in arrivals:
        revision, visit_id = arrival.revision, arrival.visit_id
        if revision.kind != "visit" and revision.conflict is None:
            apply_revision(connection, revision, arrival.read.value, zone)
        if revision.kind == "comment":
            changes["comment", revision.record_id] = None
        if visit_id is None or revision.kind == "comment":
            continue
        changes["visit", visit_id] = None
        if revision.conflict is not None:
            insert_conflict(
                connection,
                visit_id=visit_id,
                revision_key=revision.key,
                cause=revision.conflict,
                now=revision.received_at,
            )
        if revision.kind == "visit" and arrival.first and visit_id not in others:
            alone[visit_id] = arrival
        else:
            others[visit_id] = None
    for visit_id in others:
        alone.pop(visit_id, None)
    not_alone = project_new_visits(connection, list(alone.values()), zone)
    project_visits(connection, [*not_alone, *others])
    record_changes(connection, sender.officer_key, changes)


_AUDIT_WORDS: Final = {
    "stored": "received",
    "conflict": "in_conflict",
    "quarantined": "quarantined",
}


def _audit_entry(received: Received, verdict: Verdict) -> tuple[str, str, str]:
    envelope = received.envelope
    return f"{envelope.kind}.{_AUDIT_WORDS[verdict.outcome]}", envelope.id, envelope.sha256


def _revision(
    key: int, received: Received, verdict: Verdict, sender: Sender, now: Instant, seq: int
) -> Revision:
    envelope = received.envelope
    return Revision(
        key,
        envelope.kind,
        envelope.id,
        envelope.revision_number,
        envelope.schema,
        envelope.sha256,
        envelope.base,
        envelope.seen_review,
        envelope.seal,
        int(received.sealed),
        verdict.word or None,
        envelope.payload,
        sender.officer_key,
        sender.device_key,
        now,
        seq,
    )


def _quarantined(
    received: Received, verdict: Verdict, sender: Sender, now: Instant
) -> QuarantinedRecord:
    envelope = received.envelope
    return QuarantinedRecord(
        envelope.id,
        envelope.sha256,
        verdict.word,
        envelope.describe(),
        received.data,
        sender.officer_key,
        sender.device_key,
        now,
    )
