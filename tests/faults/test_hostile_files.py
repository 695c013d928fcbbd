"""Files by the wire, from phones that lie, race and are shut out: nothing mixed, nothing lent."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.services.accounts import disable_user, enable_user
from survey.services.enrolling import authenticate_device, create_code, enrol, revoke_device
from survey.services.erasing import erase, find_visit
from survey.services.files import read_upload, receive_chunk
from survey.services.verifying import verify
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom, find_file
from tests.factories import (
    NOW,
    Enrolled,
    enrol_officer,
    enrol_phone,
    make_envelope,
    make_visit_payload,
    new_token,
)
from tests.faults.tally import record_tally

CHUNK = 64_000
PHOTO = os.urandom(2 * CHUNK + 5_000)
LENGTH = len(PHOTO)
SHA256 = hashlib.sha256(PHOTO).hexdigest()
Record = Callable[[str, object], None]


@dataclass
class Phone:
    """One phone and its way to the server; `say` is what it declares beside the bytes."""

    client: FlaskClient
    enrolled: Enrolled

    def put(self, offset: int = 0, data: bytes | None = None, **say: object) -> TestResponse:
        declared = {"Upload-Offset": offset, "Upload-Length": LENGTH, "X-File-Kind": "photo"}
        declared |= {name.replace("_", "-"): value for name, value in say.items()}
        headers = {name: str(value) for name, value in declared.items()}
        response: TestResponse = self.client.put(
            f"/api/v1/files/{SHA256}",
            data=PHOTO[offset:] if data is None else data,
            content_type=str(say.get("Content_Type", "image/jpeg")),
            headers={**self.enrolled.headers, **headers},
        )
        return response

    def offset(self) -> int | None:
        """What HEAD says: the next byte, or None when nothing is here."""
        answer = self.client.head(f"/api/v1/files/{SHA256}", headers=self.enrolled.headers)
        return None if answer.status_code == 404 else int(answer.headers["Upload-Offset"])

    def get(self) -> bytes | None:
        url = f"/api/v1/files/{SHA256}"
        with self.client.get(url, headers=self.enrolled.headers) as answer:
            return None if answer.status_code == 404 else answer.data

    def send(self, *envelopes: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"records": envelopes}
        answer = self.client.post("/api/v1/records", json=body, headers=self.enrolled.headers)
        results: list[dict[str, Any]] = answer.json["results"]  # type: ignore[index]
        return results


@pytest.fixture
def room(settings: Settings) -> FileRoom:
    return FileRoom(settings.instance)


@pytest.fixture
def sari(client: FlaskClient, store: Store, settings: Settings) -> Phone:
    return Phone(client, enrol_officer(store, settings, "sari"))


@pytest.fixture
def budi(client: FlaskClient, store: Store, settings: Settings) -> Phone:
    return Phone(client, enrol_officer(store, settings, "budi"))


def visit_with_photo() -> dict[str, Any]:
    return make_envelope(make_visit_payload(photos=[{"sha256": SHA256, "kind": "site"}]))


# Whose a file is


@pytest.mark.parametrize(
    "claim",
    [b"", PHOTO[: CHUNK - 1], PHOTO[: CHUNK - 1] + b"x", os.urandom(CHUNK)],
    ids=["nothing", "less than a chunk", "one wrong byte", "a guess"],
)
def test_a_hash_neither_shows_nor_claims_the_photo_of_another_officer(
    sari: Phone, budi: Phone, claim: bytes
) -> None:
    assert sari.put().status_code == 201
    assert (budi.offset(), budi.get()) == (None, None)
    assert budi.put(0, claim).status_code == 204
    (result,) = budi.send(visit_with_photo())
    assert result["missing_files"] == [SHA256]
    assert budi.get() is None
    assert budi.offset() == (len(claim) or None)


def test_a_photo_of_two_officers_is_each_ones_by_a_chunk_of_its_bytes(
    sari: Phone, budi: Phone, room: FileRoom
) -> None:
    """Two officers on one phone chose the same picture: the second need not send all of it."""
    assert sari.put().status_code == 201
    assert budi.put(0, PHOTO[:1_000]).status_code == 204
    answer = budi.put(1_000, PHOTO[1_000:CHUNK])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (200, str(LENGTH))
    assert budi.get() == sari.get() == PHOTO
    assert budi.send(visit_with_photo())[0]["missing_files"] == []
    assert list(room.partials.iterdir()) == []


def test_a_replacement_phone_finds_the_photo_complete_and_may_read_it(
    sari: Phone, client: FlaskClient, store: Store, settings: Settings
) -> None:
    sari.put()
    officer = sari.enrolled
    new = Phone(client, enrol_phone(store, settings, officer.officer_id, officer.username))
    assert (new.offset(), new.get()) == (LENGTH, PHOTO)
    assert new.put(0, b"").status_code == 200


def test_bytes_without_a_row_become_the_officers_who_sends_a_chunk_of_them(
    sari: Phone, room: FileRoom, store: Store
) -> None:
    """As after a restore whose folder of files is newer than its store."""
    path = room.path_of(SHA256)
    path.parent.mkdir(parents=True)
    path.write_bytes(PHOTO)
    assert (sari.offset(), sari.get()) == (None, None)
    assert sari.put(0, b"").status_code == 204
    assert sari.put(0, PHOTO[:CHUNK]).status_code == 200
    assert (sari.offset(), sari.get()) == (LENGTH, PHOTO)
    assert verify(store, room, NOW).damage == []


@pytest.mark.parametrize("spoil", [b"", PHOTO[:-1]], ids=["gone", "cut short"])
def test_a_photo_whose_bytes_the_disk_lost_is_taken_again(
    sari: Phone, room: FileRoom, store: Store, spoil: bytes
) -> None:
    sari.put()
    room.path_of(SHA256).write_bytes(spoil) if spoil else room.path_of(SHA256).unlink()
    assert sari.offset() is None
    assert sari.put().status_code == 201
    assert verify(store, room, NOW).damage == []


def test_an_erasure_between_the_last_byte_and_the_row_keeps_nothing(
    sari: Phone, store: Store, room: FileRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = visit_with_photo()
    sari.send(envelope)
    write = store.write

    def erase_first(function: Any) -> Any:
        monkeypatch.setattr(store, "write", write)
        erase(store, room, lambda c: find_visit(c, envelope["id"]), "salah", NOW, actor="cli")
        return write(function)

    sari.put(0, PHOTO[:100])
    monkeypatch.setattr(store, "write", erase_first)
    # The erasure removes what is half here, so the way to its end is the service itself.
    device = authenticate_device(store, sari.enrolled.token, NOW)
    upload = read_upload(SHA256, "100", str(LENGTH), "image/jpeg", "photo")
    assert receive_chunk(store, room, device, upload, [PHOTO[100:]], NOW) == ("known", LENGTH)
    assert not room.path_of(SHA256).exists()
    assert list(room.partials.iterdir()) == []
    assert verify(store, room, NOW).damage == []


# Chunks that lie


@pytest.mark.parametrize(
    ("offset", "data"),
    [
        (CHUNK + 1, PHOTO[CHUNK + 1 :]),
        (CHUNK - 1, PHOTO[CHUNK - 1 :]),
        (2 * CHUNK, PHOTO[2 * CHUNK :]),
        (0, PHOTO[:CHUNK]),
        (LENGTH, b""),
    ],
    ids=["a gap", "overlapping", "out of order", "the first again", "behind the end"],
)
def test_a_chunk_at_another_byte_is_told_the_right_one_and_changes_nothing(
    sari: Phone, room: FileRoom, offset: int, data: bytes
) -> None:
    sari.put(0, PHOTO[:CHUNK])
    answer = sari.put(offset, data)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, str(CHUNK))
    assert sari.put(CHUNK).status_code == 201
    assert room.path_of(SHA256).read_bytes() == PHOTO


@pytest.mark.parametrize(
    ("declared", "status", "goes_on_at"),
    [
        (LENGTH + 1, 204, LENGTH),
        (LENGTH - 1, 413, None),
        (CHUNK + 10, 413, None),
        (CHUNK, 413, None),
        (10, 413, CHUNK),
        (25_000_001, 413, CHUNK),
    ],
)
def test_a_length_that_changes_on_the_way_damages_nothing(
    sari: Phone, room: FileRoom, declared: int, status: int, goes_on_at: int | None
) -> None:
    sari.put(0, PHOTO[:CHUNK])
    assert sari.put(CHUNK, Upload_Length=declared).status_code == status
    assert sari.offset() == goes_on_at
    at = goes_on_at or 0
    answer = sari.put(at)
    while answer.status_code == 409:
        answer = sari.put(at := int(answer.headers["Upload-Offset"]))
    assert answer.status_code == 201
    assert room.path_of(SHA256).read_bytes() == PHOTO


@pytest.mark.parametrize("name", ["Upload-Offset", "Upload-Length"])
@pytest.mark.parametrize("value", ["-1", "+1", "1.0", " ", "1_0", "0x1", "1" * 13, "9" * 400, "∞"])
def test_a_number_that_is_none_is_named_and_nothing_is_written(
    sari: Phone, room: FileRoom, name: str, value: str
) -> None:
    answer = sari.put(0, **{name: value.encode().decode("latin-1")})
    assert (answer.status_code, answer.json["code"]) == (400, "request.malformed")  # type: ignore[index]
    assert name in [error["field"] for error in answer.json["errors"]]  # type: ignore[index]
    assert not room.partials.exists()


def test_kind_and_type_are_those_of_the_last_chunk_and_later_ones_change_nothing(
    sari: Phone, budi: Phone, store: Store
) -> None:
    sari.put(0, PHOTO[:CHUNK], X_File_Kind="thumbnail", Content_Type="text/html")
    sari.put(CHUNK, X_File_Kind="attachment", Content_Type="application/pdf")
    budi.put(X_File_Kind="photo", Content_Type="image/png")
    row = find_file(store.reader(), SHA256)
    assert row is not None
    assert (row["kind"], row["content_type"]) == ("attachment", "application/pdf")


# Two at once


def test_two_officers_at_the_same_photo_in_turns_both_end_complete(
    sari: Phone, budi: Phone, store: Store, room: FileRoom
) -> None:
    devices = [authenticate_device(store, each.enrolled.token, NOW) for each in (sari, budi)]
    upload = read_upload(SHA256, "0", str(LENGTH), "image/jpeg", "photo")
    outcomes = []

    def in_turns() -> Iterator[bytes]:
        yield PHOTO[:1_000]
        other = iter([PHOTO[:70_000], PHOTO[70_000:]])
        outcomes.append(receive_chunk(store, room, devices[1], upload, other, NOW))
        yield PHOTO[1_000:]

    outcomes.append(receive_chunk(store, room, devices[0], upload, in_turns(), NOW))
    assert outcomes == [("stored", LENGTH)] * 2
    assert sari.get() == budi.get() == PHOTO


def test_eight_phones_at_one_photo_all_end_complete_with_one_file(
    app: Flask, store: Store, settings: Settings, room: FileRoom, record_property: Record
) -> None:
    """Two officers with two phones each, every phone twice, chunk by chunk at the same time."""
    officers = [enrol_officer(store, settings, name) for name in ("sari", "budi")]
    more = [enrol_phone(store, settings, each.officer_id, each.username) for each in officers]

    def carry(enrolled: Enrolled) -> int:
        phone = Phone(app.test_client(), enrolled)
        offset = phone.offset() or 0
        for _ in range(1_000):
            answer = phone.put(offset, PHOTO[offset : offset + 9_000])
            offset = int(answer.headers["Upload-Offset"])
            if answer.status_code in (200, 201):
                return offset
            assert answer.status_code in (204, 409)
        raise AssertionError("never complete")

    phones = [*officers, *more] * 2
    with ThreadPoolExecutor(len(phones)) as pool:
        assert list(pool.map(carry, phones)) == [LENGTH] * len(phones)
    client = app.test_client()
    damaged = sum(Phone(client, each).get() != PHOTO for each in phones)
    files = [path for path in room.files.rglob("*") if path.is_file()]
    record_tally(
        record_property,
        fault="one hash from eight phones at once",
        moments=len(phones),
        records=0,
        files=1,
        duplicated=len(files) - 1,
        damaged=damaged,
    )
    assert (files, damaged) == ([room.path_of(SHA256)], 0)
    assert list(room.partials.iterdir()) == []


# Shut out in the middle


def shut_out(store: Store, phone: Phone, how: str) -> None:
    device = authenticate_device(store, phone.enrolled.token, NOW)
    if how == "revoked":
        revoke_device(store, device.key, NOW, actor="cli")
    else:
        disable_user(store, device.user_id, NOW, actor="cli")


@pytest.mark.parametrize("how", ["revoked", "disabled"])
def test_a_phone_shut_out_between_chunks_goes_on_at_its_byte_once_it_is_let_in(
    sari: Phone, client: FlaskClient, store: Store, settings: Settings, how: str
) -> None:
    sari.put(0, PHOTO[:CHUNK])
    shut_out(store, sari, how)
    answer = sari.put(CHUNK)
    assert (answer.status_code, answer.json["code"]) == (401, f"auth.{how}")  # type: ignore[index]
    officer = sari.enrolled
    enable_user(store, officer.officer_id, NOW, actor="cli")
    fresh = Enrolled(new_token(), officer.device_id, officer.officer_id, officer.username)
    enrol(
        store,
        settings,
        code=create_code(store, settings, officer.officer_id, NOW, actor="cli"),
        device_id=fresh.device_id,
        token=fresh.token,
        phone={},
        address="127.0.0.1",
        now=NOW,
    )
    again = Phone(client, fresh)
    assert again.offset() == CHUNK
    assert again.put(CHUNK).status_code == 201


@pytest.mark.parametrize("how", ["revoked", "disabled"])
def test_what_a_phone_was_sending_when_it_was_shut_out_is_kept_and_nothing_after(
    sari: Phone, store: Store, room: FileRoom, how: str
) -> None:
    device = authenticate_device(store, sari.enrolled.token, NOW)
    upload = read_upload(SHA256, "0", str(LENGTH), "image/jpeg", "photo")

    def pieces() -> Iterator[bytes]:
        yield PHOTO[:CHUNK]
        shut_out(store, sari, how)
        yield PHOTO[CHUNK:]

    assert receive_chunk(store, room, device, upload, pieces(), NOW) == ("stored", LENGTH)
    assert sari.put().status_code == 401
    assert find_file(store.reader(), SHA256) is not None


def test_one_token_on_two_phones_is_one_phone_and_still_loses_nothing(
    sari: Phone, app: Flask, room: FileRoom
) -> None:
    """A phone's storage copied to another: the server cannot tell, and need not."""
    copy = Phone(app.test_client(), sari.enrolled)
    assert sari.put(0, PHOTO[:CHUNK]).status_code == 204
    assert copy.put(CHUNK, PHOTO[CHUNK : 2 * CHUNK]).status_code == 204
    answer = sari.put(CHUNK)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, str(2 * CHUNK))
    assert sari.put(2 * CHUNK).status_code == 201
    envelope = visit_with_photo()
    results = [phone.send(envelope)[0]["result"] for phone in (sari, copy)]
    assert results == ["stored", "already_stored"]
