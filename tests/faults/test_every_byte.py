"""A link cut at every byte, up and down: the phone goes on, and the server has everything once.

A real `survey serve` and bare sockets. Each moment has a file or a batch of its own and small
enough that every byte of the request and of the answer is a moment.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import pytest

from survey.domain.identifiers import new_id
from survey.domain.instants import system_now
from survey.services.verifying import find_file_fault
from survey.store.checks import iter_file_rows
from survey.store.files import FileRoom
from tests.browser.server_process import ServerProcess
from tests.factories import Enrolled, enrol_officer, make_envelope
from tests.faults.checker import Findings, Save, check
from tests.faults.tally import record_tally

WAIT_S = 30
THREADS = 6
FILE_BYTES = 257
MANY_CHUNKS, CHUNK_BYTES = 24, 3_000
MOST_TURNS = 200
"""Answers that move nothing forward before a phone gives up: a dead request may be at work."""

ODD_FIELDS = ("started_at", "place_kind", "setting", "power", "usually_signal", "campaign_id")
RESET = b"\1\0\0\0\0\0\0\0"
Record = Callable[[str, object], None]
"""pytest's own fixture record_property."""


class Thing(Protocol):
    """What is sent, and after a cut finished."""

    def finish(self) -> bool: ...


T = TypeVar("T", bound=Thing)

# One server for all: its tests must not run in two processes.
pytestmark = pytest.mark.xdist_group("every_byte")


@dataclass
class Wire:
    """The way to the server: one kept connection a thread, and others that are cut."""

    server: ServerProcess
    phone: Enrolled
    local: threading.local = field(default_factory=threading.local)
    links: list[http.client.HTTPConnection] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send a whole request and return status, headers and body.

        A connection that the server closed (it answered before the body was read) is made
        anew, as browsers do.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(MOST_TURNS):
            link = self.local.__dict__.get("link") or self.connect()
            try:
                link.request(method, path, body, {**self.phone.headers, **named})
                answer = link.getresponse()
                return answer.status, answer.headers, answer.read()
            except (ConnectionError, http.client.BadStatusLine):
                link.close()
        raise AssertionError("no connection lasts")

    def connect(self) -> http.client.HTTPConnection:
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=WAIT_S)
        self.local.link = link
        self.links.append(link)
        return link

    def close(self) -> None:
        for link in self.links:
            link.close()

    def cut_up(self, request: bytes, sent: int) -> None:
        """Send the first bytes of a request and cut: with a reset, or by an orderly end."""
        with socket.create_connection(("127.0.0.1", self.server.port), WAIT_S) as link:
            link.sendall(request[:sent])
            if sent % 2:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def cut_down(self, request: bytes, heard: int) -> int:
        """Send a whole request, hear the first bytes of its answer, reset; return how many came."""
        with socket.create_connection(("127.0.0.1", self.server.port), WAIT_S) as link:
            link.sendall(request)
            answer = b""
            while len(answer) < heard and (piece := link.recv(heard - len(answer))):
                answer += piece
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return len(answer)

    def hear_all(self, request: bytes) -> bytes:
        """Send a whole request that asks to close, and return the whole answer."""
        with socket.create_connection(("127.0.0.1", self.server.port), WAIT_S) as link:
            link.sendall(request)
            return b"".join(iter(lambda: link.recv(1 << 16), b""))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("every_byte") / "instance")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def wire(server: ServerProcess) -> Iterator[Wire]:
    """The way of a new officer, so that each test counts its own records."""
    name = f"petugas-{os.urandom(6).hex()}"
    with closing(server.open_store()) as store:
        phone = enrol_officer(store, server.settings, name, system_now())
    with closing(Wire(server, phone)) as opened:
        yield opened


def head_of(method: str, path: str, phone: Enrolled, body: bytes, **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {phone.token}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Photo:
    """A file on its way, sent as a phone does: from the byte that the server names."""

    def __init__(self, wire: Wire, size: int) -> None:
        self.wire = wire
        self.data = os.urandom(size)
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        self.path = f"/api/v1/files/{self.sha256}"

    def headers(self, offset: int) -> dict[str, str]:
        return {
            "Content_Type": "image/jpeg",
            "X_File_Kind": "attachment",
            "Upload_Offset": str(offset),
            "Upload_Length": str(len(self.data)),
        }

    def request(self, offset: int = 0, end: int | None = None) -> bytes:
        body = self.data[offset:end]
        return head_of("PUT", self.path, self.wire.phone, body, **self.headers(offset)) + body

    def ask_offset(self) -> int:
        status, headers, _ = self.wire.ask("HEAD", self.path)
        return 0 if status == 404 else int(headers["Upload-Offset"])

    def finish(self) -> bool:
        """Ask where it stands and send the rest, until the server says that all is there."""
        offset = self.ask_offset()
        for _ in range(MOST_TURNS):
            if offset == len(self.data):
                return True
            status, headers, _ = self.wire.ask(
                "PUT", self.path, self.data[offset:], **self.headers(offset)
            )
            if status in (200, 201):
                return int(headers["Upload-Offset"]) == len(self.data)
            if status not in (204, 409):
                return False
            offset = int(headers["Upload-Offset"])
        return False


class Batch:
    """Two records that travel together, plain or packed both ways.

    `odd`: their answers are long enough to be packed.
    """

    def __init__(self, wire: Wire, *, packed: bool = False, odd: bool = False) -> None:
        self.wire, self.packed = wire, packed
        self.records = [tiny_visit(wire.phone, odd) for _ in range(2)]
        body = json.dumps({"records": self.records}).encode()
        self.body = gzip.compress(body, mtime=0) if packed else body

    @property
    def headers(self) -> dict[str, str]:
        packed = {"Content_Encoding": "gzip", "Accept_Encoding": "gzip"} if self.packed else {}
        return {"Content_Type": "application/json", **packed}

    def request(self) -> bytes:
        head = head_of("POST", "/api/v1/records", self.wire.phone, self.body, **self.headers)
        return head + self.body

    def finish(self) -> bool:
        """Send the same bytes again; tell whether every record was acknowledged by its hash."""
        status, headers, data = self.wire.ask("POST", "/api/v1/records", self.body, **self.headers)
        if headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        results = json.loads(data)["results"] if status == 200 else []
        said = [(one["id"], one["sha256"]) for one in results]
        return said == [(one["id"], one["sha256"]) for one in self.records] and all(
            one["result"] in ("stored", "already_stored") for one in results
        )


def tiny_visit(phone: Enrolled, odd: bool) -> dict[str, Any]:
    payload = {"id": new_id(), "saved_at": "2026-05-04T02:14:41.003Z", "note": os.urandom(4).hex()}
    odd_values = dict.fromkeys(ODD_FIELDS, 5) if odd else {}
    return make_envelope({**payload, **odd_values}, token=phone.token)


@dataclass
class Sent:
    """What the tests of this module sent in all."""

    records: list[Save] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def sent() -> Sent:
    return Sent()


def at_every(moments: range, make: Callable[[], T], cut: Callable[[T, int], None]) -> list[T]:
    """Make a thing for each moment, cut its way there and let it finish; all must be finished."""

    def one(moment: int) -> tuple[T, bool]:
        thing = make()
        cut(thing, moment)
        return thing, thing.finish()

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(one, moments))
    unfinished = [moment for moment, (_, done) in zip(moments, outcomes, strict=True) if not done]
    assert unfinished == []
    return [thing for thing, _ in outcomes]


def assert_files(
    wire: Wire, photos: list[Photo], sent: Sent, fault: str, moments: int, record: Record
) -> None:
    """Every photo is there with its bytes."""
    sent.files += [photo.sha256 for photo in photos]
    findings = Findings()
    with closing(wire.server.open_store()) as store:
        room = FileRoom(wire.server.settings.instance)
        rows = {row.sha256: row for row in iter_file_rows(store.reader())}
        for photo in photos:
            findings.files += 1
            row = rows.get(photo.sha256)
            if row is None:
                findings.lose(photo.sha256)
            elif find_file_fault(room, row) or room.path_of(row.sha256).read_bytes() != photo.data:
                findings.damage(photo.sha256)
    record_tally(record, fault=fault, moments=moments, **findings.counts)
    assert findings.details == []


def assert_records(
    wire: Wire, batches: list[Batch], sent: Sent, fault: str, record: Record
) -> None:
    """Every record of the batches is there once, and no other of this officer."""
    saves = [Save(one["id"], one["sha256"]) for batch in batches for one in batch.records]
    sent.records += saves
    findings = check(wire.server.settings, saves, deep=False)
    with closing(wire.server.open_store()) as store:
        (rows,) = (
            store.reader()
            .execute(
                "SELECT count(*) FROM revisions JOIN users ON users.key = officer_key"
                " WHERE users.id = ?",
                (wire.phone.officer_id,),
            )
            .fetchone()
        )
    findings.duplicated += rows - len(saves)
    record_tally(record, fault=fault, moments=len(batches), **findings.counts)
    assert (findings.details, rows) == ([], len(saves))


def test_an_upload_cut_at_every_byte_it_sends_is_finished(
    wire: Wire, sent: Sent, record_property: Record
) -> None:
    length = len(Photo(wire, FILE_BYTES).request())
    photos = at_every(
        range(length + 1),
        lambda: Photo(wire, FILE_BYTES),
        lambda photo, moment: wire.cut_up(photo.request(), moment),
    )
    fault = "cut at every byte, file up"
    assert_files(wire, photos, sent, fault, len(photos), record_property)


def test_an_upload_cut_at_every_byte_of_its_answer_is_finished(
    wire: Wire, sent: Sent, record_property: Record
) -> None:
    def cut(photo: Photo, moment: int) -> None:
        assert wire.cut_down(photo.request(), moment) == moment

    first = Photo(wire, FILE_BYTES)
    answer = wire.hear_all(first.request())
    assert answer.startswith(b"HTTP/1.1 201 ")
    photos = at_every(range(len(answer)), lambda: Photo(wire, FILE_BYTES), cut)
    fault = "cut at every byte, file down"
    assert_files(wire, [first, *photos], sent, fault, len(photos), record_property)


def test_an_upload_cut_before_the_last_byte_of_each_chunk_is_finished(
    wire: Wire, sent: Sent, record_property: Record
) -> None:
    """Each chunk is cut one byte before its end; what came before the cut is not sent again."""
    photo = Photo(wire, MANY_CHUNKS * CHUNK_BYTES)
    offset = 0
    for moment in range(MANY_CHUNKS):
        end = (moment + 1) * CHUNK_BYTES
        request = photo.request(offset, end)
        wire.cut_up(request, len(request) - 1)
        for _ in range(MOST_TURNS):
            now = photo.ask_offset()
            if now >= end - 1:
                break
        assert now == end - 1
        offset = now
    assert photo.finish()
    fault = "cut before each chunk's end"
    assert_files(wire, [photo], sent, fault, MANY_CHUNKS, record_property)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_batch_cut_at_every_byte_it_sends_is_stored_once(
    wire: Wire, sent: Sent, record_property: Record, packed: bool
) -> None:
    length = max(len(Batch(wire, packed=packed).request()) for _ in range(20))
    batches = at_every(
        range(length + 1),
        lambda: Batch(wire, packed=packed),
        lambda batch, moment: wire.cut_up(batch.request(), moment),
    )
    assert_records(wire, batches, sent, "cut at every byte, batch up", record_property)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_batch_cut_at_every_byte_of_its_answer_is_stored_once(
    wire: Wire, sent: Sent, record_property: Record, packed: bool
) -> None:
    def cut(batch: Batch, moment: int) -> None:
        assert wire.cut_down(batch.request(), moment) == moment

    first = Batch(wire, packed=packed, odd=packed)
    answer = wire.hear_all(first.request())
    assert (b"content-encoding: gzip" in answer) == packed
    assert answer.startswith(b"HTTP/1.1 200 ")
    # A packed answer's length differs by a few bytes from batch to batch.
    moments = range(len(answer) - (40 if packed else 0))
    batches = at_every(moments, lambda: Batch(wire, packed=packed, odd=packed), cut)
    assert_records(wire, [first, *batches], sent, "cut at every byte, batch down", record_property)


def test_after_all_cuts_the_store_is_whole_and_nothing_lies_about(
    server: ServerProcess, wire: Wire, sent: Sent
) -> None:
    findings = check(server.settings, sent.records, all_of_it=True)
    assert findings.details == []
    assert wire.ask("GET", "/api/v1/ping")[0] == 200
    room = FileRoom(server.settings.instance)
    assert {path.name for path in room.files.rglob("*") if path.is_file()} == set(sent.files)
    assert list(room.partials.iterdir()) == []
    log = server.log.read_text()
    assert "Traceback" not in log
    assert wire.phone.token not in log
