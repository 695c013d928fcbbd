"""The load generator: a few kept-alive connections, one thread, as little work as possible.

It shares the machine's cores with the server it measures, so every request is made before
the clock starts and an answer is read only as far as its length and status.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

TIMEOUT_S = 60


@dataclass(slots=True)
class Load:
    """What a run gave: seconds in all, milliseconds of each answer, statuses, a last body."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    last_body: bytes = b""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        """The milliseconds that a share (0 to 1) of the answers kept within."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Client:
    """One connection with one request under way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.started = 0.0

    def send(self, request: bytes) -> None:
        """Send one whole request; the answer is awaited by the selector."""
        self.buffer = b""
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> tuple[int, bytes] | None:
        """Return status and body once the whole answer is here, else None."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return None
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return (int(head[9:12]), body) if len(body) >= length else None


def build_request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return the bytes of one HTTP/1.1 request on a kept-alive connection."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def run_load(host: str, port: int, queues: Sequence[Sequence[bytes]]) -> Load:
    """Send each client's requests one after another, all clients at once."""
    load = Load()
    selector = selectors.DefaultSelector()
    waiting = 0
    clients = [(_Client(host, port), iter(queue)) for queue in queues]
    started = time.perf_counter()
    try:
        for client, queue in clients:
            request = next(queue, None)
            if request is not None:
                selector.register(client.socket, selectors.EVENT_READ, (client, queue))
                client.send(request)
                waiting += 1
        while waiting:
            events = selector.select(TIMEOUT_S)
            if not events:
                raise TimeoutError(f"no answer within {TIMEOUT_S} s")
            for key, _ in events:
                waiting -= _take_answer(selector, load, *key.data)
        load.seconds = time.perf_counter() - started
    finally:
        selector.close()
        for client, _ in clients:
            client.socket.close()
    return load


def _take_answer(selector: selectors.BaseSelector, load: Load, client: _Client, queue) -> bool:  # type: ignore[no-untyped-def]
    """Read what came; send the client's next request. True when this client is done."""
    answer = client.receive()
    if answer is None:
        return False
    load.milliseconds.append((time.perf_counter() - client.started) * 1000)
    load.statuses[answer[0]] += 1
    load.last_body = answer[1]
    request = next(queue, None)
    if request is None:
        selector.unregister(client.socket)
        return True
    client.send(request)
    return False
