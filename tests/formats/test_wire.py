"""The body of POST /records: each record by itself, limits, damaged text, hashes, seals."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from survey.domain.limits import BATCH_BYTES, BATCH_RECORDS, SINGLE_RECORD_BYTES
from survey.domain.problems import Problem
from survey.formats.wire import (
    Envelope,
    UnreadableEnvelope,
    payload_bytes,
    read_batch,
    seal_fits,
)
from tests.factories import make_envelope, make_visit_payload, new_token


def body_of(*records: Any, **more: Any) -> bytes:
    return json.dumps({"records": records, **more}).encode()


def read_one(record: Any) -> Envelope | UnreadableEnvelope:
    (read,) = read_batch(body_of(record)).records
    return read


def sized(payload_bytes_wanted: int) -> dict[str, Any]:
    """An envelope whose payload has exactly so many bytes."""
    empty = len(json.dumps(make_visit_payload(note="")))
    envelope = make_envelope(make_visit_payload(note="x" * (payload_bytes_wanted - empty)))
    assert len(envelope["payload"]) == payload_bytes_wanted
    return envelope


def test_a_batch_gives_its_records_in_order_and_what_the_phone_says_of_itself() -> None:
    envelopes = [make_envelope(make_visit_payload()) for _ in range(3)]
    batch = read_batch(body_of(*envelopes, device_state={"unsent_records": 7}))
    assert [record.id for record in batch.records] == [each["id"] for each in envelopes]
    assert batch.device_state == {"unsent_records": 7}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "not-a-uuid"},
        {"id": "01970000-0000-7000-8000-00000000000A"},
        {"id": 7},
        {"kind": ""},
        {"kind": None},
        {"sha256": "AB" * 32},
        {"sha256": "ab" * 31},
        {"sha256": "ab" * 32 + "\n"},
        {"payload": {"an": "object"}},
        {"schema": "1"},
        {"schema": -1},
        {"revision": 1.5},
        {"base": 5},
        {"base": "x" * 129},
        {"seal": []},
    ],
)
def test_an_envelope_that_is_not_right_is_unreadable_and_the_next_one_is_read(
    change: dict[str, Any],
) -> None:
    good = make_envelope(make_visit_payload())
    batch = read_batch(body_of({**good, **change}, good))
    assert isinstance(batch.records[0], UnreadableEnvelope)
    assert isinstance(batch.records[1], Envelope)


@pytest.mark.parametrize("record", [None, 5, "text", [], {}, {"id": 5}])
def test_a_record_that_is_no_envelope_at_all_is_unreadable(record: Any) -> None:
    assert read_one(record) == UnreadableEnvelope(None, None)


def test_an_unreadable_envelope_keeps_the_id_and_hash_it_has() -> None:
    envelope = make_envelope(make_visit_payload(), kind="")
    assert read_one(envelope) == UnreadableEnvelope(envelope["id"], envelope["sha256"])


def test_unknown_fields_of_an_envelope_are_left_alone() -> None:
    assert isinstance(read_one(make_envelope(make_visit_payload(), colour="red")), Envelope)


def test_absent_optional_fields_have_their_defaults() -> None:
    envelope = make_envelope(make_visit_payload())
    for name in ("schema", "revision", "base", "seen_review"):
        del envelope[name]
    read = read_one(envelope)
    assert isinstance(read, Envelope)
    assert (read.schema, read.revision, read.base, read.seen_review) == (1, 1, None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"records": {}}',
        b'{"records": null}',
        b"<html>",
        b"\xff\xfe",
        b'{"records": [',
        b'{"records": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ],
)
def test_a_body_that_is_no_batch_is_malformed(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        read_batch(body)
    assert caught.value.code == "request.malformed"


def test_a_batch_without_records_is_read_for_its_device_state() -> None:
    assert read_batch(b'{"records": [], "device_state": 5}').device_state == 5


@pytest.mark.parametrize(("count", "fits"), [(49, True), (50, True), (51, False)])
def test_number_of_records_just_below_on_and_above_its_limit(count: int, fits: bool) -> None:
    assert BATCH_RECORDS == 50
    body = body_of(*({**make_envelope("{}")} for _ in range(count)))
    check_size(body, fits)


@pytest.mark.parametrize(("extra", "fits"), [(-1, True), (0, True), (1, False)])
def test_bytes_of_several_records_just_below_on_and_above_their_limit(
    extra: int, fits: bool
) -> None:
    half = BATCH_BYTES // 2
    check_size(body_of(sized(half), sized(half + extra)), fits)


@pytest.mark.parametrize(("extra", "fits"), [(-1, True), (0, True), (1, False)])
def test_bytes_of_a_record_alone_just_below_on_and_above_their_limit(
    extra: int, fits: bool
) -> None:
    check_size(body_of(sized(SINGLE_RECORD_BYTES + extra)), fits)


def test_bytes_are_counted_not_characters() -> None:
    half = "é" * (BATCH_BYTES // 4)
    check_size(body_of(make_envelope(half), make_envelope(half)), True)
    check_size(body_of(make_envelope(half), make_envelope(half + "é")), False)


def check_size(body: bytes, fits: bool) -> None:
    if fits:
        read_batch(body)
        return
    with pytest.raises(Problem) as caught:
        read_batch(body)
    assert caught.value.code == "request.too_large"


def test_half_a_surrogate_pair_in_one_record_leaves_the_others_readable() -> None:
    good, bad = make_envelope(make_visit_payload()), make_envelope('{"note": "\ud83d"}')
    batch = read_batch(body_of(good, bad))
    assert [type(record) for record in batch.records] == [Envelope, Envelope]


@pytest.mark.parametrize(
    "data",
    [
        '{"note": "\ufffd"}'.encode(),  # as a browser's TextEncoder hashes it
        '{"note": "\ud83d"}'.encode("utf-8", "surrogatepass"),  # as other programs do
    ],
)
def test_half_a_surrogate_pair_has_the_hash_of_either_way_to_write_it(data: bytes) -> None:
    envelope = make_envelope('{"note": "\ud83d"}', sha256=hashlib.sha256(data).hexdigest())
    read = read_one(envelope)
    assert isinstance(read, Envelope)
    assert payload_bytes(read) == data


def test_a_body_that_is_no_utf_8_keeps_the_bytes_it_came_with() -> None:
    payload = b'{"note": "\xff"}'
    envelope = make_envelope("PAYLOAD", sha256=hashlib.sha256(payload).hexdigest())
    text = json.dumps({"records": [envelope]}).encode()
    escaped = json.dumps(payload.decode("latin-1"), ensure_ascii=False).encode("latin-1")
    (read,) = read_batch(text.replace(b'"PAYLOAD"', escaped)).records
    assert isinstance(read, Envelope)
    assert payload_bytes(read) == payload


def test_a_wrong_hash_has_no_bytes() -> None:
    read = read_one(make_envelope(make_visit_payload(), sha256="0" * 64))
    assert isinstance(read, Envelope)
    assert payload_bytes(read) is None


def test_a_seal_fits_the_token_it_was_made_with_only() -> None:
    token = new_token()
    read = read_one(make_envelope(make_visit_payload(note="é"), token=token))
    assert isinstance(read, Envelope)
    assert read.seal is not None
    data = payload_bytes(read)
    assert data is not None
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    assert seal_fits(read.seal, data, token_hash)
    assert not seal_fits(read.seal, data + b" ", token_hash)
    assert not seal_fits(read.seal, data, "0" * 64)
    assert not seal_fits("\ud83d", data, token_hash)


@pytest.mark.parametrize(
    ("revision", "kept"), [(0, 1), (1, 1), (100_000, 100_000), (10**30, 100_000)]
)
def test_a_revision_number_is_brought_into_what_the_store_holds(revision: int, kept: int) -> None:
    read = read_one(make_envelope(make_visit_payload(), revision=revision))
    assert isinstance(read, Envelope)
    assert read.revision_number == kept


def test_the_description_of_an_envelope_is_all_but_its_payload() -> None:
    envelope = make_envelope(make_visit_payload())
    read = read_one(envelope)
    assert isinstance(read, Envelope)
    described = json.loads(read.describe())
    assert "payload" not in described
    assert described["sha256"] == envelope["sha256"]
