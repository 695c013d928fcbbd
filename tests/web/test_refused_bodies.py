"""A refusal in the middle of a body is heard, and its connection serves the next request."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from survey.domain.instants import system_now
from survey.web import refused_bodies
from tests.browser.server_process import ServerProcess
from tests.factories import enrol_officer

FILE = "/api/v1/files/" + "0" * 64
WAIT_S = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("refused") / "instance")
    process.start()
    yield process
    process.stop()


@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        ("PUT", FILE, 256_000, 401),
        ("POST", FILE, 256_000, 401),
        ("POST", "/api/v1/records", 1_200_000, 401),
        ("PUT", "/api/v1/doctor", 300_000, 413),
        ("POST", "/api/v1/nothing", 100_000, 404),
    ],
)
def test_a_refused_body_breaks_no_connection(
    server: ServerProcess, method: str, path: str, size: int, status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
    for _ in range(5):
        connection.request(method, path, b"x" * size, {"Content-Type": "application/json"})
        channel = connection.sock
        answer = connection.getresponse()
        assert answer.status == status
        assert json.loads(answer.read())["ok"] is False
        assert connection.sock is channel, "the server has hung up"
    connection.close()


def test_a_photo_that_is_here_already_is_said_to_a_phone_that_still_sends(
    server: ServerProcess,
) -> None:
    store = server.open_store()
    headers = enrol_officer(store, server.settings, now=system_now()).headers
    store.close()
    data = b"foto" * 16_000
    path = f"/api/v1/files/{hashlib.sha256(data).hexdigest()}"
    headers |= {"Content-Type": "image/jpeg", "X-File-Kind": "photo"}
    headers |= {"Upload-Offset": "0", "Upload-Length": str(len(data))}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
    for status in (201, 200, 200):
        connection.putrequest("PUT", path)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            connection.putheader(name, value)
        connection.endheaders(data[:1_000])
        time.sleep(0.2)  # a slow link: the answer is long decided when the rest comes
        for start in range(1_000, len(data), 9_000):
            connection.send(data[start : start + 9_000])
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_what_waits_for_our_word_is_refused_before_its_body(server: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", server.port), WAIT_S) as connection:
        connection.sendall(
            f"PUT {FILE} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
            "Expect: 100-continue\r\n\r\n".encode()
        )
        assert connection.recv(12) == b"HTTP/1.1 401"


def test_a_body_longer_than_any_phones_is_not_waited_for(server: ServerProcess) -> None:
    with socket.create_connection(("127.0.0.1", server.port), WAIT_S) as connection:
        connection.sendall(
            f"PUT {FILE} HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n".encode()
        )
        assert connection.recv(12) == b"HTTP/1.1 401"


def test_strangers_who_trickle_bodies_in_hold_only_some_threads(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused_bodies, "_bodies", threading.BoundedSemaphore(1))
    with refused_bodies._bodies:
        assert client.put(FILE, data=b"x" * 1_000).status_code == 401
    assert refused_bodies._bodies.acquire(blocking=False)


def test_a_refused_body_gives_the_reader_back_before_it_waits(client: FlaskClient) -> None:
    store = client.application.extensions["survey"].store
    held = []

    class Trickle(io.BytesIO):
        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            held.append(getattr(store._local, "connection", None))
            return super().readinto(buffer)

    headers = {"Content-Length": "1000"}
    response = client.put(FILE, input_stream=Trickle(b"x" * 1_000), headers=headers)
    assert response.status_code == 401
    assert response.json is not None
    assert response.headers["X-Store-Id"] == response.json["store_id"]
    assert held
    assert set(held) == {None}


def test_who_trickles_too_long_is_not_read_to_the_end(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused_bodies, "LONGEST_S", 0.0)
    body = io.BytesIO(b"x" * 1_000)
    response = client.put(FILE, input_stream=body, headers={"Content-Length": "1000"})
    assert (response.status_code, body.tell()) == (401, 0)
