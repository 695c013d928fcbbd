"""A proxy that meddles: what may stand between phones and the server, made to misbehave.

It passes everything on, piece by piece and with the headers of a good proxy, until a test hangs
another behaviour on it.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

HOST = "127.0.0.1"
PIECE_BYTES = 8_192
CALLER = "203.0.113.9"
"""Who asks, as a proxy on the internet would see it."""
HOP_HEADERS = {"connection", "transfer-encoding", "keep-alive", "server", "date"}


@dataclass
class Reply:
    """An answer as it will be sent; headers may repeat."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""

    def set(self, name: str, value: str | None) -> None:
        """Put a header in the place of all of its name; None takes them out."""
        self.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))

    def get(self, name: str) -> str:
        return next((text for key, text in self.headers if key.lower() == name.lower()), "")


def html(status: int = 200, text: str = "<!doctype html><title>Sign in</title>") -> Reply:
    """A page of HTML as portals, firewalls and proxies give it."""
    headers = [("Content-Type", "text/html"), ("Server", "portal/1.0")]
    return Reply(status, headers, text.encode())


@dataclass(eq=False)
class Meddler:
    """A proxy on a port of its own before an upstream; `port` is where it listens."""

    upstream: int
    tls: ssl.SSLContext | None = None
    answer: Callable[[str, str, Any], Reply | None] = lambda method, path, headers: None
    """Answers itself when it returns something, before a byte of the body is read."""
    alter: Callable[[str, Reply], None] = lambda path, reply: None
    """Changes what the server answered at a path."""
    change_up: Callable[[dict[str, str]], None] = lambda headers: None
    """Changes the headers that go up."""
    change_body: Callable[[bytes], bytes] | None = None
    """Changes a body that goes up; holds it back until it is whole."""
    hold: bool = False
    """Holds each body back until it is whole."""
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Meddler:
        meddler = self

        class Handler(_Handler):
            owner = meddler

        self._server = _Server((HOST, 0), Handler, self.tls)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, place: tuple[str, int], handler: Any, tls: ssl.SSLContext | None) -> None:
        super().__init__(place, handler)
        self._tls = tls

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        try:
            secured = self._tls.wrap_socket(request, server_side=True)
        except OSError:
            return  # the client went away, which is its right
        with secured:
            super().finish_request(secured, client_address)  # type: ignore[arg-type]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in the middle are what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    owner: Meddler
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass(self) -> None:
        self.close_connection = True
        owner = self.owner
        owner.seen.append((self.command, self.path))
        reply = owner.answer(self.command, self.path, self.headers)
        if reply is None:
            reply = self._ask()
            owner.alter(self.path, reply)
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()
        self._linger()

    def _linger(self) -> None:
        """Let the rest of a body come, as good proxies do: else the answer is lost in a reset."""
        try:
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(2)
            while self.connection.recv(65_536):
                pass
        except OSError:
            return

    do_GET = do_HEAD = do_PUT = do_POST = _pass  # noqa: N815

    def _ask(self) -> Reply:
        headers = {
            key: text for key, text in self.headers.items() if key.lower() not in HOP_HEADERS
        }
        headers["X-Forwarded-For"] = CALLER
        headers["X-Forwarded-Proto"] = "https" if self.owner.tls else "http"
        headers["X-Forwarded-Host"] = self.headers["Host"]
        self.owner.change_up(headers)
        length = int(self.headers.get("Content-Length") or 0)
        source: Any = self.rfile
        if length and (self.owner.hold or self.owner.change_body):
            body = self.rfile.read(length)
            if self.owner.change_body:
                body = self.owner.change_body(body)
            source, length = io.BytesIO(body), len(body)
            headers["Content-Length"] = str(length)
        above = http.client.HTTPConnection(HOST, self.owner.upstream, timeout=20)
        try:
            above.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                above.putheader(name, value)
            above.endheaders()
            _carry(above, source, length)
            answer = above.getresponse()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in HOP_HEADERS]
            kept = [pair for pair in kept if pair[0].lower() != "content-length"]
            return Reply(answer.status, kept, answer.read())
        finally:
            above.close()


def _carry(above: http.client.HTTPConnection, source: Any, length: int) -> None:
    """Pass a body on as it comes, until all is there or the server has answered."""
    assert above.sock is not None
    while length and (piece := source.read1(min(length, PIECE_BYTES))):
        length -= len(piece)
        try:
            above.send(piece)
            above.sock.setblocking(False)
            above.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            continue
        except OSError:
            pass  # what was answered before the cut can still be read
        finally:
            above.sock.settimeout(20)
        return
