"""Rescue files: whole, cut, renamed, re-encoded, packed, hostile."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.domain.problems import Problem
from survey.formats import rescue_files
from survey.formats.rescue_files import read_rescue
from survey.formats.rescue_items import BadLine, Item, Place, RescueFile, RescueNote, RescueRecord
from survey.formats.wire import Envelope, UnreadableEnvelope, payload_bytes
from tests.factories import make_envelope, make_visit_payload
from tests.rescuing import HEADER, file_line, officer_line, record_line, rescue_text, zipped

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


@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=40))
def test_bytes_changed_anywhere_never_end_the_reading(at: int, gone: int, new: bytes) -> None:
    items = read(WHOLE[:at] + new + WHOLE[at + gone :] + b"\n" + WHOLE)
    after = [item for item in items if isinstance(item, RescueFile) and item.data == PHOTO]
    assert after


PACKED = zipped(a__txt=WHOLE, b__txt=WHOLE)


@given(st.integers(0, len(PACKED)), st.integers(0, 20), st.binary(max_size=20))
def test_a_zip_changed_anywhere_is_read_or_refused(at: int, gone: int, new: bytes) -> None:
    with suppress(Problem):
        assert isinstance(read(PACKED[:at] + new + PACKED[at + gone :]), list)


# --- ZIP -----------------------------------------------------------------------------------


def test_a_zip_of_several_files_is_read_in_the_order_of_names() -> None:
    first = rescue_text(record_line(ENVELOPE, SARI, order=1))
    second = rescue_text(record_line(ENVELOPE, SARI, order=2))
    items = read(zipped(b__txt=second, a__txt=first, renamed=first, foto__jpg=b"\xff\xd8\xff\n"))
    assert [(r.place.entry, r.order) for r in records(items)] == [
        ("a.txt", 1),
        ("b.txt", 2),
        ("renamed", 1),
    ]
    assert [item.place.entry for item in items if isinstance(item, BadLine)] == ["foto.jpg"]


def test_an_entry_that_would_climb_out_is_read_and_named_without_its_path() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../../tmp/jahat.txt", WHOLE)
        archive.writestr("__MACOSX/._a.txt", b"\0\1")
        archive.writestr("folder/", b"")
    items = read(packed.getvalue())
    assert {item.place.entry for item in items} == {"jahat.txt"}
    assert len(records(items)) == 1


def test_a_damaged_entry_costs_that_entry_only() -> None:
    packed = bytearray(zipped(a__txt=WHOLE, b__txt=WHOLE))
    middle = packed.index(b"a.txt") + 60
    packed[middle : middle + 20] = b"\xff" * 20
    items = read(bytes(packed))
    assert ("a.txt", "bad_entry") in [
        (item.place.entry, item.why) for item in items if isinstance(item, BadLine)
    ]
    assert [r.place.entry for r in records(items)][-1] == "b.txt"


@pytest.mark.parametrize("cut", [5, 40, -10])
def test_a_cut_zip_is_not_readable_and_the_answer_says_what_is(cut: int) -> None:
    with pytest.raises(Problem) as caught:
        read(zipped(a__txt=WHOLE)[:cut])
    assert caught.value.code == "import.unreadable"
    assert ".txt" in caught.value.errors[0].message


def test_a_zip_bomb_costs_neither_memory_nor_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rescue_files, "RESCUE_BYTES", 3_000_000)
    monkeypatch.setattr(rescue_files, "LINE_BYTES", 200_000)
    bomb = zipped(a__txt=WHOLE + b" " * 50_000_000, b__txt=WHOLE)
    tracemalloc.start()
    items = read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000
    assert len(records(items)) == 1
    assert {item.why for item in items if isinstance(item, BadLine)} & {"too_large", "too_long"}


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_unpack_without_a_bound_are_not_opened(compression: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        archive.writestr("a.txt", WHOLE)
        archive.writestr("b.txt", WHOLE, zipfile.ZIP_STORED)
    items = read(packed.getvalue())
    assert items[0] == BadLine(Place("a.txt", 0), "bad_entry")
    assert [r.place.entry for r in records(items)] == ["b.txt"]


def test_an_entry_without_a_name_is_passed_over() -> None:
    packed = zipped(a__txt=WHOLE).replace(b"a.txt", b"\0.txt")
    assert reasons(read(packed)) == []


def test_a_zip_with_endless_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue_files, "ENTRIES", 3)
    items = read(zipped(**{f"{n}__txt": WHOLE for n in range(6)}))
    assert len(records(items)) == 3
    assert items[-1] == BadLine(Place("3.txt", 0), "too_many")
    monkeypatch.setattr(rescue_files, "DIRECTORY_BYTES", 100)
    with pytest.raises(Problem, match="not readable"):
        read(zipped(**{f"{n}__txt": WHOLE for n in range(6)}))


def test_a_line_longer_than_any_photo_is_skipped_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rescue_files, "LINE_BYTES", 5_000)
    text = rescue_text('{"type": "' + "x" * 40_000 + '"}', record_line(ENVELOPE, SARI))
    items = read(text)
    assert reasons(items) == [(2, "too_long")]
    assert [r.place.line for r in records(items)] == [3]


def test_endless_short_lines_end_at_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue_files, "LINES", 10)
    assert reasons(read(WHOLE + b"\n" * 100)) == [(11, "too_many")]
