"""Lines of a text in whatever encoding and line ends an app or a person left it, bounded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

LINE_CHARACTERS: Final = 65_536
"""A row of a log has some hundred; a longer one is skipped without being held in memory."""

HEAD_BYTES: Final = 65_536

_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


def find_encoding(head: bytes) -> str:
    """Return the encoding of a text by its first bytes: a mark, or the zeros of UTF-16."""
    if head.startswith(_UTF16_BOMS):
        return "utf-16"
    sample = head[:200]
    if len(sample) >= 4:
        half = len(sample) // 2
        if sample[1::2].count(0) > half * 0.7 and sample[::2].count(0) == 0:
            return "utf-16-le"
        if sample[::2].count(0) > half * 0.7 and sample[1::2].count(0) == 0:
            return "utf-16-be"
    return "utf-8-sig"


def decode_head(head: bytes) -> str:
    """Return the first bytes as text; what is not in the encoding becomes a question mark."""
    text = head.decode(find_encoding(head), "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def open_text(stream: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """Lend a binary stream as text from its start; lines end in any way, the stream stays open."""
    stream.seek(0)
    encoding = find_encoding(stream.read(256))
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, "replace", newline=None)
    try:
        yield text
    finally:
        text.detach()


def read_lines(text: io.TextIOWrapper) -> Iterator[tuple[int, str | None, bool]]:
    """Yield number, line and whether it has an end; None for one that is too long."""
    number = 0
    read = text.readline
    while line := read(LINE_CHARACTERS):
        number += 1
        if line[-1] == "\n":
            yield number, line[:-1], True
        elif len(line) < LINE_CHARACTERS:
            yield number, line, False
        else:
            while (rest := read(LINE_CHARACTERS)) and rest[-1] != "\n":
                pass
            yield number, None, True
