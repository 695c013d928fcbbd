"""Just enough HTTP/1.1 to know where a message ends: heads as they came, bodies piece by piece.

Knows no fault and changes no byte, so that what passes the proxy is what was sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

LONGEST_HEAD = 256 * 1024
PIECE_BYTES = 16 * 1024
NO_BODY_STATUS = (204, 304)


@dataclass(frozen=True)
class Head:
    """The first line and the headers of a request or an answer."""

    raw: bytes
    words: tuple[str, ...]
    headers: dict[str, str]

    @property
    def method(self) -> str:
        return self.words[0]

    @property
    def path(self) -> str:
        return self.words[1]

    @property
    def status(self) -> int:
        return int(self.words[1])

    @property
    def is_chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()

    @property
    def length(self) -> int | None:
        text = self.headers.get("content-length")
        return None if text is None else int(text)

    @property
    def closes(self) -> bool:
        return self.headers.get("connection", "").lower() == "close"


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Read the next head; None at an orderly end before its first byte."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise ConnectionResetError("ended within a head") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise ConnectionResetError("a head without an end") from error
    first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
    pairs = (line.partition(":")[::2] for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    words = tuple(first.split(" ", 2))
    if len(words) < 2:
        raise ConnectionResetError("no HTTP")
    return Head(raw, words, headers)


async def request_body(reader: asyncio.StreamReader, head: Head) -> AsyncIterator[bytes]:
    """Yield a request's body as it arrives, framing included."""
    if head.is_chunked:
        async for piece in _chunked(reader):
            yield piece
    else:
        async for piece in _counted(reader, head.length or 0):
            yield piece


async def answer_body(
    reader: asyncio.StreamReader, head: Head, method: str
) -> AsyncIterator[bytes]:
    """Yield an answer's body as it arrives, framing included."""
    if method == "HEAD" or head.status in NO_BODY_STATUS:
        return
    if head.is_chunked:
        async for piece in _chunked(reader):
            yield piece
    elif head.length is not None:
        async for piece in _counted(reader, head.length):
            yield piece
    else:
        while piece := await reader.read(PIECE_BYTES):
            yield piece


async def _counted(reader: asyncio.StreamReader, left: int) -> AsyncIterator[bytes]:
    while left:
        piece = await reader.read(min(left, PIECE_BYTES))
        if not piece:
            raise ConnectionResetError("ended within a body")
        left -= len(piece)
        yield piece


async def _chunked(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    try:
        while True:
            line = await reader.readuntil(b"\r\n")
            yield line
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            async for piece in _counted(reader, size + 2):
                yield piece
        while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
            yield line
        yield line
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("ended within a chunk") from error
