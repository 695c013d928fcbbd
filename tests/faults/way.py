"""The way of one request through the proxy to the server and of its answer back, or half of it."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, Protocol

from tests.faults import http1
from tests.faults.http1 import Head
from tests.faults.kinds import Blackhole, Cut, Kind, LoseAnswer

HOST = "127.0.0.1"
EARLY_ANSWER_S = 10.0
_AT_ONCE = struct.pack("ii", 1, 0)


class Fault(Protocol):
    """A rule as the way sees it."""

    kind: Kind
    cleared: asyncio.Event


class Link(Protocol):
    """The proxy as the way sees it."""

    upstream_port: int

    async def delay(self, head: Head) -> None: ...

    async def pace(self, head: Head, direction: str, size: int) -> None: ...

    def note(self, rule: Fault, did: str) -> None: ...

    def saw(self, head: Head, did: str, status: int = 0) -> None: ...


def reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection with RST: what is under way is lost, as on a link that breaks."""
    if not writer.is_closing():
        with suppress(OSError):
            writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
    writer.transport.abort()


class Way:
    """Carries one request; tells the link what becomes of it before the client can know."""

    def __init__(
        self,
        link: Link,
        head: Head,
        rule: Fault | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._link, self._head, self._rule = link, head, rule
        self._reader, self._writer = reader, writer
        kind = rule.kind if rule else None
        ends = kind if isinstance(kind, Cut | Blackhole) else None
        self._stop_up = ends.up if ends else None
        self._stop_down = ends.down if ends else None
        if ends and ends.up is None and ends.down is None:
            self._stop_up = 0
        self._loses = isinstance(kind, LoseAnswer)
        self._server: tuple[asyncio.StreamReader, asyncio.StreamWriter]

    async def carry(self) -> bool:
        """Carry it; False when the client's connection ends with it, an OSError to reset it."""
        if self._stop_up == 0:
            await self._break_off()
        try:
            self._server = await asyncio.open_connection(
                HOST, self._link.upstream_port, limit=http1.LONGEST_HEAD
            )
        except OSError:
            self._link.saw(self._head, "upstream down")
            raise
        try:
            goes_on = await self._exchange()
        except BaseException:
            reset(self._server[1])
            raise
        self._server[1].close()
        return goes_on

    async def _break_off(self) -> None:
        """Do what the fault does at this point: raises in the end."""
        assert self._rule
        did = type(self._rule.kind).__name__.lower()
        self._link.saw(self._head, did)
        self._link.note(self._rule, did)
        if isinstance(self._rule.kind, Blackhole):
            await self._rule.cleared.wait()
        raise ConnectionResetError(did)

    async def _exchange(self) -> bool:
        self._server[1].write(self._head.raw)
        sending = asyncio.ensure_future(self._send())
        try:
            if self._stop_up is not None:
                await sending
                await self._break_off()
            answer = await self._wait_for_answer(sending)
            if self._loses:
                await sending
                async for _ in http1.answer_body(self._server[0], answer, self._head.method):
                    pass
                await self._break_off()
            await self._give(answer)
            await asyncio.wait_for(sending, EARLY_ANSWER_S)
        except TimeoutError as error:
            raise ConnectionResetError("the client sends on and on") from error
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return not answer.closes and self._has_end(answer)

    def _has_end(self, answer: Head) -> bool:
        if self._head.method == "HEAD" or answer.status in http1.NO_BODY_STATUS:
            return True
        return answer.is_chunked or answer.length is not None

    async def _send(self) -> None:
        """Send the body up, as far as it may go; a server that hears no more is still read."""
        left, hears = self._stop_up, True
        async for piece in http1.request_body(self._reader, self._head):
            part = piece if left is None else piece[:left]
            left = None if left is None else left - len(part)
            await self._link.pace(self._head, "up", len(part))
            if hears:
                try:
                    self._server[1].write(part)
                    await self._server[1].drain()
                except OSError:
                    hears = False
            if left == 0:
                return

    async def _wait_for_answer(self, sending: asyncio.Future[None]) -> Head:
        """Return the head of the final answer; interim ones are passed on."""
        while True:
            reading = asyncio.ensure_future(http1.read_head(self._server[0]))
            try:
                both: set[asyncio.Future[Any]] = {sending, reading}
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()  # a client that is gone
                answer = await reading
            finally:
                reading.cancel()
            if answer is None:
                self._link.saw(self._head, "upstream hung up")
                raise ConnectionResetError("upstream hung up")
            if answer.status >= 200:
                return answer
            self._writer.write(answer.raw)

    async def _give(self, answer: Head) -> None:
        """Give the answer to the client, as far as it may come."""
        left = self._stop_down
        if left == 0:
            await self._break_off()
        await self._link.delay(self._head)
        if left is None:
            self._link.saw(self._head, "pass", answer.status)
        self._writer.write(answer.raw)
        async for piece in http1.answer_body(self._server[0], answer, self._head.method):
            part = piece if left is None else piece[:left]
            left = None if left is None else left - len(part)
            await self._link.pace(self._head, "down", len(part))
            self._writer.write(part)
            await self._writer.drain()
            if left == 0:
                break
        if left is not None:
            await self._break_off()
        await self._writer.drain()
