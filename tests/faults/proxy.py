"""A loopback proxy before `survey serve` that breaks the link on purpose.

    with Proxy(server.port) as proxy:          # the phone uses proxy.url
        rule = proxy.set(LoseAnswer(), method="POST", path="/api/v1/records", times=1)
        rule.wait()                            # until it happened
        proxy.clear()

Faults (kinds.py) are set and cleared at any moment, for some requests or all, for the first
`times` of them. The first one that fits decides; Latency and Rate come on top. `done` counts what
was done, `seen` lists what came.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any, NamedTuple

from tests.faults import http1
from tests.faults.http1 import Head
from tests.faults.kinds import (
    HTML,
    Answer,
    Cap,
    Flaky,
    Kind,
    Latency,
    Rate,
    Refuse,
)
from tests.faults.way import HOST, Fault, Way, reset

WAIT_S = 30.0


class Seen(NamedTuple):
    """A request that came, what was done with it, the status that went back (0: none), when."""

    method: str
    path: str
    did: str
    status: int
    at: float


class Rule(Fault):
    """A fault that is set: for which requests, how often it happened."""

    def __init__(
        self, kind: Kind, method: str | None, path: str, times: int | None, skip: int
    ) -> None:
        self.kind = kind
        self.used = 0
        self._method, self._path, self._times, self._skip = method, path, times, skip
        self._happened = threading.Condition()
        self.cleared = asyncio.Event()

    def fits(self, head: Head) -> bool:
        """Whether a request is one of those meant; counts those to be passed over."""
        if self._method not in (None, head.method) or not head.path.startswith(self._path):
            return False
        if isinstance(self.kind, Cap) and (head.length or 0) <= self.kind.most:
            return False
        if isinstance(self.kind, Flaky) and self.kind.random.random() >= self.kind.share:
            return False
        if self._skip:
            self._skip -= 1
            return False
        return self._times is None or self.used < self._times

    def count(self) -> None:
        """Note that it happened once more."""
        with self._happened:
            self.used += 1
            self._happened.notify_all()

    def wait(self, times: int = 1, seconds: float = WAIT_S) -> None:
        """Wait until it happened that often; TimeoutError when it does not."""
        with self._happened:
            if not self._happened.wait_for(lambda: self.used >= times, seconds):
                raise TimeoutError(f"{self.kind} happened {self.used} times, not {times}")


class Proxy:
    """The proxy; a context manager. `upstream_port` may be changed at any time."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.done: Counter[str] = Counter()
        self.seen: list[Seen] = []
        self._rules: list[Rule] = []
        self._open: set[asyncio.StreamWriter] = set()
        # A loop refers to its tasks weakly, and a stream drops its own when its client is gone.
        self._serving: set[asyncio.Task[None] | None] = set()
        self._link_free = {"up": 0.0, "down": 0.0}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        # Bound and never listening: the port stays ours while connections are refused.
        self._holder = self._bind(0)
        self.port: int = self._holder.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"

    # ---- what tests call, from their own thread -------------------------------------------

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_error: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._holder.close()

    def set(
        self,
        kind: Kind,
        *,
        method: str | None = None,
        path: str = "",
        times: int | None = None,
        skip: int = 0,
    ) -> Rule:
        """Set a fault, for requests of a method and a path's beginning, after `skip` of them."""
        rule = Rule(kind, method, path, times, skip)
        self._do(self._add(rule))
        return rule

    def clear(self, rule: Rule | None = None) -> None:
        """Take back one fault or all; what hangs in them is reset."""
        self._do(self._drop(rule))

    def hang_up(self) -> None:
        """Reset every open connection now."""
        self._do(self._hang_up())

    def count(self, method: str = "", path: str = "", did: str = "") -> int:
        """How many requests came, of a method, a path's beginning, an outcome."""
        return sum(
            one.method.startswith(method) and one.path.startswith(path) and one.did.startswith(did)
            for one in list(self.seen)
        )

    # ---- the loop's side --------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def _bind(self, port: int) -> socket.socket:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((HOST, port))
        return bound

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, sock=self._bind(self.port), limit=http1.LONGEST_HEAD
        )

    async def _refuse(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        await self._hang_up()

    async def _end(self) -> None:
        await self._drop(None)
        await self._refuse()
        # A connection that came at the last moment begins after the others have ended.
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _add(self, rule: Rule) -> None:
        self._rules.append(rule)
        if isinstance(rule.kind, Refuse):
            await self._refuse()
            self.note(rule, "refuse")

    async def _drop(self, rule: Rule | None) -> None:
        going = self._rules if rule is None else [rule]
        self._rules = [one for one in self._rules if one not in going]
        for one in going:
            one.cleared.set()
        if self._server is None and not any(isinstance(one.kind, Refuse) for one in self._rules):
            await self._listen()

    async def _hang_up(self) -> None:
        for writer in list(self._open):
            reset(writer)

    def note(self, rule: Fault, did: str) -> None:
        """Count what a fault did."""
        assert isinstance(rule, Rule)
        self.done[did] += 1
        rule.count()

    def saw(self, head: Head, did: str, status: int = 0) -> None:
        """Remember a request and what became of it."""
        self.seen.append(Seen(head.method, head.path, did, status, time.monotonic()))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self._serving.add(asyncio.current_task())
        try:
            while (head := await http1.read_head(reader)) and not writer.is_closing():
                await self.delay(head)
                if not await self._handle(head, reader, writer):
                    break
            writer.close()
        except (OSError, ValueError, asyncio.CancelledError):
            reset(writer)  # cancelled: the proxy ends
        finally:
            self._open.discard(writer)
            self._serving.discard(asyncio.current_task())

    async def _handle(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Carry one request; False when the connection ends with it."""
        decisive = (one for one in self._rules if not isinstance(one.kind, Latency | Rate | Refuse))
        rule = next((one for one in decisive if one.fits(head)), None)
        if rule and isinstance(rule.kind, Answer | Cap | Flaky):
            return await self._answer(rule, head, reader, writer)
        return await Way(self, head, rule, reader, writer).carry()

    async def _answer(
        self, rule: Rule, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        async for _ in http1.request_body(reader, head):
            pass
        answer, did = rule.kind, "answer"
        if isinstance(answer, Cap):
            answer, did = Answer(413, "Request Entity Too Large"), "cap"
        elif isinstance(answer, Flaky):
            answer, did = Answer(answer.random.choice(answer.statuses), "Bad gateway"), "flaky"
        assert isinstance(answer, Answer)
        self.saw(head, did, answer.status)
        self.note(rule, did)
        body = HTML.format(title=answer.title).encode() if answer.body is None else answer.body
        lines = [f"HTTP/1.1 {answer.status} Proxy", f"Content-Length: {len(body)}"]
        if not any(name.lower() == "content-type" for name in answer.headers):
            lines.append("Content-Type: text/html; charset=utf-8")
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write(
            "\r\n".join([*lines, "", ""]).encode() + (b"" if head.method == "HEAD" else body)
        )
        await writer.drain()
        return True

    async def delay(self, head: Head) -> None:
        """Wait as long as the link's latency is."""
        for rule in self._rules:
            if isinstance(rule.kind, Latency) and rule.fits(head):
                self.note(rule, "latency")
                await asyncio.sleep(rule.kind.seconds)

    async def pace(self, head: Head, direction: str, size: int) -> None:
        """Wait until the link has room for so many bytes."""
        for rule in self._rules:
            if isinstance(rule.kind, Rate) and rule.fits(head):
                rule.count()
                now = time.monotonic()
                start = max(now, self._link_free[direction])
                self._link_free[direction] = start + size / getattr(rule.kind, direction)
                await asyncio.sleep(self._link_free[direction] - now)
