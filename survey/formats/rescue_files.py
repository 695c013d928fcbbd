"""The phone's rescue file: bytes -> records, files and the reason of every line that is neither.

One JSON object a line (static/rescue.js writes it), alone or in a ZIP that people made. Reads
line by line, in bounded memory, whatever was cut, renamed or mixed in. Pure: asks no store.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import msgspec

from survey.domain.identifiers import is_sha256
from survey.domain.labels import N_
from survey.domain.limits import FILE_BYTES
from survey.domain.problems import FieldError, Problem
from survey.formats.rescue_items import BadLine, Item, Place, RescueFile, RescueNote, RescueRecord
from survey.formats.wire import load_damaged, read_envelope

RESCUE_BYTES: Final = 500_000_000
"""The largest rescue file, also unpacked."""

LINE_BYTES: Final = FILE_BYTES * 4 // 3 + 100_000
"""A file of 25 MB in base64 and what is said about it."""

LINES: Final = 200_000
ENTRIES: Final = 200
DIRECTORY_BYTES: Final = 1_000_000
PAYLOAD_HINT_BYTES: Final = 1_000_000

FORMAT: Final = "jejak-sinyal-rescue"
_UTF8_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_ZIP_TAIL: Final = 22 + 65_535
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What phones and desktops use; the others unpack without a bound on memory."""

_ZIP_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def read_rescue(stream: BinaryIO) -> Iterator[Item]:
    """Yield what a rescue file holds, in order; `stream` must seek.

    A ZIP is read entry by entry in the order of names, nothing is unpacked to disk. Raises
    `import.unreadable` for a ZIP that does not open.
    """
    stream.seek(0)
    head = stream.read(4)
    stream.seek(0)
    if head not in _ZIP:
        yield from _Reader("").read(stream, RESCUE_BYTES)
        return
    try:
        _check_directory(stream)
        archive = zipfile.ZipFile(stream)
    except _ZIP_ERRORS:
        raise unreadable_file() from None
    with archive:
        yield from _read_archive(archive)


def unreadable_file() -> Problem:
    """Return the problem of a file that is no rescue file, with what is accepted."""
    accepted = N_("Accepted are the .txt file of the phone's rescue page, and a ZIP of such files.")
    return Problem("import.unreadable", [FieldError("file", accepted)])


def _read_archive(archive: zipfile.ZipFile) -> Iterator[Item]:
    infos = sorted((info for info in archive.infolist() if _is_wanted(info)), key=_entry_name)
    left = RESCUE_BYTES
    for info in infos[:ENTRIES]:
        name = _entry_name(info)
        reader = _Reader(name)
        try:
            if info.compress_type not in _COMPRESSIONS:
                raise zipfile.BadZipFile
            with archive.open(info) as entry:
                yield from reader.read(entry, left)  # type: ignore[arg-type]
        except _ZIP_ERRORS:
            yield BadLine(Place(name, reader.line), "bad_entry")
        left -= reader.bytes
        if left <= 0:
            return
    if len(infos) > ENTRIES:
        yield BadLine(Place(_entry_name(infos[ENTRIES]), 0), "too_many")


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    name = info.filename
    return bool(name) and not name.endswith("/") and not name.startswith("__MACOSX/")


def _entry_name(info: zipfile.ZipInfo) -> str:
    """Return the last part of an entry's name, printable: it is shown and never a path."""
    last = info.filename.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:120]


class _Reader:
    """Reads one stream of lines; keeps where it is and whose lines these are."""

    def __init__(self, entry: str) -> None:
        self.entry = entry
        self.line = 0
        self.bytes = 0
        self.officer_id: str | None = None

    def read(self, stream: BinaryIO, limit: int) -> Iterator[Item]:
        """Yield the items of the lines within `limit` bytes."""
        for raw, whole in self._lines(stream):
            self.line += 1
            self.bytes += len(raw)
            if self.bytes > limit:
                yield BadLine(self._place(), "too_large")
                return
            if self.line > LINES:
                yield BadLine(self._place(), "too_many")
                return
            text = raw.removeprefix(_UTF8_BOM).strip(b" \t\r\n\0")
            if len(raw) > LINE_BYTES:
                yield BadLine(self._place(), "too_long")
            elif text:
                yield self._item(text, whole)

    def _lines(self, stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
        """Yield each line and whether its end is there; of a too long one only its beginning."""
        with _open_lines(stream) as read:
            while raw := read(LINE_BYTES + 1):
                rest = raw
                while len(raw) > LINE_BYTES and not rest.endswith(b"\n"):
                    rest = read(LINE_BYTES)
                    self.bytes += len(rest)
                    if not rest or self.bytes > RESCUE_BYTES:
                        break
                yield raw, rest.endswith(b"\n")

    def _place(self) -> Place:
        return Place(self.entry, self.line)

    def _item(self, text: bytes, whole: bool) -> Item:
        place = self._place()
        value = _load(text)
        if not isinstance(value, dict):
            return BadLine(place, "not_json" if whole else "cut")
        kind = value.get("type")
        named = value.get("officer_id")
        officer_id = named if isinstance(named, str) else self.officer_id
        if kind == "record":
            area_id, area_name = _area_of(value)
            order = value.get("order")
            number = order if isinstance(order, int) else 0
            return RescueRecord(place, officer_id, read_envelope(value), number, area_id, area_name)
        if kind == "file":
            return _read_file(place, officer_id, value)
        if kind == "officer" and isinstance(value.get("id"), str):
            self.officer_id = value["id"]
            return RescueNote(place, "officer")
        if kind == "draft" or (kind == "header" and value.get("format") == FORMAT):
            return RescueNote(place, str(kind))
        return BadLine(place, "unknown_type")


@contextmanager
def _open_lines(stream: BinaryIO) -> Iterator[Callable[[int], bytes]]:
    """Give a function that reads a line of at most so many bytes, as UTF-8."""
    head = stream.read(2)
    stream.seek(0)
    if head not in _UTF16_BOMS:
        yield stream.readline
        return
    # Windows' editor calls this "Unicode".
    text = io.TextIOWrapper(stream, "utf-16", "replace", newline="\n")
    try:
        yield lambda size: text.readline(size).encode("utf-8", "surrogatepass")
    finally:
        text.detach()


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a ZIP whose list of entries alone would fill the memory; ZIP64 is for larger ones."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _ZIP_TAIL))
    tail = stream.read(_ZIP_TAIL)
    end = tail.rfind(b"PK\x05\x06")
    listed = int.from_bytes(tail[end + 12 : end + 16], "little")
    if end < 0 or listed > DIRECTORY_BYTES or tail[max(0, end - 20) :].startswith(b"PK\x06\x07"):
        raise zipfile.BadZipFile


def _load(text: bytes) -> Any:
    if not text.startswith(b"{"):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return load_damaged(text)


def _read_file(place: Place, officer_id: str | None, value: dict[str, Any]) -> Item:
    sha256, data = value.get("sha256"), value.get("data")
    if not is_sha256(sha256) or not (data is None or isinstance(data, str)):
        return BadLine(place, "bad_file")
    content = None
    if data is not None:
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            return BadLine(place, "bad_file")
    kind, content_type = value.get("kind"), value.get("content_type")
    return RescueFile(
        place,
        officer_id,
        str(sha256),
        kind if isinstance(kind, str) else "",
        content_type if isinstance(content_type, str) else "",
        content,
    )


def _area_of(value: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the id of the area a record is about, and its name as the phone had it."""
    summary = value.get("summary")
    named = summary if isinstance(summary, dict) else {}
    area = _payload_area(value.get("payload"))
    claimed = area.get("claimed")
    area_id = area.get("id", named.get("area_id"))
    name = claimed.get("name") if isinstance(claimed, dict) else named.get("area_name")
    return (
        area_id if isinstance(area_id, str) else None,
        name[:200] if isinstance(name, str) else None,
    )


def _payload_area(payload: object) -> dict[str, Any]:
    if not isinstance(payload, str) or len(payload) > PAYLOAD_HINT_BYTES:
        return {}
    try:
        value = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    area = value.get("area") if isinstance(value, dict) else None
    return area if isinstance(area, dict) else {}
