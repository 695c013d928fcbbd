"""A real server and raw connections that stall, lie, break off and come eight at a time."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import pytest

from survey.domain.instants import system_now
from survey.store.audit import find_chain_breaks
from tests.browser.server_process import ServerProcess
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload

WAIT_S = 20
SLOW_PHONES = 200

# One server for all: its tests must not run in two processes.
pytestmark = pytest.mark.xdist_group("hostile_connections")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("hostile") / "instance")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def phone(server: ServerProcess) -> Enrolled:
    with closing(server.open_store()) as store:
        return enrol_officer(store, server.settings, now=system_now())


def head(method: str, path: str, phone: Enrolled, **headers: str | int) -> bytes:
    """Return the head of a request, its last empty line included."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {phone.token}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def connect(server: ServerProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), WAIT_S)


def send(server: ServerProcess, data: bytes, *, stop: bool = False) -> bytes:
    """Send raw bytes and return all that comes until the server closes."""
    with connect(server) as connection:
        connection.sendall(data)
        if stop:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
        return answer


def status_of(answer: bytes) -> int:
    return int(answer[9:12])


def ask(server: ServerProcess, phone: Enrolled, method: str, path: str, body: Any = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
    headers = {**phone.headers, "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def new_file(size: int) -> tuple[str, bytes]:
    data = os.urandom(size)
    return f"/api/v1/files/{hashlib.sha256(data).hexdigest()}", data


def put(path: str, phone: Enrolled, offset: int, length: int, **more: str | int) -> bytes:
    return head(
        "PUT",
        path,
        phone,
        Content_Type="image/jpeg",
        X_File_Kind="photo",
        Upload_Offset=offset,
        Upload_Length=length,
        Connection="close",
        **more,
    )


def wait_for_offset(server: ServerProcess, phone: Enrolled, path: str) -> int:
    """Ask until something of a file is here; the server reads on its own time."""
    for _ in range(2_000):
        answer, _ = ask(server, phone, "HEAD", path)
        if answer.status == 200:
            return int(answer.headers["Upload-Offset"])
    raise AssertionError("nothing of the file arrived")


def records_body(*envelopes: dict[str, Any]) -> bytes:
    return json.dumps({"records": envelopes}).encode()


def test_two_hundred_stalled_uploads_keep_nobody_waiting(
    server: ServerProcess, phone: Enrolled
) -> None:
    with ExitStack() as stalled:
        for _ in range(SLOW_PHONES):
            path, data = new_file(100)
            connection = stalled.enter_context(connect(server))
            connection.sendall(put(path, phone, 0, len(data), Content_Length=100) + data[:50])
        path, data = new_file(1_000)
        whole = put(path, phone, 0, len(data), Content_Length=len(data)) + data
        assert status_of(send(server, whole)) == 201
        answer, _ = ask(server, phone, "GET", "/api/v1/ping")
        assert answer.status == 200


def test_an_upload_cut_in_the_middle_goes_on_at_its_byte(
    server: ServerProcess, phone: Enrolled
) -> None:
    path, data = new_file(200_000)
    with connect(server) as connection:
        connection.sendall(put(path, phone, 0, len(data), Content_Length=len(data)))
        connection.sendall(data[:100_001])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    answer = send_rest(server, phone, path, data)
    while status_of(answer) == 409:  # the server was still taking in the first part
        answer = send_rest(server, phone, path, data)
    assert status_of(answer) == 201
    assert ask(server, phone, "GET", path)[1] == data


def send_rest(server: ServerProcess, phone: Enrolled, path: str, data: bytes) -> bytes:
    """Send what the server has not got yet, as it says, and return its answer."""
    offset = wait_for_offset(server, phone, path)
    assert 0 < offset <= 100_001
    request = put(path, phone, offset, len(data), Content_Length=len(data) - offset)
    return send(server, request + data[offset:])


def test_a_phone_does_not_wait_for_its_own_dead_upload(
    server: ServerProcess, phone: Enrolled
) -> None:
    path, data = new_file(200_000)
    with connect(server) as dead:
        dead.sendall(put(path, phone, 0, len(data), Content_Length=len(data)) + data[:65_536])
        answer = send_rest(server, phone, path, data)
        while status_of(answer) == 409:
            answer = send_rest(server, phone, path, data)
        assert status_of(answer) == 201
    assert ask(server, phone, "GET", path)[1] == data


def test_a_body_without_a_length_is_taken_in_chunks(server: ServerProcess, phone: Enrolled) -> None:
    path, data = new_file(20_000)
    chunks = b"".join(
        f"{len(data[start : start + 7_000]):x}\r\n".encode() + data[start : start + 7_000] + b"\r\n"
        for start in range(0, len(data), 7_000)
    )
    request = put(path, phone, 0, len(data), Transfer_Encoding="chunked") + chunks + b"0\r\n\r\n"
    assert status_of(send(server, request)) == 201
    assert ask(server, phone, "GET", path)[1] == data


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content_Length": "five"}, b"12345"),
        ({"Content_Length": "-5"}, b"12345"),
        ({"Transfer_Encoding": "chunked"}, b"zz\r\nabc\r\n"),
        ({"Transfer_Encoding": "chunked"}, b"fffffffffffffffff\r\nabc\r\n"),
        ({"Content_Length": "3"}, records_body(make_envelope(make_visit_payload()))),
        ({}, b""),
    ],
    ids=["no number", "negative", "no chunk", "endless chunk", "too short", "no body"],
)
def test_a_length_that_lies_is_malformed(
    server: ServerProcess, phone: Enrolled, headers: dict[str, str], body: bytes
) -> None:
    request = head(
        "POST",
        "/api/v1/records",
        phone,
        Content_Type="application/json",
        Connection="close",
        **headers,
    )
    assert status_of(send(server, request + body)) == 400


def test_a_batch_broken_off_stores_nothing(server: ServerProcess, phone: Enrolled) -> None:
    envelope = make_envelope(make_visit_payload())
    body = records_body(envelope)
    request = head(
        "POST", "/api/v1/records", phone, Content_Type="application/json", Content_Length=len(body)
    )
    send(server, request + body[:-20], stop=True)
    asked = {"records": [{"id": envelope["id"], "sha256": envelope["sha256"]}]}
    _, data = ask(server, phone, "POST", "/api/v1/records/status", asked)
    assert json.loads(data)["records"][0]["known"] is False


def test_requests_in_one_piece_are_answered_in_order(
    server: ServerProcess, phone: Enrolled
) -> None:
    path, data = new_file(1_000)
    keep = put(path, phone, 0, 1_000, Content_Length=400).replace(b"Connection: close\r\n", b"")
    answers = send(
        server,
        keep + data[:400] + put(path, phone, 400, 1_000, Content_Length=600) + data[400:],
    )
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"204", b"201"]


def test_a_phone_that_asks_first_is_told_to_go_on_or_refused(
    server: ServerProcess, phone: Enrolled
) -> None:
    path, data = new_file(5_000)
    with connect(server) as connection:
        connection.sendall(put(path, phone, 0, 5_000, Content_Length=5_000, Expect="100-continue"))
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(data)
        assert status_of(connection.recv(1 << 16)) == 201
    stranger = Enrolled("x" * 43, phone.device_id, phone.officer_id, phone.username)
    request = put(path, stranger, 0, 5_000, Content_Length=5_000, Expect="100-continue")
    assert status_of(send(server, request)) == 401


def test_the_same_batch_from_eight_connections_is_stored_once(
    server: ServerProcess, phone: Enrolled
) -> None:
    envelopes = [make_envelope(make_visit_payload(), token=phone.token) for _ in range(10)]
    body = {"records": envelopes}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: ask(server, phone, "POST", "/api/v1/records", body), range(8))
        )
    results = Counter(one["result"] for _, data in answers for one in json.loads(data)["results"])
    assert results == {"stored": 10, "already_stored": 70}


def test_the_same_file_from_six_connections_is_stored_whole(
    server: ServerProcess, phone: Enrolled
) -> None:
    path, data = new_file(100_000)
    request = put(path, phone, 0, len(data), Content_Length=len(data)) + data
    with ThreadPoolExecutor(6) as pool:
        statuses = Counter(pool.map(lambda _: status_of(send(server, request)), range(6)))
    assert statuses[201] == 1
    assert set(statuses) <= {200, 201, 409}
    assert ask(server, phone, "GET", path)[1] == data


def test_after_all_this_the_store_is_whole_and_the_log_empty_of_mistakes(
    server: ServerProcess, phone: Enrolled
) -> None:
    with closing(server.open_store()) as store:
        assert store.reader().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert list(find_chain_breaks(store.reader())) == []
    log = server.log.read_text()
    assert "Traceback" not in log
    assert phone.token not in log
