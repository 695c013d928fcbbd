"""Phones and an office desk at work on a real server until it dies under them.

They keep what they were told is safe, go on where they were after the next start, and let a
test strike at a chosen moment of their work.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

from tests.factories import PASSWORD, Enrolled, make_envelope, make_visit_payload
from tests.faults.checker import Save

WAIT_S = 60
CHUNK_BYTES = 40_000
FILE_BYTES = (20_000, 150_000)
HELD_S = 2.0
"""A phone that stands in the middle of a body waits so long for the blow at most."""

IN_A_BODY = "in the middle of a body"
BEFORE_THE_ANSWER = "before the answer"
AT_A_LAST_CHUNK = "at the last chunk of a photo"
AT_A_DECISION = "at a decision of the office"

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Dead = (OSError, http.client.HTTPException)
"""What a client sees of a server that died."""


class Watch:
    """Tells the one who strikes that work has reached the moment they wait for."""

    def __init__(self) -> None:
        self._wanted: str | None = None
        self._reached = threading.Event()
        self._over = threading.Event()
        self.answers = threading.Semaphore(0)
        self.seen: dict[str, Any] = {}

    def want(self, moment: str) -> None:
        """Wait for a moment from now on."""
        self._wanted = moment

    def reach(self, moment: str, *, hold: bool = False, **seen: Any) -> None:
        """Say that a moment has come; `hold` stays in it until the blow."""
        if self._wanted == moment and not self._reached.is_set():
            self.seen = seen
            self._reached.set()
            if hold:
                self._over.wait(HELD_S)

    def wait(self) -> None:
        """Return when the moment has come."""
        assert self._reached.wait(WAIT_S), f"nobody came to: {self._wanted}"

    def end(self) -> None:
        """Say that the blow fell."""
        self._over.set()


class Client:
    """One kept connection to the server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)

    def close(self) -> None:
        self._connection.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        watch: Watch | None = None,
        moment: str = BEFORE_THE_ANSWER,
        **seen: Any,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send one request and return status, headers, body; the watch hears how far it is."""
        link = self._connection
        link.putrequest(method, path)
        for name, text in {**(headers or {}), "Content-Length": str(len(body))}.items():
            link.putheader(name, text)
        half = len(body) // 2
        link.endheaders(body[:half] or None)
        if watch is not None and half:
            watch.reach(IN_A_BODY, hold=True)
        if body[half:]:
            link.send(body[half:])
        if watch is not None:
            watch.reach(BEFORE_THE_ANSWER)
            watch.reach(moment, **seen)
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read()


@dataclass
class Phone:
    """An officer's phone with its outbox, its photos and its receipts."""

    enrolled: Enrolled
    random: Random
    outbox: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, bytes] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    visits: deque[str] = field(default_factory=deque)
    odd: list[str] = field(default_factory=list)
    checked: int = 0
    looked_at: set[str] = field(default_factory=set)

    @property
    def whole_files(self) -> set[str]:
        """Photos that the server said it has in full."""
        return {name for name, data in self.data.items() if self.offsets[name] == len(data)}

    @property
    def saves(self) -> list[Save]:
        """What the server acknowledged, each record with those of its photos it said are whole."""
        found = []
        for one in self.receipts:
            named = [photo["sha256"] for photo in json.loads(one["payload"])["photos"]]
            whole = tuple(name for name in named if name in self.whole_files)
            found.append(Save(one["id"], one["sha256"], whole))
        return found

    def forget_pieces(self) -> None:
        """Ask anew how far unfinished photos are: pieces are not promised over a power cut."""
        for name in self.data.keys() - self.whole_files:
            self.offsets[name] = 0

    def work(self, client: Client, watch: Watch) -> None:
        """Send what was not answered, a new visit twice and one more; then a piece of a photo."""
        self.outbox += [self._record_visit()] * 2 + [self._record_visit()]
        self._send_batch(client, watch)
        self._send_piece(client, watch)

    def send_rest(self, client: Client) -> None:
        """Send what was under way and begin nothing new."""
        if self.outbox:
            self._send_batch(client, Watch())
        while self.whole_files != set(self.data) and not self.odd:
            self._send_piece(client, Watch())

    def _record_visit(self) -> dict[str, Any]:
        """Make a visit; it has a photo when none is under way."""
        photos = []
        if all(self.offsets[name] == len(self.data[name]) for name in self.data):
            data = os.urandom(self.random.randint(*FILE_BYTES))
            name = hashlib.sha256(data).hexdigest()
            self.data[name], self.offsets[name] = data, 0
            photos = [{"sha256": name, "kind": "site", "bytes": len(data)}]
        return make_envelope(make_visit_payload(photos=photos), token=self.enrolled.token)

    def _send_batch(self, client: Client, watch: Watch) -> None:
        body = json.dumps({"records": self.outbox}).encode()
        headers = {**self.enrolled.headers, "Content-Type": "application/json"}
        status, _, data = client.ask("POST", "/api/v1/records", body, headers, watch=watch)
        results = json.loads(data).get("results", [])
        said = [(one["id"], one["sha256"]) for one in results]
        wanted = [(one["id"], one["sha256"]) for one in self.outbox]
        if said != wanted or {one["result"] for one in results} - {"stored", "already_stored"}:
            self.odd.append(f"{status} {data[:200]!r}")
        self.receipts += self.outbox
        self.visits.extend({one["id"] for one in self.outbox})
        self.outbox = []
        watch.answers.release()

    def _send_piece(self, client: Client, watch: Watch) -> None:
        """Send the next piece of a photo, from where the last answer left it."""
        name = next((one for one in self.data if one not in self.whole_files), None)
        if name is None:
            return
        offset, data = self.offsets[name], self.data[name]
        headers = {
            **self.enrolled.headers,
            "Content-Type": "image/jpeg",
            "X-File-Kind": "photo",
            "Upload-Offset": str(offset),
            "Upload-Length": str(len(data)),
        }
        piece = data[offset : offset + CHUNK_BYTES]
        last = AT_A_LAST_CHUNK if offset + len(piece) == len(data) else ""
        status, answered, said = client.ask(
            "PUT", f"/api/v1/files/{name}", piece, headers, watch=watch, moment=last, name=name
        )
        if status not in (200, 201, 204, 409):
            self.odd.append(f"{status} at {offset}: {said[:200]!r}")
        now_at = int(answered["Upload-Offset"])
        # Bytes that were on their way may have arrived; bytes that had arrived may not be gone.
        if now_at < offset:
            self.odd.append(f"{name} was at {offset}, now at {now_at}")
        self.offsets[name] = now_at
        watch.answers.release()


@dataclass
class Desk:
    """A supervisor who decides on what the phones sent, in a browser's session."""

    username: str
    phones: list[Phone]
    cookie: str = ""
    decided: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def work(self, client: Client, watch: Watch) -> None:
        """Look at one visit and approve it; what was not answered is looked at again."""
        if not self.cookie:
            self._sign_in(client)
        waiting = next((phone.visits for phone in self.phones if phone.visits), None)
        if waiting is None:
            time.sleep(0.01)
            return
        visit = waiting[0]
        form = self._open_form(client, f"/visits/{visit}")
        if form is None:  # decided, though the answer was lost
            waiting.popleft()
            return
        body = urlencode({**form, "decision": "approved", "reason": ""}).encode()
        status, _, page = self._ask(
            client, "POST", f"/visits/{visit}/review", body, watch, AT_A_DECISION
        )
        if status != 303:
            self.odd.append(f"{visit}: {status} {page[:200]!r}")
        self.decided.append(visit)
        waiting.popleft()
        watch.answers.release()

    def _sign_in(self, client: Client) -> None:
        _, headers, page = client.ask("GET", "/sign-in")
        form = {"username": self.username, "password": PASSWORD, "csrf_token": _csrf(page)}
        status, headers, page = client.ask(
            "POST",
            "/sign-in",
            urlencode(form).encode(),
            {"Cookie": headers["Set-Cookie"].split(";")[0], **FORM},
        )
        assert status == 303, page
        self.cookie = headers["Set-Cookie"].split(";")[0]

    def _open_form(self, client: Client, path: str) -> dict[str, str] | None:
        """Return the hidden fields of a visit's decision, None when it was made already."""
        status, _, page = self._ask(client, "GET", path)
        assert status == 200, page
        text = page.decode()
        if 'value="approved"' not in text:
            return None
        seq = re.search(r'name="seq"[^>]*value="(\d+)"', text)
        assert seq is not None
        return {"csrf_token": _csrf(page), "seq": seq[1]}

    def _ask(
        self,
        client: Client,
        method: str,
        path: str,
        body: bytes = b"",
        watch: Watch | None = None,
        moment: str = "",
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        answer = client.ask(
            method, path, body, {"Cookie": self.cookie, **FORM}, watch=watch, moment=moment
        )
        if "Set-Cookie" in answer[1]:
            self.cookie = answer[1]["Set-Cookie"].split(";")[0]
        return answer


def _csrf(page: bytes) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.decode())
    assert found is not None
    return found[1]


def start_work(port: int, workers: list[Phone | Desk], watch: Watch) -> list[threading.Thread]:
    """Let all work at once, each in a thread that ends when the server is gone."""

    def work_until_dead(worker: Phone | Desk) -> None:
        client = Client(port)
        try:
            while True:
                worker.work(client, watch)
        except Dead:
            client.close()
        except Exception as error:  # told by the test, which looks at what is odd
            worker.odd.append(repr(error))

    threads = [
        threading.Thread(target=work_until_dead, args=(worker,), daemon=True) for worker in workers
    ]
    for thread in threads:
        thread.start()
    return threads
