"""How the doctor asks a server: one request on one connection, looked at byte by byte.

Standard library only. Knows sockets, TLS and HTTP, and not what a good answer is.
"""

from __future__ import annotations

import io
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException, HTTPResponse
from typing import Any

from survey import __version__
from survey.services.doctor_target import Target

TIMEOUT_S = 15.0
LONGEST_ANSWER = 4_000_000
LONGEST_S = 60.0
"""An answer that drips in is not waited for any longer."""
USER_AGENT = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/140.0.0.0 Mobile Safari/537.36 survey-doctor/{__version__}"
)
"""Like a phone's, because what stands in the way may treat programs otherwise."""


class UnreachableError(Exception):
    """No answer came; the text says how far it went."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: what came, when it was asked (seconds since 1970) and how long it took."""

    status: int
    headers: Message
    body: bytes = field(repr=False)
    asked_at: float
    seconds: float
    whole: bool = True
    """Whether all of our body had gone out before the answer came."""

    def header(self, name: str) -> str:
        return str(self.headers.get(name, "")).strip()

    @property
    def content_type(self) -> str:
        return self.header("Content-Type").partition(";")[0].strip().lower()

    def json(self) -> dict[str, Any] | None:
        """Return the body as a JSON object, or None when it is none."""
        if self.content_type != "application/json":
            return None
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    def problem(self) -> str | None:
        """Return the code of an error in the wire's shape: proof that our program said it."""
        body = self.json() or {}
        ours = body.get("ok") is False and body.get("status") == self.status and "errors" in body
        return str(body.get("code")) if ours else None

    def describe(self) -> str:
        """Say in a few words what this is, for people."""
        kind = self.content_type or "no content type"
        by = self.header("Server")
        return f"{self.status} {kind}" + (f" from {by[:40]}" if by else "")


class _Stream(io.RawIOBase):
    """What was read already, then the rest of the socket."""

    def __init__(self, first: bytes, channel: socket.socket) -> None:
        self._first = first
        self._channel = channel
        self._ends = time.monotonic() + LONGEST_S

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if time.monotonic() > self._ends:
            raise TimeoutError
        if not self._first:
            return self._channel.recv_into(buffer)
        count = min(len(buffer), len(self._first))
        buffer[:count], self._first = self._first[:count], self._first[count:]
        return count


class _Channel:
    """What `HTTPResponse` wants of a socket."""

    def __init__(self, first: bytes, channel: socket.socket) -> None:
        self._stream = io.BufferedReader(_Stream(first, channel))

    def makefile(self, _: str) -> io.BufferedIOBase:
        return self._stream


class Probe:
    """Asks one origin; each request on a connection of its own."""

    def __init__(
        self,
        target: Target,
        context: ssl.SSLContext | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.target = target
        self.context = context
        self.wait = wait

    @contextmanager
    def connect(
        self, address: str | None = None, port: int | None = None, timeout_s: float = TIMEOUT_S
    ) -> Iterator[socket.socket]:
        """Open a connection, through TLS when the origin has it; UnreachableError says why not."""
        place = (address or self.target.host, port or self.target.port)
        try:
            channel = socket.create_connection(place, timeout_s)
        except OSError as error:
            raise UnreachableError(f"no connection: {error.strerror or error}") from None
        with channel:
            if self.context is None:
                yield channel
                return
            try:
                secured = self.context.wrap_socket(channel, server_hostname=self.target.host)
            except OSError as error:
                raise UnreachableError(f"no TLS: {error.strerror or error}") from None
            with secured:
                yield secured

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        pieces: Sequence[bytes] = (),
        *,
        pauses: Sequence[float] = (),
        address: str | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        """Send a request in pieces, with these pauses between them; return what is answered.

        The rest is not sent when the answer comes earlier. Raises UnreachableError.
        """
        with self.connect(address, timeout_s=timeout_s) as channel:
            asked_at, started = time.time(), time.monotonic()
            try:
                channel.sendall(self._head(method, path, headers or {}, pieces))
                early, whole = self._send(channel, pieces, pauses)
                response = HTTPResponse(_Channel(early, channel), method=method)  # type: ignore[arg-type]
                response.begin()
                body = response.read(LONGEST_ANSWER)
            except TimeoutError:
                raise UnreachableError(f"no answer within {timeout_s:.0f} s") from None
            except (OSError, HTTPException, ValueError) as error:
                raise UnreachableError(f"cut off: {error or type(error).__name__}") from None
            seconds = time.monotonic() - started
        return Answer(response.status, response.headers, body, asked_at, seconds, whole)

    def _head(
        self, method: str, path: str, headers: dict[str, str], pieces: Sequence[bytes]
    ) -> bytes:
        lines = {
            "Host": self.target.netloc,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        } | headers
        if method in ("PUT", "POST"):
            lines.setdefault("Content-Length", str(sum(map(len, pieces))))
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{method} {path} HTTP/1.1\r\n{text}\r\n".encode("latin-1")

    def _send(
        self, channel: socket.socket, pieces: Sequence[bytes], pauses: Sequence[float]
    ) -> tuple[bytes, bool]:
        """Send the pieces until something comes back; return that and whether all went out."""
        for number, piece in enumerate(pieces):
            if 0 < number <= len(pauses):
                self.wait(pauses[number - 1])
            if number and (early := _read_if_there(channel)):
                return early, False
            try:
                channel.sendall(piece)
            except TimeoutError:
                raise
            except OSError:
                return b"", False  # the answer may have come before the cut
        return b"", True


def _read_if_there(channel: socket.socket) -> bytes:
    """Return what can be read without waiting; tickets of TLS are no answer."""
    timeout = channel.gettimeout()
    channel.setblocking(False)
    try:
        return channel.recv(65_536)
    except (BlockingIOError, ssl.SSLWantReadError):
        return b""
    finally:
        channel.settimeout(timeout)
