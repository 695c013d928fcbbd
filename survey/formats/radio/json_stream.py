"""The entries of a large JSON text, one at a time, in memory bounded by one entry.

Brackets are counted here and each entry is decoded alone by msgspec: an event parser (ijson)
would be one more dependency, would hold a text of any length whole, and would lose everything
behind the first fault. Counting has no recursion, so nesting of any depth costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import msgspec

from survey.formats.radio.items import Rejected
from survey.formats.radio.texts import open_text

ENTRY_CHARACTERS: Final = 1_000_000
ENTRY_DEPTH: Final = 30
_CHUNK: Final = 65_536

_OUTSIDE: Final = re.compile(r'[{}\[\]"]')
_INSIDE: Final = re.compile(r'["\\]')


class _Slicer:
    """Follows brackets and texts over chunks; gathers the entry at hand."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole
        self.kinds = ""
        self.depth = 0
        self.in_text = self.escaped = False
        self.number = 0
        self.parts: list[str] = []
        self.size = 0
        self.deepest = 0
        self.base: int | None = None

    def feed(self, chunk: str) -> Iterator[str | Rejected]:
        at = start = 0
        while True:
            if self.escaped:  # the letter after a backslash, perhaps of the chunk before
                at, self.escaped = at + 1, False
            found = (_INSIDE if self.in_text else _OUTSIDE).search(chunk, at)
            if found is None:
                break
            at, sign = found.end(), found[0]
            if self.in_text:
                self.escaped = sign == "\\"
                self.in_text = self.escaped
                if self.escaped and at >= len(chunk):
                    break
            elif sign == '"':
                self.in_text = True
            elif sign in "{[":
                if self.base is None and self._begins(sign):
                    self.base, start, self.deepest = self.depth, at - 1, 0
                    self.number += 1
                self._open(sign)
            elif self._close():
                self._gather(chunk[start:at])
                yield self._end()
        if self.base is not None:
            self._gather(chunk[start:])

    def _begins(self, sign: str) -> bool:
        """Tell whether an entry begins: an object of the outermost list, or all of the text."""
        if self.whole:
            return self.depth == 0
        return sign == "{" and self.kinds in ("[", "{[")

    def _open(self, sign: str) -> None:
        if self.depth < 3:
            self.kinds = self.kinds[: self.depth] + sign
        self.depth += 1
        if self.base is not None:
            self.deepest = max(self.deepest, self.depth - self.base)

    def _close(self) -> bool:
        """Count a bracket that closes; tell whether it ended an entry."""
        self.depth = max(0, self.depth - 1)
        self.kinds = self.kinds[: self.depth]
        return self.base is not None and self.depth <= self.base

    def _gather(self, text: str) -> None:
        self.size += len(text)
        if self.size <= ENTRY_CHARACTERS:
            self.parts.append(text)
        else:
            self.parts.clear()

    def _end(self) -> str | Rejected:
        text, size = "".join(self.parts), self.size
        self.parts, self.size, self.base = [], 0, None
        if size > ENTRY_CHARACTERS:
            return Rejected(self.number, "too_long")
        return Rejected(self.number, "too_deep") if self.deepest > ENTRY_DEPTH else text


def read_entries(stream: BinaryIO, whole: bool = False) -> Iterator[tuple[int, Any] | Rejected]:
    """Yield number and value of each object in the outermost list of a JSON text.

    The list may stand in an object. `whole`: yield the text's own values instead, of which there
    may be several one after another.
    """
    slicer = _Slicer(whole)
    with open_text(stream) as text:
        while chunk := text.read(_CHUNK):
            for entry in slicer.feed(chunk):
                yield entry if isinstance(entry, Rejected) else _decode(slicer.number, entry)
    if slicer.base is not None:
        yield Rejected(slicer.number, "cut")


def _decode(number: int, text: str) -> tuple[int, Any] | Rejected:
    try:
        return number, msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError):
        return Rejected(number, "not_understood")
