"""The disk of the server is full or its store is held: 507, 503, nothing lost, later it goes on."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.app import create_app
from survey.services.enrolling import create_code
from survey.services.verifying import verify
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.store.files import FileRoom, find_file
from tests.factories import (
    NOW,
    Enrolled,
    FixedClock,
    add_officer,
    enrol_officer,
    make_envelope,
    make_visit_payload,
    new_device_id,
    new_token,
)
from tests.faults.tally import record_tally

DISK_BYTES = 6_000_000
PHOTO = os.urandom(300_000)
SHA256 = hashlib.sha256(PHOTO).hexdigest()
URL = f"/api/v1/files/{SHA256}"
Record = Callable[[str, object], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for `DISK_BYTES`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    result = subprocess.run(mount, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"this machine refuses to mount: {result.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


class Server:
    """An instance on that disk, its phone, and something else that takes up the room."""

    def __init__(self, disk: Path, initialised: Path) -> None:
        shutil.copytree(initialised, disk / "instance")
        self.settings = load_settings({}, disk / "instance")
        self.store = Store.open(self.settings.database)
        self.phone = enrol_officer(self.store, self.settings)
        self.room = FileRoom(self.settings.instance)
        app = create_app(self.settings, store=self.store, clock=FixedClock(NOW))
        self.client: FlaskClient = app.test_client()
        self._filler = disk / "filler"

    def fill(self, leave: int = 0) -> None:
        """Take up all room but some bytes."""
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4_096))
        if leave:
            os.truncate(self._filler, self._filler.stat().st_size - leave)

    def free(self) -> None:
        self._filler.unlink()


@pytest.fixture
def server(disk: Path, initialised: Path) -> Iterator[Server]:
    made = Server(disk, initialised)
    yield made
    made.store.close()


def send(client: FlaskClient, phone: Enrolled, *envelopes: dict[str, Any]) -> TestResponse:
    body = {"records": envelopes}
    return client.post("/api/v1/records", json=body, headers=phone.headers)


def put(client: FlaskClient, phone: Enrolled, offset: int, end: int | None = None) -> TestResponse:
    headers = {
        **phone.headers,
        "Upload-Offset": str(offset),
        "Upload-Length": str(len(PHOTO)),
        "Content-Type": "image/jpeg",
        "X-File-Kind": "attachment",
    }
    return client.put(URL, data=PHOTO[offset:end], headers=headers)


def ask_offset(client: FlaskClient, phone: Enrolled) -> int:
    answer = client.head(URL, headers=phone.headers)
    return 0 if answer.status_code == 404 else int(answer.headers["Upload-Offset"])


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]  # type: ignore[index]


def test_records_on_a_full_disk_wait_on_the_phone_and_pass_once_there_is_room(
    server: Server, record_property: Record
) -> None:
    """Until the disk is full some are stored; what was answered before stays answered."""
    acknowledged: list[dict[str, Any]] = []
    server.fill(leave=200_000)
    moments = 0
    envelopes: list[dict[str, Any]] = []
    for _ in range(40):
        envelopes = [make_envelope(make_visit_payload(note="x" * 1_500)) for _ in range(5)]
        answer = send(server.client, server.phone, *envelopes)
        if answer.status_code != 200:
            break
        acknowledged += envelopes
    assert code_of(answer) == (507, "server.disk_full")
    assert acknowledged
    for _ in range(5):
        moments += 1
        assert send(server.client, server.phone, *envelopes).status_code == 507
    server.free()
    results = send(server.client, server.phone, *envelopes).json["results"]  # type: ignore[index]
    assert {one["result"] for one in results} == {"stored"}
    acknowledged += envelopes
    known = {row[0] for row in server.store.reader().execute("SELECT sha256 FROM revisions")}
    lost = sum(one["sha256"] not in known for one in acknowledged)
    record_tally(
        record_property,
        fault="the server's disk is full",
        moments=moments + 1,
        records=len(acknowledged),
        lost=lost,
        duplicated=len(known) - len(acknowledged),
    )
    assert (lost, len(known)) == (0, len(acknowledged))
    assert verify(server.store, server.room, NOW).damage == []


def test_an_upload_on_a_full_disk_goes_on_where_the_room_ended(
    server: Server, record_property: Record
) -> None:
    client, phone = server.client, server.phone
    assert put(client, phone, 0, 100_000).status_code == 204
    server.fill(leave=60_000)
    answer = put(client, phone, 100_000)
    assert code_of(answer) == (507, "server.disk_full")
    offset = ask_offset(client, phone)
    assert 100_000 <= offset < len(PHOTO)
    assert code_of(put(client, phone, offset)) == (507, "server.disk_full")
    server.free()
    assert put(client, phone, ask_offset(client, phone)).status_code == 201
    damaged = server.room.path_of(SHA256).read_bytes() != PHOTO
    record_tally(
        record_property,
        fault="the server's disk is full",
        moments=2,
        records=0,
        files=1,
        damaged=damaged,
    )
    assert verify(server.store, server.room, NOW).damage == []
    assert list(server.room.partials.iterdir()) == []


STEPS = {
    "the note of the length": "pathlib.Path.write_text",
    "the disk's own word for the bytes": "survey.store.partials.os.fsync",
    "the folder": "pathlib.Path.mkdir",
    "the mark that it is whole": "pathlib.Path.touch",
    "the move": "survey.store.partials.os.replace",
    "the row": "survey.store.connection._commit_group",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("cut", [0, 100_000], ids=["in one piece", "in its second chunk"])
def test_no_room_at_any_step_of_a_files_intake_costs_nothing(
    client: FlaskClient,
    store: Store,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Record,
    step: str,
    cut: int,
) -> None:
    phone, room = enrol_officer(store, settings), FileRoom(settings.instance)
    room.partials.mkdir()
    if cut:
        put(client, phone, 0, cut)
    failed: list[str] = []

    def fail(*_: object, **__: object) -> None:
        failed.append(step)
        raise OSError(errno.ENOSPC, "No space left on device")

    def fail_commit(connection: sqlite3.Connection, group: list[Any]) -> None:
        failed.append(step)
        for _, future in group:
            future.set_exception(sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as full:
        full.setattr(STEPS[step], fail_commit if step == "the row" else fail)
        assert code_of(put(client, phone, cut)) == (507, "server.disk_full")
    assert failed
    offset = ask_offset(client, phone)
    answer = put(client, phone, offset)
    # Only when the row was what failed, the server need not take the bytes again.
    assert answer.status_code == (200 if step == "the row" else 201)
    assert room.path_of(SHA256).read_bytes() == PHOTO
    assert [path.name for path in room.files.rglob("*") if path.is_file()] == [SHA256]
    assert list(room.partials.iterdir()) == []
    record_tally(
        record_property, fault="no room at a step of an upload", moments=1, records=0, files=1
    )


@pytest.fixture
def held(store: Store, settings: Settings) -> Callable[[], Any]:
    """Somebody else's transaction, on a server that waits 20 ms for it instead of 5 s."""

    def hold() -> Any:
        store.write(lambda connection: connection.execute("PRAGMA busy_timeout = 20").fetchall())
        other = sqlite3.connect(settings.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return closing(other)

    return hold


def test_a_held_store_asks_phones_to_come_again_and_loses_nothing(
    client: FlaskClient,
    store: Store,
    settings: Settings,
    clock: FixedClock,
    held: Callable[[], Any],
    record_property: Record,
) -> None:
    phone = enrol_officer(store, settings)
    envelope = make_envelope(make_visit_payload())
    assert put(client, phone, 0, 100_000).status_code == 204
    with held():
        for answer in (send(client, phone, envelope), put(client, phone, 100_000)):
            assert code_of(answer) == (503, "server.busy")
            assert int(answer.headers["Retry-After"]) > 0
        # What needs no write is answered meanwhile, although the contact cannot be noted.
        clock.tick(3_600)
        assert client.get("/api/v1/changes", headers=phone.headers).status_code == 200
        assert ask_offset(client, phone) == 0
    assert send(client, phone, envelope).json["results"][0]["result"] == "stored"  # type: ignore[index]
    # The bytes are here and were right: the phone need not send them again.
    assert put(client, phone, 0, 0).status_code == 200
    row = find_file(store.reader(), SHA256)
    assert row is not None
    record_tally(record_property, fault="the server's store is held", moments=2, records=1, files=1)
    assert verify(store, FileRoom(settings.instance), NOW).damage == []


def test_a_held_store_burns_no_code_of_a_phone_that_enrols(
    client: FlaskClient, store: Store, settings: Settings, held: Callable[[], Any]
) -> None:

    officer = add_officer(store, "budi")
    body = {
        "code": create_code(store, settings, officer.id, NOW, actor="cli"),
        "device_id": new_device_id(),
        "token": new_token(),
    }
    with held():
        assert code_of(client.post("/api/v1/enrol", json=body)) == (503, "server.busy")
    assert client.post("/api/v1/enrol", json=body).status_code == 201
