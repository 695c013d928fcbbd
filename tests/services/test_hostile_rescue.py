"""Rescue files that are not what they say, and the phone's ZIP from cut to whole."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image

from survey.domain.identifiers import new_id
from survey.domain.problems import Problem
from survey.services.accounts import disable_user
from survey.services.enrolling import authenticate_device, revoke_device
from survey.services.files import read_upload, receive_chunk
from survey.services.import_report import Report
from survey.services.importing import NO_PICTURE, count_photos, import_rescue
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom, has_sent
from tests.factories import NOW, Enrolled, enrol_officer, make_envelope, make_visit_payload
from tests.faults.tally import record_tally
from tests.rescuing import (
    entry_line,
    file_line,
    locked,
    officer_line,
    phone_zip,
    record_line,
    rescue_text,
    zipped,
)
from tests.sending import send


def picture(seed: int) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (40, 30), random.Random(seed).randbytes(3_600)).save(out, "JPEG")
    return out.getvalue()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


PHOTOS = [picture(seed) for seed in range(3)]
HASHES = [digest(photo) for photo in PHOTOS]


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


def take(store: Store, settings: Settings, content: bytes, name: str = "a.zip") -> Report:
    room = FileRoom(settings.instance)
    report = import_rescue(store, room, settings, io.BytesIO(content), name, "cli", NOW)
    count_photos(store, [report])
    return report


def visit_of(phone: Enrolled, *photos: int, **changes: Any) -> dict[str, Any]:
    named = [{"sha256": HASHES[n], "thumbnail_sha256": None, "kind": "site"} for n in photos]
    return make_envelope(make_visit_payload(photos=named), token=phone.token, **changes)


def full_zip(phone: Enrolled, visits: list[dict[str, Any]]) -> bytes:
    lines = [record_line(visit, phone.officer_id, order=n) for n, visit in enumerate(visits)]
    announced = [entry_line(photo, phone.officer_id) for photo in PHOTOS]
    return phone_zip(rescue_text(officer_line(phone.officer_id), *lines, *announced), *PHOTOS)


def count(store: Store, table: str) -> int:
    found: int = store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def test_a_cut_zip_then_the_whole_one_then_the_phone_itself_make_everything_once(
    store: Store, settings: Settings, phone: Enrolled, room: FileRoom
) -> None:
    visits = [visit_of(phone, 0, 1), visit_of(phone, 2), visit_of(phone)]
    whole = full_zip(phone, visits)
    cut = take(store, settings, whole[: whole.index(PHOTOS[1]) + 100])
    assert cut.results == {"stored": 3}
    assert dict(cut.files) == {"stored": 1, "without_bytes": 2}
    assert [(len(row.photos), row.photos_missing) for row in cut.rows] == [(2, 1), (1, 1), (0, 0)]
    assert [bad.why for bad in cut.bad_lines] == ["cut_file", "cut_zip"]

    again = take(store, settings, whole)
    assert (again.results, dict(again.files)) == ({"already_stored": 3}, {"known": 1, "stored": 2})
    assert again.photos_missing == 0
    assert again.bad_lines == []
    assert [room.path_of(sha256).read_bytes() for sha256 in HASHES] == PHOTOS

    answers = send(store, settings, phone, *visits)
    assert [(a["result"], a["missing_files"]) for a in answers] == [("already_stored", [])] * 3
    assert count(store, "visits") == count(store, "revisions") == count(store, "files") == 3


def test_cut_anywhere_and_then_sent_by_the_phone_nothing_is_lost_or_doubled(
    store: Store,
    settings: Settings,
    phone: Enrolled,
    room: FileRoom,
    record_property: Callable[[str, object], None],
) -> None:
    device = authenticate_device(store, phone.token, NOW)
    chance, moments = random.Random(41), 40
    hashes: list[str] = []
    photos: dict[str, bytes] = {}
    for moment in range(moments):
        picture_of = {
            digest(data): data for data in (picture(100 + 2 * moment + n) for n in (0, 1))
        }
        named = [{"sha256": sha256, "kind": "site"} for sha256 in picture_of]
        visits = [
            make_envelope(make_visit_payload(photos=[one]), token=phone.token) for one in named
        ]
        lines = [record_line(visit, phone.officer_id) for visit in visits]
        announced = [entry_line(data, phone.officer_id) for data in picture_of.values()]
        packed = phone_zip(rescue_text(*lines, *announced), *picture_of.values())
        with suppress(Problem):  # cut before its first line
            take(store, settings, packed[: chance.randrange(len(packed))])
        for answer in send(store, settings, phone, *visits):
            assert answer["result"] in ("stored", "already_stored")
            for sha256 in answer["missing_files"]:
                size = str(len(picture_of[sha256]))
                upload = read_upload(sha256, "0", size, "image/jpeg", "photo")
                receive_chunk(store, room, device, upload, [picture_of[sha256]], NOW)
        hashes += [visit["sha256"] for visit in visits]
        photos |= picture_of
    held = [row[0] for row in store.reader().execute("SELECT sha256 FROM revisions")]
    damaged = sum(room.path_of(sha256).read_bytes() != data for sha256, data in photos.items())
    record_tally(
        record_property,
        fault="rescue ZIP cut anywhere, then sent",
        moments=moments,
        records=len(hashes),
        files=len(photos),
        lost=len(set(hashes) - set(held)),
        duplicated=len(held) - len(set(held)),
        damaged=damaged,
    )
    assert sorted(held) == sorted(hashes)
    assert (damaged, count(store, "visits")) == (0, len(hashes))
    assert [
        row[0] for row in store.reader().execute("SELECT sha256 FROM files ORDER BY sha256")
    ] == (sorted(photos))


def test_seals_of_a_revoked_phone_and_of_a_disabled_officer_are_told_apart(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    content = full_zip(phone, [visit_of(phone)])
    device = authenticate_device(store, phone.token, NOW)
    revoke_device(store, device.key, NOW, actor="cli")
    assert [(row.result, row.seal) for row in take(store, settings, content).rows] == [
        ("stored", "revoked")
    ]
    other = enrol_officer(store, settings, "budi")
    content = full_zip(other, [visit_of(other)])
    disable_user(store, other.officer_id, NOW, actor="cli")
    assert [(row.result, row.seal) for row in take(store, settings, content).rows] == [
        ("stored", "revoked")
    ]


def test_a_seal_of_another_officers_phone_is_no_seal_of_this_one(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    stranger = enrol_officer(store, settings, "budi")
    forged = record_line(visit_of(stranger), phone.officer_id)
    (row,) = take(store, settings, rescue_text(forged)).rows
    assert (row.officer_name, row.seal) == ("Sari", "unknown")


def test_a_manifest_that_gives_a_photo_to_another_officer_opens_it_to_nobody(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    stranger = enrol_officer(store, settings, "budi")
    take(store, settings, full_zip(phone, [visit_of(phone, 0, 1, 2)]))
    claim = rescue_text(*(entry_line(photo, stranger.officer_id) for photo in PHOTOS))
    report = take(store, settings, phone_zip(claim, b"\xff\xd8\xffguess"))
    assert dict(report.files) == {"without_bytes": 3, "refused": 1}
    officer = authenticate_device(store, stranger.token, NOW).user_key
    assert not any(has_sent(store.reader(), sha256, officer) for sha256 in HASHES)


def test_a_photo_that_no_line_speaks_of_belongs_to_whose_record_names_it(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    other = enrol_officer(store, settings, "budi")
    lines = [
        record_line(visit_of(phone, 0), phone.officer_id),
        record_line(visit_of(other, 1), other.officer_id),
    ]
    report = take(store, settings, phone_zip(rescue_text(*lines), *PHOTOS))
    assert dict(report.files) == {"stored": 2, "refused": 1}
    assert [reason for _, reason in report.file_faults] == [
        "The file names no officer. Say whose records these are."
    ]
    owners = store.reader().execute("SELECT sha256, officer_key FROM files").fetchall()
    sari, budi = (authenticate_device(store, p.token, NOW).user_key for p in (phone, other))
    assert {tuple(row) for row in owners} == {(HASHES[0], sari), (HASHES[1], budi)}


def test_what_calls_itself_a_photo_and_is_none_is_kept_and_named(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    content = rescue_text(file_line(b"#!/bin/sh\nrm -rf /\n", phone.officer_id))
    report = take(store, settings, content)
    assert dict(report.files) == {"stored": 1}
    assert [reason for _, reason in report.file_faults] == [NO_PICTURE]


def test_other_bytes_under_a_photos_name_are_refused_and_the_record_says_it_is_missing(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    text = rescue_text(
        record_line(visit_of(phone, 0), phone.officer_id), entry_line(PHOTOS[0], phone.officer_id)
    )
    packed = phone_zip(text, PHOTOS[0])
    changed = packed.replace(PHOTOS[0][10:30], b"\0" * 20)
    for content in (changed, changed[:-50]):  # with and without the table of contents
        report = take(store, settings, content)
        assert report.files["stored"] == 0
        assert [row.photos_missing for row in report.rows] == [1]
    assert count(store, "files") == 0


def test_only_one_of_many_records_is_a_strangers_and_the_others_are_taken(
    store: Store, settings: Settings, phone: Enrolled
) -> None:
    stranger = enrol_officer(store, settings, "budi")
    theirs = visit_of(stranger)
    send(store, settings, stranger, theirs)
    lines = [
        record_line(theirs, phone.officer_id),
        record_line(visit_of(phone), new_id()),
        record_line(visit_of(phone, sha256="0" * 64), phone.officer_id),
        record_line(visit_of(phone), phone.officer_id),
    ]
    report = take(store, settings, rescue_text(*lines))
    assert sorted(row.result for row in report.rows) == ["refused", "refused", "refused", "stored"]
    assert all(row.reason for row in report.rows if row.result == "refused")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (random.Random(7).randbytes(20_000), []),
        (b"PK\x03\x04" + random.Random(8).randbytes(20_000), []),
        (b"\0" * 5_000, []),
        (b'{"type": "record", "id": "', ["This line is cut off."]),
        (locked(zipped(a__txt=rescue_text())), ["This part of the ZIP is locked by a password."]),
        (zipped(a__zip=zipped(b__txt=b"")), ["This is a ZIP inside the ZIP."]),
        (b"Rar!\x1a\x07\x00" + b"\0" * 100, []),
    ],
    ids=["noise", "noise like a ZIP", "zeros", "a line's beginning", "locked", "nested", "RAR"],
)
def test_garbage_is_refused_with_what_is_accepted(
    store: Store, settings: Settings, phone: Enrolled, content: bytes, why: list[str]
) -> None:
    with pytest.raises(Problem) as caught:
        take(store, settings, content)
    assert caught.value.code == "import.unreadable"
    said = [error.message for error in caught.value.errors]
    assert "ZIP" in said[-1]
    assert [text[: len(start)] for text, start in zip(said, why, strict=False)] == why
    assert len(said) == len(why) + 1
