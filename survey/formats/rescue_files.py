"""The phone's rescue file: bytes -> records, files and the reason of every part that is neither.

Two forms (docs/api.md): one JSON object a line, or a ZIP of such lines with the files beside
them. Whole, cut, renamed or packed again by people, in bounded memory. Pure: asks no store.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import BinaryIO, Final

from survey.domain.labels import N_
from survey.domain.limits import FILE_BYTES
from survey.domain.problems import FieldError, Problem
from survey.formats.rescue_items import WHY_MESSAGES, BadLine, Item, Place, RescueFile
from survey.formats.rescue_lines import Announced, LineReader
from survey.formats.zip_entries import ZIP_ERRORS, Entry, open_archive
from survey.formats.zip_salvage import Window

RESCUE_BYTES: Final = 500_000_000
"""The largest rescue file that comes by the page, and what any may unpack to."""

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_HASH: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_BINARY: Final = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8", b"%PDF")
_ENDINGS: Final = (".jpg", ".jpeg", ".png", ".webp", ".bin")
_DESCRIPTOR_BYTES: Final = 16
_PIECE: Final = 1 << 18


def read_rescue(stream: BinaryIO) -> Iterator[Item]:
    """Yield what a rescue file holds, in order; `stream` must seek.

    Of a ZIP the lines come first, in the order of their entries' names, then the files; nothing
    is unpacked to disk. Raises `import.unreadable` for a ZIP with nothing in it.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    # What is packed may be larger unpacked; what was larger when it came is no bomb.
    limit = max(RESCUE_BYTES, 2 * size)
    if stream.read(4) in _ZIP:
        yield from _ArchiveReader(limit).read(stream)
        return
    announced: Announced = {}
    yield from LineReader("", announced).read(Window(stream, 0, size).buffered(), limit)
    yield from chain.from_iterable(announced.values())


def unreadable_file(faults: Iterable[BadLine] = ()) -> Problem:
    """Return the problem of a file that is no rescue file: why, and what is accepted."""
    accepted = N_("Accepted are the .txt file and the ZIP that the phone's rescue page writes.")
    why = dict.fromkeys(
        WHY_MESSAGES[fault.why] for fault in faults if fault.why in ("locked", "nested", "cut")
    )
    return Problem("import.unreadable", [FieldError("file", text) for text in (*why, accepted)])


class _ArchiveReader:
    """Reads the entries of one ZIP; keeps what was announced and how much may still come."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.announced: Announced = {}

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        """Yield the items of a ZIP: lines, files, and the announced files that are not in it."""
        archive = open_archive(stream)
        if not archive.entries:
            raise unreadable_file()
        files = [entry for entry in archive.entries if _is_file(entry.name)]
        texts = [entry for entry in archive.entries if not _is_file(entry.name)]
        for entry in (*sorted(texts, key=lambda text: text.name), *files):
            yield from self._read_entry(entry)
            if self.left <= 0:
                yield BadLine(Place(entry.name, 0), "too_large")
                break
        if archive.more:
            yield BadLine(Place("", 0), "too_many")
        if not archive.whole:
            yield BadLine(Place("", 0), "cut_zip")
        yield from chain.from_iterable(self.announced.values())

    def _read_entry(self, entry: Entry) -> Iterator[Item]:
        place = Place(entry.name, 0)
        if entry.fault:
            yield BadLine(place, entry.fault)
            return
        lines = LineReader(entry.name, self.announced)
        try:
            with entry.open() as packed:
                head = packed.peek(64)
                if _HASH.search(entry.name) or head.startswith(_BINARY):
                    data = _read_most(packed, FILE_BYTES + 1)
                    self.left -= len(data)
                    yield from self._read_file(entry, data)
                elif head[:4] in _ZIP:
                    yield BadLine(place, "nested")
                else:
                    yield from lines.read(packed, self.left)
        except ZIP_ERRORS:
            yield BadLine(Place(entry.name, lines.line), "bad_entry")
        self.left -= lines.bytes

    def _read_file(self, entry: Entry, data: bytes) -> Iterator[Item]:
        """Yield the file that an entry's bytes are, for each officer whose line speaks of it.

        It is known by its hash, whatever its name says.
        """
        place = Place(entry.name, 0)
        if len(data) > FILE_BYTES:
            yield BadLine(place, "too_long")
            return
        match = _HASH.search(entry.name)
        named = match[0] if match is not None else None
        sha256 = hashlib.sha256(data).hexdigest()
        if entry.cut and named is not None and sha256 != named:
            data, sha256 = _without_torn_end(data, named)
        known = self.announced.pop(sha256, [])
        if not known and sha256 != named:
            if named is None or entry.cut:
                yield BadLine(place, "not_rescue" if named is None else "cut_file")
                return
            sha256 = named  # whoever takes it in says that these are other bytes
            known = self.announced.pop(sha256, [])
        for line in known:
            yield replace(line, place=place, data=data)
        if not known:
            kind, content_type = _guess(data)
            yield RescueFile(place, None, sha256, kind, content_type, data)


def _read_most(stream: BinaryIO, most: int) -> bytes:
    """Return a stream's bytes, at most so many; `read` would make room for all of them first."""
    data = bytearray()
    while len(data) < most and (piece := stream.read(min(_PIECE, most - len(data)))):
        data += piece
    return bytes(data)


def _is_file(name: str) -> bool:
    """Tell by its name whether an entry is a file and not lines; those are read first."""
    return bool(_HASH.search(name)) or name.lower().endswith(_ENDINGS)


def _without_torn_end(data: bytes, sha256: str) -> tuple[bytes, str]:
    """Return bytes without the part of ZIP's own that a cut left behind them, and their hash."""
    for torn in range(1, min(_DESCRIPTOR_BYTES, len(data)) + 1):
        if hashlib.sha256(data[:-torn]).hexdigest() == sha256:
            return data[:-torn], sha256
    return data, hashlib.sha256(data).hexdigest()


def _guess(data: bytes) -> tuple[str, str]:
    """Return kind and type of a file that no line speaks of any more."""
    for head, content_type in ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png")):
        if data.startswith(head):
            return "photo", content_type
    return "attachment", "application/octet-stream"
