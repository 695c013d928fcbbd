"""Rescue files: whole, cut, renamed, re-encoded, packed, hostile."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.formats import rescue_lines
from survey.formats.rescue_files import read_rescue
from survey.formats.rescue_items import BadLine, Item, Place, RescueFile, RescueNote, RescueRecord
from survey.formats.wire import Envelope, UnreadableEnvelope, payload_bytes
from tests.factories import make_envelope, make_visit_payload
from tests.rescuing import HEADER, file_line, officer_line, record_line, rescue_text

SARI = "01970000-0000-7000-8000-00000000000a"
PHOTO = bytes(range(256)) * 20
ENVELOPE = make_envelope(make_visit_payload(note="Jorong Pasia — “tidak ada”"), seal="0" * 64)
WHOLE = rescue_text(
    officer_line(SARI),
    record_line(ENVELOPE, SARI, order=7, summary={"area_name": "Simancuang"}),
    {"type": "draft", "officer_id": SARI, "draft": {"id": "x"}},
    file_line(PHOTO, SARI),
)


def read(content: bytes) -> list[Item]:
    return list(read_rescue(io.BytesIO(content)))


def records(items: list[Item]) -> list[RescueRecord]:
    return [item for item in items if isinstance(item, RescueRecord)]


def reasons(items: list[Item]) -> list[tuple[int, str]]:
    return [(item.place.line, item.why) for item in items if isinstance(item, BadLine)]


def test_a_whole_file_gives_its_records_and_photos_with_their_officer() -> None:
    header, officer, record, draft, file = read(WHOLE)
    assert isinstance(header, RescueNote)
    assert header.kind == "header"
    assert isinstance(officer, RescueNote)
    assert isinstance(draft, RescueNote)
    assert draft.kind == "draft"
    assert isinstance(record, RescueRecord)
    assert isinstance(record.envelope, Envelope)
    assert (record.officer_id, record.order, record.place) == (SARI, 7, Place("", 3))
    assert record.envelope.sha256 == ENVELOPE["sha256"]
    assert record.envelope.seal == "0" * 64
    assert payload_bytes(record.envelope) is not None
    assert (record.area_id, record.area_name) == ("13.11/j0001", "Simancuang")
    assert isinstance(file, RescueFile)
    assert (file.kind, file.content_type, file.data) == ("photo", "image/jpeg", PHOTO)


@pytest.mark.parametrize(
    "changed",
    [
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + WHOLE.replace(b"\n", b"\r\n\r\n"),
        WHOLE.decode().replace("\n", "\r\n").encode("utf-16"),
        WHOLE.rstrip(b"\n"),
        WHOLE + b"\0\0\0",
    ],
    ids=["bom", "crlf", "bom and empty lines", "utf-16", "no last line end", "nul at the end"],
)
def test_what_windows_and_messengers_do_to_a_text_changes_nothing(changed: bytes) -> None:
    items = read(changed)
    assert reasons(items) == []
    assert [type(item) for item in items] == [type(item) for item in read(WHOLE)]
    assert records(items)[0].envelope == records(read(WHOLE))[0].envelope


@given(st.integers(0, len(WHOLE)))
def test_a_cut_anywhere_costs_only_the_line_that_was_cut(at: int) -> None:
    items = read(WHOLE[:at])
    whole = read(WHOLE)
    kept = WHOLE[:at].count(b"\n")
    assert items[:kept] == whole[:kept]
    assert len(items) <= kept + 1
    if len(items) > kept and items[kept] != whole[kept]:
        assert reasons(items) == [(kept + 1, "cut")]


def test_garbage_between_lines_is_named_by_line_and_the_rest_is_kept() -> None:
    text = rescue_text(
        "[04/05/26 10.12] Sari: ini filenya",
        record_line(ENVELOPE, SARI),
        "[1, 2]",
        '{"type": "hello"}',
        '{"type": "header", "format": "something else"}',
        header=False,
    )
    items = read(text + b"\xff\xfe\x00garbage\n")
    assert len(records(items)) == 1
    assert reasons(items) == [
        (1, "not_json"),
        (3, "not_json"),
        (4, "unknown_type"),
        (5, "unknown_type"),
        (6, "not_json"),
    ]


def test_a_record_without_an_officer_is_of_the_one_named_before() -> None:
    assert records(read(rescue_text(record_line(ENVELOPE, None))))[0].officer_id is None
    named = rescue_text(officer_line(SARI), record_line(ENVELOPE, None))
    assert records(read(named))[0].officer_id == SARI


def test_half_a_surrogate_in_a_payload_still_has_its_bytes() -> None:
    envelope = make_envelope('{"note": "\ud800"}')
    text = (json.dumps(HEADER) + "\n" + json.dumps(record_line(envelope, SARI)) + "\n").encode()
    (record,) = records(read(text))
    assert isinstance(record.envelope, Envelope)
    assert payload_bytes(record.envelope) is not None


@pytest.mark.parametrize("spoiled", [{"id": 5}, {"sha256": "x"}, {"payload": None}, {"kind": ""}])
def test_a_record_with_an_odd_envelope_is_kept_apart(spoiled: dict[str, Any]) -> None:
    (record,) = records(read(rescue_text(record_line(ENVELOPE, SARI, **spoiled))))
    assert isinstance(record.envelope, UnreadableEnvelope)


@pytest.mark.parametrize(
    "spoiled", [{"sha256": "../../etc/passwd"}, {"data": "###"}, {"data": 5}, {"data": "é"}]
)
def test_a_photo_line_with_odd_values_is_named(spoiled: dict[str, Any]) -> None:
    assert reasons(read(rescue_text(file_line(PHOTO, SARI, **spoiled)))) == [(2, "bad_file")]


def test_a_photo_whose_bytes_the_phone_let_go_of_says_so() -> None:
    _, file = read(rescue_text(file_line(PHOTO, SARI, data=None)))
    assert isinstance(file, RescueFile)
    assert file.data is None


def test_deep_nesting_and_endless_numbers_are_bad_lines_or_records() -> None:
    deep = '{"type": "record", "x": ' + "[" * 100_000
    number = '{"type": "draft", "n": ' + "9" * 5_000 + "}"
    items = read(rescue_text(deep, number, record_line(ENVELOPE, SARI)))
    assert len(records(items)) == 1


@example(0, 0, b"\xfe\xff")
@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=40))
def test_bytes_changed_anywhere_never_end_the_reading(at: int, gone: int, new: bytes) -> None:
    items = read(WHOLE[:at] + new + WHOLE[at + gone :] + b"\n" + WHOLE)
    after = [item for item in items if isinstance(item, RescueFile) and item.data == PHOTO]
    assert after


def test_a_line_longer_than_any_photo_is_skipped_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rescue_lines, "LINE_BYTES", 5_000)
    text = rescue_text('{"type": "' + "x" * 40_000 + '"}', record_line(ENVELOPE, SARI))
    items = read(text)
    assert reasons(items) == [(2, "too_long")]
    assert [r.place.line for r in records(items)] == [3]


def test_endless_short_lines_end_at_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue_lines, "LINES", 10)
    assert reasons(read(WHOLE + b"\n" * 100)) == [(11, "too_many")]


def test_a_form_of_a_newer_app_is_read_and_said() -> None:
    newer = json.dumps({**HEADER, "version": 2}).encode() + b"\n"
    items = read(newer + rescue_text(record_line(ENVELOPE, SARI), header=False))
    assert reasons(items) == [(1, "newer_form")]
    assert len(records(items)) == 1


def test_a_record_tells_its_files_and_which_of_them_are_photos() -> None:
    photos = [{"sha256": "a" * 64, "thumbnail_sha256": "b" * 64}, {"sha256": "no hash"}, "odd"]
    envelope = make_envelope(make_visit_payload(photos=photos))
    (record,) = records(read(rescue_text(record_line(envelope, SARI))))
    assert (record.files, record.photos) == (("b" * 64, "a" * 64), ("a" * 64,))


def test_of_a_payload_that_cannot_be_read_the_phone_says_which_files_it_names() -> None:
    files = ["b" * 64, "a" * 64]
    line = record_line(make_envelope("{"), SARI, files=files, photos=1)
    (record,) = records(read(rescue_text(line)))
    assert (record.files, record.photos) == (tuple(files), ("a" * 64,))
