"""Two hundred phones upload over 2G at once: does anybody else wait for them?

Alone: `python -m bench.slow_phones [SECONDS]`. The slow bodies are fed by one thread of their
own, so that they take next to nothing of the cores.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from bench.instance import HOST, enrol_phones, make_instance, memory_mib, run_server
from bench.report import Line, format_table
from survey.domain.instants import system_now
from survey.store.connection import Store
from tests.factories import PASSWORD, Enrolled, add_staff

PHONES = 200
BYTES_A_SECOND = 5_000
TICK_S = 0.2
PROBE_EVERY_S = 0.05
SECONDS = 20
P95_MS = 50


class SlowUploads(threading.Thread):
    """One connection a phone, each sending a file at 2G speed until its last byte."""

    def __init__(self, port: int, phones: list[Enrolled], seconds: int) -> None:
        super().__init__(daemon=True)
        self.statuses: Counter[str] = Counter()
        self.stored = 0
        self._sockets: list[tuple[socket.socket, bytes]] = []
        for phone in phones:
            data = os.urandom(BYTES_A_SECOND * seconds)
            connection = socket.create_connection((HOST, port), timeout=60)
            connection.sendall(_head(phone, data))
            self._sockets.append((connection, data))

    def run(self) -> None:
        """Send a piece on every connection each tick, then read every answer."""
        piece = int(BYTES_A_SECOND * TICK_S)
        length = len(self._sockets[0][1])
        for start in range(0, length, piece):
            begun = time.perf_counter()
            for connection, data in self._sockets:
                connection.sendall(data[start : start + piece])
            time.sleep(max(0.0, TICK_S - (time.perf_counter() - begun)))
        for connection, _ in self._sockets:
            self.statuses[_read_status(connection)] += 1
            connection.close()


def _head(phone: Enrolled, data: bytes) -> bytes:
    lines = [
        f"PUT /api/v1/files/{hashlib.sha256(data).hexdigest()} HTTP/1.1",
        f"Host: {HOST}",
        f"Authorization: Bearer {phone.token}",
        "Content-Type: image/jpeg",
        "X-File-Kind: photo",
        "Upload-Offset: 0",
        f"Upload-Length: {len(data)}",
        f"Content-Length: {len(data)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _read_status(connection: socket.socket) -> str:
    try:
        return connection.recv(4_096)[9:12].decode("ascii", "replace") or "cut"
    except OSError as error:
        return type(error).__name__


class Browser:
    """A kept-alive connection that asks for one page again and again."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=30)
        self._cookies: dict[str, str] = {}

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Send a request with the session's cookies; return status and text."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, urlencode(form) if form else None, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.status, text

    def sign_in(self, username: str) -> None:
        """Sign a person of the office in, as the form does."""
        _, page = self.send("GET", "/sign-in")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        if token is None:
            raise RuntimeError("no form to sign in")
        form = {"csrf_token": token[1], "username": username, "password": PASSWORD}
        status, _ = self.send("POST", "/sign-in", form)
        if status != 303:
            raise RuntimeError(f"signing in gave {status}")

    def measure(self, path: str) -> float:
        """Return the milliseconds of one answer; anything but 200 is an error."""
        started = time.perf_counter()
        status, text = self.send("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} gave {status}: {text[:200]}")
        return (time.perf_counter() - started) * 1000


def measure_slow_phones(folder: Path, seconds: int = SECONDS) -> list[Line]:
    """Return the p95 of a ping and of the queue, alone and beside the slow phones."""
    settings = make_instance(folder / "instance")
    phones = enrol_phones(settings, PHONES)
    store = Store.open(settings.database)
    add_staff(store, "pengawas", "supervisor", now=system_now())
    store.close()
    with run_server(settings) as (port, pid):
        office, phone = Browser(port), Browser(port)
        office.sign_in("pengawas")
        alone = _probe(office, phone, lambda done: done < 40)
        uploads = SlowUploads(port, phones, seconds)
        uploads.start()
        beside = _probe(office, phone, lambda _: uploads.is_alive())
        uploads.join()
        memory = memory_mib(pid)
    refused = PHONES - uploads.statuses["201"]
    title = f"{PHONES} phones at {BYTES_A_SECOND // 1000} kB/s: "
    return [
        Line(f"{title}uploads not taken", refused, "<=", 0, "", str(dict(uploads.statuses))),
        *(
            Line(
                f"  p95 of {path} beside them",
                _p95(beside[path]),
                "<=",
                P95_MS,
                "ms",
                f"alone {_p95(alone[path]):.1f} ms; longest {max(beside[path]):.0f} ms",
            )
            for path in beside
        ),
        Line("  memory of the server", memory, "<=", None, "MiB"),
    ]


def _probe(office: Browser, phone: Browser, more) -> dict[str, list[float]]:  # type: ignore[no-untyped-def]
    """Ask by turns while `more(answers so far)`; return the milliseconds by path."""
    times: dict[str, list[float]] = {"/api/v1/ping": [], "/queue": []}
    while more(len(times["/queue"])):
        times["/api/v1/ping"].append(phone.measure("/api/v1/ping"))
        times["/queue"].append(office.measure("/queue"))
        time.sleep(PROBE_EVERY_S)
    return times


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="jejak-sinyal-bench-") as temporary:
        wanted = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
        print(format_table(measure_slow_phones(Path(temporary), wanted)))
