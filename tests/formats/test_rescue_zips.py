"""Rescue files in ZIPs: the phone's and people's, whole, cut at every byte, hostile."""

from __future__ import annotations

import hashlib
import io
import json
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.domain.problems import Problem
from survey.formats import rescue_files, rescue_lines, zip_entries
from survey.formats.rescue_files import read_rescue
from survey.formats.rescue_items import BadLine, Item, Place, RescueFile, RescueRecord
from tests.factories import make_envelope, make_visit_payload
from tests.faults.tally import record_tally
from tests.rescuing import (
    client_zip,
    entry_line,
    file_line,
    locked,
    officer_line,
    phone_zip,
    record_line,
    rescue_text,
    zipped,
)

SARI = "01970000-0000-7000-8000-00000000000a"
ENVELOPES = [make_envelope(make_visit_payload(note=f"{n} “tidak ada”")) for n in range(3)]
WHOLE = rescue_text(officer_line(SARI), record_line(ENVELOPES[0], SARI))
SMALL = b"\xff\xd8\xff" + random.Random(1).randbytes(200)
LARGE = b"\xff\xd8\xff" + random.Random(2).randbytes(700)
RECORDS = [record_line(envelope, SARI, order=n) for n, envelope in enumerate(ENVELOPES)]
LINES = [json.dumps(record, ensure_ascii=False).encode() for record in RECORDS]
TEXT = rescue_text(
    officer_line(SARI),
    *RECORDS,
    entry_line(SMALL, SARI, kind="thumbnail"),
    entry_line(LARGE, SARI),
)
PHONE = phone_zip(TEXT, SMALL, LARGE)


def read(content: bytes) -> list[Item]:
    return list(read_rescue(io.BytesIO(content)))


def records(items: list[Item]) -> list[RescueRecord]:
    return [item for item in items if isinstance(item, RescueRecord)]


def files(items: list[Item]) -> list[bytes]:
    found = [item for item in items if isinstance(item, RescueFile) and item.data is not None]
    for item in found:
        assert hashlib.sha256(item.data or b"").hexdigest() == item.sha256
    return [item.data or b"" for item in found]


def reasons(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.place.entry, item.why) for item in items if isinstance(item, BadLine)]


def deflated(*entries: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


class _Pipe(io.RawIOBase):
    """A stream that cannot seek: zipfile then writes sizes behind the bytes."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.data += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]


def piped(*entries: tuple[str, bytes]) -> bytes:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return bytes(pipe.data)


# --- the phone's own ------------------------------------------------------------------------


def test_the_phones_zip_gives_its_lines_first_and_its_files_with_their_officer() -> None:
    items = read(PHONE)
    assert [record.order for record in records(items)] == [0, 1, 2]
    small, large = (item for item in items if isinstance(item, RescueFile))
    assert (small.kind, small.officer_id, small.data) == ("thumbnail", SARI, SMALL)
    assert (large.kind, large.content_type, large.data) == ("photo", "image/jpeg", LARGE)
    assert large.place == Place(f"{large.sha256}.jpg", 0)
    assert reasons(items) == []


def test_our_own_zips_are_what_zipfile_takes() -> None:
    with zipfile.ZipFile(io.BytesIO(PHONE)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "records.txt"


@pytest.mark.parametrize("pack", [client_zip, piped, deflated], ids=["phone", "piped", "packed"])
def test_a_zip_cut_at_any_byte_gives_every_whole_line_and_every_whole_file(
    pack: Callable[..., bytes], record_property: Callable[[str, object], None]
) -> None:
    names = [f"files/{hashlib.sha256(data).hexdigest()}.jpg" for data in (SMALL, LARGE)]
    packed = pack(("records.txt", TEXT), (names[0], SMALL), (names[1], LARGE))
    stored = pack is client_zip
    first = packed.index(names[0].encode())
    for at in range(40, len(packed)):
        cut = packed[:at]
        try:
            items = read(cut)
        except Problem:
            assert at < first, at
            continue
        if stored:
            assert len(records(items)) == sum(line in cut for line in LINES), at
            assert [data in cut for data in (SMALL, LARGE)] == [
                data in files(items) for data in (SMALL, LARGE)
            ], at
        elif at > first:
            assert len(records(items)) == 3, at
        assert ("", "cut_zip") in reasons(items), at
    assert files(items) == [SMALL, LARGE]
    moments = len(packed) - 40
    record_tally(
        record_property,
        fault="rescue ZIP cut at every byte (read)",
        moments=moments,
        records=len(LINES),
        files=2,
    )


def test_of_many_photos_without_a_table_of_contents_every_one_is_found() -> None:
    photos = [b"\xff\xd8\xff" + random.Random(n).randbytes(20_000) for n in range(300)]
    text = rescue_text(*(entry_line(photo, SARI) for photo in photos))
    assert files(read(phone_zip(text, *photos)[:-100])) == photos


@pytest.mark.parametrize("form", ["zip", "cut zip", "txt"])
def test_the_memory_for_a_large_file_is_that_of_one_photo(form: str, tmp_path: Path) -> None:
    photos = [random.Random(n).randbytes(250_000) for n in range(80)]
    line = file_line if form == "txt" else entry_line
    text = rescue_text(*(line(photo, SARI) for photo in photos))
    packed = text if form == "txt" else phone_zip(text, *photos)
    path = tmp_path / "large"
    path.write_bytes(packed[: -100 if form == "cut zip" else None])
    with path.open("rb") as stream:
        tracemalloc.start()
        count = sum(isinstance(item, RescueFile) for item in read_rescue(stream))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 80
    assert peak < 4_000_000


def test_a_zip_whose_end_was_overwritten_by_another_is_read_as_far_as_it_is_right() -> None:
    items = read(PHONE[:-60] + b"\0" * 60)
    assert len(records(items)) == 3
    assert files(items) == [SMALL, LARGE]
    assert reasons(items) == [("", "cut_zip")]


def test_a_hole_in_one_photo_costs_that_photo_only() -> None:
    hole = PHONE.index(SMALL) + 50
    items = read(PHONE[:hole] + PHONE[hole + 20 :])
    assert len(records(items)) == 3
    assert files(items) == [LARGE]
    missing = [item for item in items if isinstance(item, RescueFile) and item.data is None]
    assert [item.sha256 for item in missing] == [hashlib.sha256(SMALL).hexdigest()]
    assert ("", "cut_zip") in reasons(items)


def test_photos_of_a_zip_packed_again_are_known_by_their_bytes_whatever_their_names() -> None:
    again = deflated(("Foto/IMG 1.jpg", LARGE), ("Foto/IMG 2.jpg", SMALL), ("catatan", TEXT))
    items = read(again)
    assert sorted(files(items)) == sorted([SMALL, LARGE])
    assert reasons(items) == []


def test_a_picture_of_two_officers_is_given_to_both() -> None:
    budi = SARI[:-1] + "b"
    text = rescue_text(*(entry_line(LARGE, officer) for officer in (SARI, budi, SARI)))
    found = [item for item in read(phone_zip(text, LARGE)) if isinstance(item, RescueFile)]
    assert [(item.officer_id, item.data) for item in found] == [(SARI, LARGE), (budi, LARGE)]


def test_a_file_that_no_line_speaks_of_is_given_without_an_officer() -> None:
    (file,) = (item for item in read(phone_zip(WHOLE, LARGE)) if isinstance(item, RescueFile))
    assert (file.officer_id, file.kind, file.content_type) == (None, "photo", "image/jpeg")


def test_announced_bytes_that_are_not_there_are_said_with_their_line() -> None:
    items = read(phone_zip(TEXT, SMALL))
    (absent,) = (item for item in items if isinstance(item, RescueFile) and item.data is None)
    assert (absent.sha256, absent.place.entry) == (
        hashlib.sha256(LARGE).hexdigest(),
        "records.txt",
    )
    assert [item.data for item in read(TEXT) if isinstance(item, RescueFile)] == [None, None]


# --- people's -------------------------------------------------------------------------------


def test_a_zip_of_several_files_is_read_in_the_order_of_names() -> None:
    first = rescue_text(record_line(ENVELOPES[0], SARI, order=1))
    second = rescue_text(record_line(ENVELOPES[0], SARI, order=2))
    items = read(zipped(b__txt=second, a__txt=first, renamed=first, foto__jpg=b"\xff\xd8\xff\n"))
    assert [(r.place.entry, r.order) for r in records(items)] == [
        ("a.txt", 1),
        ("b.txt", 2),
        ("renamed", 1),
    ]
    assert reasons(items) == [("foto.jpg", "not_rescue")]


def test_a_zip_inside_the_zip_is_named_and_the_others_are_read() -> None:
    items = read(zipped(a__txt=WHOLE, tas__zip=PHONE))
    assert reasons(items) == [("tas.zip", "nested")]
    assert len(records(items)) == 1


# --- hostile --------------------------------------------------------------------------------


def test_an_entry_that_would_climb_out_is_read_and_named_without_its_path() -> None:
    names = (
        "../../../tmp/jahat.txt",
        "/etc/passwd",
        "C:\\Windows\\a.txt",
        "__MACOSX/._a.txt",
        "x/",
    )
    items = read(deflated(*((name, WHOLE if name[-1] != "/" else b"") for name in names)))
    assert {item.place.entry for item in items} == {"jahat.txt", "passwd", "a.txt"}
    assert len(records(items)) == 3


def test_a_damaged_entry_costs_that_entry_only() -> None:
    packed = bytearray(zipped(a__txt=WHOLE, b__txt=WHOLE))
    middle = packed.index(b"a.txt") + 60
    packed[middle : middle + 20] = b"\xff" * 20
    items = read(bytes(packed))
    assert ("a.txt", "bad_entry") in reasons(items)
    assert [r.place.entry for r in records(items)][-1] == "b.txt"


@pytest.mark.parametrize("content", [b"PK\x03\x04", PHONE[:25], b"PK\x05\x06" + b"\0" * 18])
def test_a_zip_with_nothing_in_it_is_refused_and_the_answer_says_what_is_accepted(
    content: bytes,
) -> None:
    with pytest.raises(Problem) as caught:
        read(content)
    assert caught.value.code == "import.unreadable"
    assert ".txt" in caught.value.errors[-1].message


@pytest.mark.parametrize("cut", [0, 30], ids=["whole", "cut"])
def test_a_locked_zip_says_that_it_is_locked(cut: int) -> None:
    packed = locked(zipped(a__txt=WHOLE, b__txt=WHOLE))
    items = read(packed[: len(packed) - cut])
    assert reasons(items)[:2] == [("a.txt", "locked"), ("b.txt", "locked")]


def test_entries_of_one_name_are_all_read() -> None:
    packed = client_zip(("records.txt", WHOLE), ("records.txt", TEXT), ("records.txt", WHOLE))
    assert len(records(read(packed))) == 5
    assert len(records(read(packed[:-40]))) == 5


def test_bytes_that_are_not_those_of_their_name_keep_the_name_so_that_they_are_refused() -> None:
    sha256 = hashlib.sha256(LARGE).hexdigest()
    packed = client_zip(("records.txt", TEXT), (f"files/{sha256}.jpg", b"\xff\xd8\xffother"))
    forged = [item for item in read(packed) if isinstance(item, RescueFile) and item.data]
    assert [(item.sha256, item.officer_id) for item in forged] == [(sha256, SARI)]


def test_a_zip_bomb_costs_neither_memory_nor_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rescue_files, "RESCUE_BYTES", 3_000_000)
    monkeypatch.setattr(rescue_lines, "LINE_BYTES", 200_000)
    monkeypatch.setattr(rescue_files, "FILE_BYTES", 200_000)
    photo = f"files/{'0' * 64}.jpg"
    bomb = deflated(("a.txt", WHOLE + b" " * 50_000_000), (photo, b"\0" * 50_000_000))
    for packed in (bomb, bomb[:-60]):
        tracemalloc.start()
        items = read(packed)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8_000_000
        assert len(records(items)) == 1
        assert {why for _, why in reasons(items)} & {"too_large", "too_long"}


def test_a_photo_larger_than_any_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescue_files, "FILE_BYTES", 500)
    items = read(phone_zip(TEXT, LARGE, SMALL))
    assert (f"{hashlib.sha256(LARGE).hexdigest()}.jpg", "too_long") in reasons(items)
    assert files(items) == [SMALL]


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_unpack_without_a_bound_are_not_opened(compression: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        archive.writestr("a.txt", WHOLE)
        archive.writestr("b.txt", WHOLE, zipfile.ZIP_STORED)
    for content in (packed.getvalue(), packed.getvalue()[:-30]):
        items = read(content)
        assert items[0] == BadLine(Place("a.txt", 0), "bad_entry")
        assert [r.place.entry for r in records(items)] == ["b.txt"]


def test_an_entry_without_a_name_is_passed_over() -> None:
    packed = zipped(a__txt=WHOLE, b__txt=WHOLE).replace(b"a.txt", b"\0.txt")
    assert [r.place.entry for r in records(read(packed))] == ["b.txt"]


def test_a_zip_with_endless_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_entries, "ENTRIES", 3)
    packed = zipped(**{f"{n}__txt": WHOLE for n in range(6)})
    items = read(packed)
    assert len(records(items)) == 3
    assert items[-1] == BadLine(Place("", 0), "too_many")
    monkeypatch.setattr(zip_entries, "DIRECTORY_BYTES", 100)
    assert len(records(read(packed))) == 3


@pytest.mark.parametrize("field", [14, 18, 22], ids=["crc", "packed size", "size"])
@pytest.mark.parametrize("lie", [0, 1, 2**31, 2**32 - 1])
def test_sizes_that_lie_cost_their_entry_and_no_other(field: int, lie: int) -> None:
    packed = bytearray(zipped(a__txt=WHOLE, b__txt=WHOLE))
    directory = packed.index(b"PK\x01\x02")
    for at in (field, directory + field + 2):
        packed[at : at + 4] = struct.pack("<I", lie)
    for content in (bytes(packed), bytes(packed[:-30])):
        assert "b.txt" in {r.place.entry for r in records(read(content))}


def test_made_up_headers_do_not_make_the_reading_long() -> None:
    looked = 0
    original = io.BytesIO.read

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal looked
            data = original(self, size)
            looked += len(data)
            return data

    header = client_zip(("a.txt", b""))[:35]
    torn = b"PK\x07\x08" + b"\0" * 12
    hostile = (header + torn) * 20_000 + b"x" * 3_000_000
    list(read_rescue(Counting(hostile)))
    assert looked < 40 * len(hostile)


@given(st.integers(0, len(PHONE)), st.integers(0, 20), st.binary(max_size=20))
def test_a_zip_changed_anywhere_is_read_or_refused(at: int, gone: int, new: bytes) -> None:
    with suppress(Problem):
        assert isinstance(read(PHONE[:at] + new + PHONE[at + gone :]), list)


@given(st.integers(0, len(PHONE)), st.integers(1, 20))
def test_a_gap_behind_the_lines_never_costs_a_record(at: int, gone: int) -> None:
    end = PHONE.index(SMALL)
    start = max(at, end)
    assert len(records(read(PHONE[:start] + PHONE[start + gone :]))) == 3
