"""The server is killed in the middle of its work: what it acknowledged is there afterwards.

A real `survey serve`, real connections, SIGKILL. `KILLS=15` in the environment of pytest is for
people with two minutes.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from survey.domain.instants import system_now
from survey.services.projecting import rebuild
from survey.store.audit import find_chain_breaks
from survey.store.connection import Store
from tests.browser.server_process import ServerProcess
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload

KILLS = int(os.environ.get("KILLS", "3"))
ACKNOWLEDGED_BEFORE_A_KILL = 25
PHONES = 4
FILE_BYTES = 150_000
CHUNK_BYTES = 40_000
WAIT_S = 60
PROJECTION = ("visits", "service_tests", "readings", "visit_photos", "flags", "tracks")


@dataclass
class Phone(threading.Thread):
    """Sends visits and pieces of photos until the server is gone, and keeps what was answered."""

    port: int
    enrolled: Enrolled
    counted: threading.Semaphore
    outbox: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    __hash__ = threading.Thread.__hash__

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        try:
            while True:
                self.send_batch(connection)
                self.send_piece(connection)
        except (OSError, http.client.HTTPException):
            connection.close()

    def send_batch(self, connection: http.client.HTTPConnection) -> None:
        """Send what was not answered, a new visit twice, and one more."""
        self.outbox += [make_envelope(make_visit_payload(), token=self.enrolled.token)] * 2
        self.outbox.append(make_envelope(make_visit_payload(), token=self.enrolled.token))
        body = json.dumps({"records": self.outbox}).encode()
        headers = {**self.enrolled.headers, "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/records", body, headers)
        answer = connection.getresponse()
        results = json.loads(answer.read()).get("results", [])
        if {one["result"] for one in results} - {"stored", "already_stored"} or not results:
            self.odd.append(f"{answer.status} {results}")
        self.acknowledged += self.outbox
        self.outbox = []
        self.counted.release()

    def send_piece(self, connection: http.client.HTTPConnection) -> None:
        """Send the next piece of the file under way, from where the last answer left it."""
        under_way = [name for name, offset in self.offsets.items() if offset < FILE_BYTES]
        if not under_way:
            data = os.urandom(FILE_BYTES)
            under_way = [hashlib.sha256(data).hexdigest()]
            self.files[under_way[0]], self.offsets[under_way[0]] = data, 0
        name = under_way[0]
        offset = self.offsets[name]
        headers = {
            **self.enrolled.headers,
            "Content-Type": "image/jpeg",
            "X-File-Kind": "photo",
            "Upload-Offset": str(offset),
            "Upload-Length": str(FILE_BYTES),
        }
        piece = self.files[name][offset : offset + CHUNK_BYTES]
        connection.request("PUT", f"/api/v1/files/{name}", piece, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 201, 204, 409):
            self.odd.append(f"{answer.status} at {offset}")
        if int(answer.headers["Upload-Offset"]) < offset:
            self.odd.append(f"{name} was at {offset}, now {answer.headers['Upload-Offset']}")
        self.offsets[name] = int(answer.headers["Upload-Offset"])
        self.counted.release()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "instance")
    yield process
    process.stop()


def ask(server: ServerProcess, phone: Phone, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
    headers = {**phone.enrolled.headers, "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def assert_all_is_there(server: ServerProcess, phone: Phone) -> None:
    """Ask the server by the wire for everything this phone was told is safe."""
    asked = [{"id": one["id"], "sha256": one["sha256"]} for one in phone.acknowledged]
    for start in range(0, len(asked), 1_000):
        some = {"records": asked[start : start + 1_000]}
        _, data = ask(server, phone, "POST", "/api/v1/records/status", some)
        assert all(one["known"] for one in json.loads(data)["records"])
    for name, offset in phone.offsets.items():
        if not offset:
            continue
        answer, data = ask(server, phone, "HEAD", f"/api/v1/files/{name}")
        if offset < FILE_BYTES and answer.status == 404:
            # Whole and durable, but killed before its row: the next piece finds it known.
            assert server.settings.instance.joinpath("files", name[:2], name).is_file()
            continue
        assert answer.status == 200
        assert int(answer.headers["Upload-Offset"]) >= offset
        if offset == FILE_BYTES:
            answer, data = ask(server, phone, "GET", f"/api/v1/files/{name}")
            assert hashlib.sha256(data).hexdigest() == name, (answer.status, len(data), data[:200])


def work_until_killed(server: ServerProcess, phones: list[Phone]) -> None:
    counted = phones[0].counted
    for phone in phones:
        phone.start()
    for _ in range(ACKNOWLEDGED_BEFORE_A_KILL):
        assert counted.acquire(timeout=WAIT_S)
    server.kill()
    for phone in phones:
        phone.join(WAIT_S)
        assert not phone.is_alive()


def go_on(phone: Phone, counted: threading.Semaphore) -> Phone:
    """Return the phone as it starts again: same data, a new try."""
    return Phone(
        phone.port,
        phone.enrolled,
        counted,
        phone.outbox,
        phone.acknowledged,
        phone.files,
        phone.offsets,
        phone.odd,
    )


def test_everything_acknowledged_survives_kills_of_the_server(server: ServerProcess) -> None:
    store = server.open_store()
    counted = threading.Semaphore(0)
    phones = [
        Phone(
            server.port,
            enrol_officer(store, server.settings, f"petugas{number}", system_now()),
            counted,
        )
        for number in range(PHONES)
    ]
    store.close()
    for _ in range(KILLS):
        server.start()
        for phone in phones:
            assert_all_is_there(server, phone)
        counted = threading.Semaphore(0)
        phones = [go_on(phone, counted) for phone in phones]
        work_until_killed(server, phones)
    server.start()
    for phone in phones:
        assert_all_is_there(server, phone)
        assert phone.odd == []
        assert phone.acknowledged
    server.stop()
    store = server.open_store()
    assert_store_is_whole(store, phones)
    store.close()


def assert_store_is_whole(store: Store, phones: list[Phone]) -> None:
    connection = store.reader()
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert list(find_chain_breaks(connection)) == []
    sent = {one["sha256"] for phone in phones for one in phone.acknowledged}
    kept = [row[0] for row in connection.execute("SELECT sha256 FROM revisions")]
    assert len(kept) == len(set(kept))
    assert sent <= set(kept)
    before = dump(connection)
    assert rebuild(store, system_now()) == len(kept) == len(before["visits"])
    assert dump(connection) == before


def dump(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: [tuple(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]
        for table in PROJECTION
    }
