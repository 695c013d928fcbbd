"""What a ZIP still holds whose table of contents is gone: found by the headers of its entries.

For the ZIP of a phone that was cut on its way: client-zip stores entries as they are and puts
their sizes behind them, which neither `zipfile` nor stream readers of ZIPs take. Knows stored
and deflated entries only, and nothing of what they mean.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Literal, NamedTuple, cast

from survey.domain.limits import FILE_BYTES

LOCAL: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"
_DESCRIPTOR: Final = b"PK\x07\x08"
_HEADER: Final = struct.Struct("<4s5H3I2H")
_LOCKED: Final = 1
_SIZES_BEHIND: Final = 8
STORED: Final = 0
DEFLATED: Final = 8

_STEP: Final = 1 << 20
_LOOK: Final = 1_000
"""What one look costs, in bytes of reading."""

_SCANS: Final = 4
"""So many times the bytes of the ZIP are looked at: made-up headers must not cost more."""

_RATIO: Final = 100
"""So many times its size a ZIP may unpack to while the ends of its entries are looked for."""


class Found(NamedTuple):
    """One entry: where its bytes are, how they are packed, why they are not whole or locked."""

    name: str
    start: int
    end: int
    deflated: bool
    fault: Literal["", "locked", "bad_entry"] = ""
    cut: bool = False

    def open(self, stream: BinaryIO) -> io.BufferedReader:
        """Return the entry's bytes as a stream; raises zlib.error while it is read."""
        window = Window(stream, self.start, self.end)
        if self.deflated:
            return cast(io.BufferedReader, io.BufferedReader(_Inflating(window), 1 << 16))
        return window.buffered()


class Window(io.RawIOBase):
    """A part of a stream that must seek, read as a stream of its own."""

    def __init__(self, stream: BinaryIO, start: int, end: int) -> None:
        self._stream, self._position, self._end = stream, start, end

    def buffered(self) -> io.BufferedReader:
        """Return it with a buffer, so that lines can be read."""
        return cast(io.BufferedReader, io.BufferedReader(self, 1 << 16))

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return with how many bytes."""
        into = memoryview(buffer)
        self._stream.seek(self._position)
        data = self._stream.read(min(len(into), self._end - self._position))
        into[: len(data)] = data
        self._position += len(data)
        return len(data)


class _Inflating(io.RawIOBase):
    """The unpacked bytes of a deflated part; what follows its end is left alone."""

    def __init__(self, packed: Window) -> None:
        self._packed, self._inflate = packed, zlib.decompressobj(-zlib.MAX_WBITS)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return with how many bytes; never unpacks more than fits."""
        into = memoryview(buffer)
        while not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._packed.read(1 << 16)
            data = self._inflate.decompress(packed or b"", len(into))
            into[: len(data)] = data
            if data or not packed:
                return len(data)
        return 0


def find_entries(stream: BinaryIO) -> Iterator[Found]:
    """Yield the entries of a ZIP in their order, by their own headers; `stream` must seek."""
    scan = _Scan(stream)
    position = 0
    while (header := scan.find(LOCAL, position)) is not None:
        found = scan.read_entry(header)
        if found is not None:
            yield found
        position = max(header + len(LOCAL), found.end if found else 0)


class _Scan:
    """A walk over the bytes of one ZIP, and how much of it may still be looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.size = stream.seek(0, io.SEEK_END)
        self.left = _SCANS * self.size + 16 * _STEP
        self.unpacked_left = _RATIO * self.size
        self._start, self._data = 0, b""

    def read(self, position: int, count: int) -> bytes:
        """Return so many bytes from a position on, fewer at the end."""
        if not self._start <= position <= self._start + len(self._data) - count:
            self._load(position)
        at = position - self._start
        return self._data[at : at + count]

    def _load(self, position: int) -> None:
        self.stream.seek(position)
        self._start, self._data = position, self.stream.read(_STEP)
        self.left -= len(self._data)

    def find(self, mark: bytes, position: int) -> int | None:
        """Return where a mark stands from a position on, or None."""
        while position < self.size and self.left > 0:
            self.left -= _LOOK
            if not self._start <= position <= self._start + len(self._data) - len(mark):
                self._load(position)
            at = self._data.find(mark, position - self._start)
            if at >= 0:
                return self._start + at
            end = self._start + len(self._data)
            if end >= self.size:
                return None
            position = end - len(mark) + 1
        return None

    def read_entry(self, header: int) -> Found | None:
        """Return the entry whose header stands here, or None when there is no room for one."""
        head = self.read(header, _HEADER.size)
        if len(head) < _HEADER.size:
            return None
        _, _, flags, method, _, _, _, packed, _, name_length, more = _HEADER.unpack(head)
        start = header + _HEADER.size + name_length + more
        if start > self.size:
            return None
        name = self.read(header + _HEADER.size, name_length).decode("utf-8", "replace")
        known = bool(packed) or not flags & _SIZES_BEHIND
        end = start + packed if known else start
        if flags & _LOCKED or method not in (STORED, DEFLATED):
            fault: Literal["locked", "bad_entry"] = "locked" if flags & _LOCKED else "bad_entry"
            return Found(name, start, min(end, self.size), False, fault)
        if known and end <= self.size:
            return Found(name, start, end, method == DEFLATED)
        if known:
            return Found(name, start, self._next_entry(start), method == DEFLATED, cut=True)
        if method == DEFLATED:
            end, whole = self._find_inflated_end(start)
        else:
            end, whole = self._find_stored_end(start)
        return Found(name, start, end, method == DEFLATED, cut=not whole)

    def _next_entry(self, start: int) -> int:
        at = self.find(LOCAL, start)
        return self.size if at is None else at

    def _find_stored_end(self, start: int) -> tuple[int, bool]:
        """Return where stored bytes end: before the descriptor that tells their length.

        Without one the bytes are not whole, and end where the next entry or nothing follows.
        """
        doubtful: int | None = None
        at = self.find(_DESCRIPTOR, start)
        while at is not None:
            tail, length = self.read(at, 28), at - start
            if tail[8:16] == struct.pack("<II", length & 0xFFFFFFFF, length & 0xFFFFFFFF):
                return at, True
            if tail[8:24] == struct.pack("<QQ", length, length):
                return at, True
            if doubtful is None and tail[16:20] in (LOCAL, _CENTRAL):
                doubtful = at
            if doubtful is not None and at - doubtful > FILE_BYTES:
                break
            at = self.find(_DESCRIPTOR, at + len(_DESCRIPTOR))
        if doubtful is not None:
            return doubtful, False
        end = self._next_entry(start)
        torn = self.read(max(start, end - 15), 15).rfind(_DESCRIPTOR) if end == self.size else -1
        return (max(start, end - 15) + torn if torn >= 0 else end), False

    def _find_inflated_end(self, start: int) -> tuple[int, bool]:
        """Return where deflated bytes end, as they tell themselves, and whether all are there."""
        inflate, position = zlib.decompressobj(-zlib.MAX_WBITS), start
        try:
            while not inflate.eof and self.left > 0 and self.unpacked_left > 0:
                data = inflate.unconsumed_tail
                if not data:
                    data = self.read(position, 1 << 16)
                    position += len(data)
                if not data:
                    return self.size, False
                self.unpacked_left -= len(inflate.decompress(data, _STEP))
        except zlib.error:
            return self._next_entry(start), False
        return position - len(inflate.unused_data), inflate.eof
