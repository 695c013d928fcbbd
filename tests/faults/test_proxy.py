"""The proxy breaks the link as it was told, counts it, and passes everything else unchanged."""

from __future__ import annotations

import http.client
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from random import Random

import pytest

from tests.faults.kinds import (
    Answer,
    Blackhole,
    Cap,
    Cut,
    Flaky,
    Kind,
    Latency,
    LoseAnswer,
    Rate,
    Refuse,
    portal,
    redirecting_portal,
)
from tests.faults.proxy import Proxy

Reply = tuple[int, dict[str, str], bytes]


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the body it got; `/chunked` in chunks, `/endless` until it closes."""

    protocol_version = "HTTP/1.1"
    rbufsize = 0
    server: EchoServer

    def read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            self.give(self.read_chunks())
            return
        length = int(self.headers.get("Content-Length", "0"))
        body = b""
        while len(body) < length:
            try:
                piece = self.connection.recv(min(4096, length - len(body)))
            except OSError:
                piece = b""
            if not piece:
                self.server.partly.append(len(body))
                self.close_connection = True
                return
            body += piece
        self.give(body)

    def give(self, body: bytes) -> None:
        self.server.got.append(body)
        self.send_response(200)
        self.send_header("X-Method", self.command)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in (body[:10], body[10:]):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/endless":
            self.close_connection = True
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class EchoServer(http.server.ThreadingHTTPServer):
    """Keeps what came, whole or partly; does not mind clients that are gone."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.got: list[bytes] = []
        self.partly: list[int] = []

    def handle_error(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    server = EchoServer()
    threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy(echo: EchoServer) -> Iterator[Proxy]:
    with Proxy(echo.server_address[1]) as made:
        yield made


def ask(
    proxy: Proxy, method: str = "POST", path: str = "/a", body: bytes = b"text", timeout: float = 5
) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=timeout)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def drain(connection: socket.socket) -> bytes:
    got = b""
    while piece := connection.recv(1_000):
        got += piece
    return got


def wait_for(what: list[int]) -> None:
    deadline = time.monotonic() + 5
    while not what:
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("path", ["/a", "/chunked", "/endless"])
@pytest.mark.parametrize("body", [b"", b"ab" * 100_000])
def test_without_a_fault_everything_passes_unchanged(
    proxy: Proxy, echo: EchoServer, path: str, body: bytes
) -> None:
    assert ask(proxy, path=path, body=body)[2] == body
    assert echo.got == [body]
    assert [one[:3] for one in proxy.seen] == [("POST", path, "pass")]
    assert not proxy.done


def test_one_connection_carries_many_requests(proxy: Proxy) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)) as connection:
        for method in ("GET", "HEAD", "PUT", "GET"):
            connection.request(method, "/a", b"xy")
            answer = connection.getresponse()
            assert answer.headers["X-Method"] == method
            assert answer.read() == (b"" if method == "HEAD" else b"xy")


def test_a_chunked_body_reaches_the_server_as_it_was_framed(proxy: Proxy, echo: EchoServer) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)) as connection:
        rule = proxy.set(LoseAnswer())
        connection.request("POST", "/a", iter([b"one", b"two"]), encode_chunked=True)
        with pytest.raises(ConnectionResetError):
            connection.getresponse()
        assert rule.used == 1
        assert echo.got == [b"onetwo"]


def test_a_refused_connection_is_refused_until_the_fault_is_cleared(proxy: Proxy) -> None:
    kept = socket.create_connection(("127.0.0.1", proxy.port))
    kept.sendall(b"GET /a HTTP/1.1\r\n\r\n")
    assert kept.recv(100)
    proxy.set(Refuse())
    with pytest.raises(ConnectionRefusedError):
        ask(proxy)
    with pytest.raises(ConnectionResetError):
        drain(kept)
    kept.close()
    proxy.clear()
    assert ask(proxy)[0] == 200
    assert proxy.done["refuse"] == 1


@pytest.mark.parametrize("up", [1, 5_000, 99_999])
def test_a_cut_upwards_gives_the_server_exactly_so_many_bytes(
    proxy: Proxy, echo: EchoServer, up: int
) -> None:
    proxy.set(Cut(up=up), times=1)
    with pytest.raises(ConnectionError):
        ask(proxy, body=b"x" * 100_000)
    wait_for(echo.partly)
    assert (echo.got, echo.partly) == ([], [up])
    assert ask(proxy, body=b"again")[2] == b"again"
    assert proxy.done == {"cut": 1}


def test_a_cut_at_nothing_keeps_the_request_from_the_server(proxy: Proxy, echo: EchoServer) -> None:
    proxy.set(Cut(up=0))
    with pytest.raises(ConnectionError):
        ask(proxy)
    assert (echo.got, echo.partly) == ([], [])


def test_a_cut_after_more_than_there_is_happens_before_the_answer(proxy: Proxy) -> None:
    proxy.set(Cut(up=10**9))
    with pytest.raises(ConnectionError):
        ask(proxy, body=b"short")
    assert proxy.done == {"cut": 1}


@pytest.mark.parametrize("path", ["/a", "/chunked"])
def test_a_cut_downwards_gives_the_client_no_more_than_so_many_bytes(
    proxy: Proxy, echo: EchoServer, path: str
) -> None:
    proxy.set(Cut(down=4_000))
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)) as connection:
        connection.request("POST", path, b"x" * 100_000)
        answer = connection.getresponse()
        with pytest.raises((ConnectionError, http.client.IncompleteRead)) as caught:
            answer.read()
        assert len(getattr(caught.value, "partial", b"")) <= 4_000
        assert echo.got == [b"x" * 100_000]


def test_a_lost_answer_was_work_done_all_the_same(proxy: Proxy, echo: EchoServer) -> None:
    proxy.set(LoseAnswer(), times=2)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            ask(proxy)
    assert ask(proxy)[0] == 200
    assert echo.got == [b"text"] * 3
    assert proxy.done == {"loseanswer": 2}


@pytest.mark.parametrize(
    ("kind", "heard"), [(Blackhole(), 0), (Blackhole(up=3), 0), (Blackhole(down=0), 1)]
)
def test_a_blackhole_says_nothing_until_it_is_cleared(
    proxy: Proxy, echo: EchoServer, kind: Kind, heard: int
) -> None:
    rule = proxy.set(kind)
    with pytest.raises(TimeoutError):
        ask(proxy, timeout=0.2)
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)) as hanging:
        hanging.request("POST", "/a", b"text")
        rule.wait(2)
        proxy.clear()
        with pytest.raises(ConnectionError):
            hanging.getresponse()
        assert len(echo.got) == 2 * heard
        assert ask(proxy)[0] == 200


def test_a_link_that_hangs_up_resets_what_is_open(proxy: Proxy) -> None:
    rule = proxy.set(Blackhole())
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)) as hanging:
        hanging.request("GET", "/a")
        rule.wait()
        proxy.hang_up()
        with pytest.raises(ConnectionError):
            hanging.getresponse()


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_a_portal_answers_everything_with_a_page_and_the_server_hears_nothing(
    proxy: Proxy, echo: EchoServer, method: str
) -> None:
    proxy.set(portal())
    status, headers, body = ask(proxy, method)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!doctype html>") or method == "HEAD"
    assert (echo.got, proxy.done) == ([], {"answer": 1})


def test_a_portal_may_send_elsewhere(proxy: Proxy) -> None:
    proxy.set(redirecting_portal())
    status, headers, _ = ask(proxy, "GET")
    assert (status, headers["Location"]) == (302, "/portal/sign-in")


def test_a_cap_refuses_only_bodies_that_are_too_large(proxy: Proxy) -> None:
    proxy.set(Cap(1_000))
    assert ask(proxy, body=b"x" * 1_000)[0] == 200
    status, _, body = ask(proxy, body=b"x" * 1_000_000)
    assert (status, proxy.done) == (413, {"cap": 1})
    assert b"Too Large" in body


def test_put_may_be_blocked_alone(proxy: Proxy) -> None:
    proxy.set(Answer(405, "Method Not Allowed"), method="PUT", path="/api/")
    assert [ask(proxy, *one)[0] for one in (("PUT", "/api/x"), ("POST", "/api/x"))] == [405, 200]
    assert ask(proxy, "PUT", "/other")[0] == 200


def test_an_answer_may_bring_headers_and_a_body_of_its_own(proxy: Proxy) -> None:
    headers = {"Retry-After": "7", "Content-Type": "application/json"}
    proxy.set(Answer(429, body=b"{}", headers=headers))
    status, said, body = ask(proxy)
    assert (status, said["Retry-After"], said["Content-Type"]) == (429, "7", "application/json")
    assert body == b"{}"


def test_a_flaky_gateway_is_flaky_in_the_same_way_for_the_same_seed(proxy: Proxy) -> None:
    runs = []
    for _ in range(2):
        proxy.set(Flaky(0.5, Random(7)))
        runs.append([ask(proxy)[0] for _ in range(20)])
        proxy.clear()
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 502, 503}
    assert proxy.done["flaky"] == 2 * sum(status != 200 for status in runs[0])


def test_a_fault_passes_over_some_and_ends_after_some(proxy: Proxy) -> None:
    rule = proxy.set(Answer(500), times=2, skip=1)
    assert [ask(proxy)[0] for _ in range(5)] == [200, 500, 500, 200, 200]
    assert rule.used == 2
    assert proxy.count("POST", "/a", "answer") == 2
    with pytest.raises(TimeoutError):
        rule.wait(3, seconds=0.01)


def test_latency_comes_on_the_way_up_and_on_the_way_down(proxy: Proxy) -> None:
    proxy.set(Latency(0.1))
    begun = time.monotonic()
    assert ask(proxy)[0] == 200
    assert time.monotonic() - begun >= 0.2
    assert proxy.done["latency"] == 2


def test_a_rate_holds_for_all_connections_together(proxy: Proxy, echo: EchoServer) -> None:
    proxy.set(Rate(up=400_000, down=10**9))
    begun = time.monotonic()
    threads = [
        threading.Thread(target=ask, args=(proxy,), kwargs={"body": b"x" * 40_000})
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun >= 0.29
    assert [len(body) for body in echo.got] == [40_000] * 3


def test_a_rate_does_not_hide_a_cut(proxy: Proxy) -> None:
    proxy.set(Rate(up=10**6, down=10**6))
    proxy.set(LoseAnswer(), times=1)
    with pytest.raises(ConnectionError):
        ask(proxy)
    assert ask(proxy)[0] == 200


def test_a_server_that_is_down_looks_like_a_broken_link(proxy: Proxy) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy.upstream_port = nobody.getsockname()[1]
        with pytest.raises(ConnectionError):
            ask(proxy)
    assert proxy.count(did="upstream down") == 1


@pytest.mark.parametrize("raw", [b"\r\n\r\n", b"nonsense\r\n\r\n", b"GET /", b"x" * 300_000])
def test_what_is_no_http_is_reset_and_harms_nobody(proxy: Proxy, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
        client.sendall(raw)
        with suppress(OSError):  # reset already
            client.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionError):
            drain(client)
    assert ask(proxy)[0] == 200
