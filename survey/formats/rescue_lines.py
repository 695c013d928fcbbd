"""The lines of a rescue file: one JSON object each -> records, files, notes, or why it is none.

Reads in bounded memory, whatever was cut, re-encoded or mixed in.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from survey.domain.identifiers import is_sha256
from survey.domain.limits import FILE_BYTES
from survey.formats.rescue_items import BadLine, Item, Place, RescueFile, RescueNote, RescueRecord
from survey.formats.wire import load_damaged, read_envelope

LINE_BYTES: Final = FILE_BYTES * 4 // 3 + 100_000
"""A file of 25 MB in base64 and what is said about it."""

LINES: Final = 200_000
PAYLOAD_HINT_BYTES: Final = 1_000_000
FILES_OF_A_RECORD: Final = 2_000

FORMAT: Final = "jejak-sinyal-rescue"
VERSION: Final = 1
_UTF8_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


Announced = dict[str, list[RescueFile]]
"""Files whose bytes stand elsewhere, by hash: two officers may have the same picture."""


class LineReader:
    """Reads one stream of lines; keeps where it is and whose lines these are.

    `announced` gets the files whose bytes stand elsewhere.
    """

    def __init__(self, entry: str, announced: Announced) -> None:
        self.entry = entry
        self.announced = announced
        self.line = 0
        self.bytes = 0
        self.officer_id: str | None = None

    def read(self, stream: io.BufferedReader, limit: int) -> Iterator[Item]:
        """Yield the items of the lines within `limit` bytes."""
        for raw, whole in self._lines(stream, limit):
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
                yield from self._items(text, whole)

    def _lines(self, stream: io.BufferedReader, limit: int) -> Iterator[tuple[bytes, bool]]:
        """Yield each line and whether its end is there; of a too long one only its beginning."""
        with _open_lines(stream) as read:
            while raw := read(LINE_BYTES + 1):
                rest = raw
                while len(raw) > LINE_BYTES and not rest.endswith(b"\n"):
                    rest = read(LINE_BYTES)
                    self.bytes += len(rest)
                    if not rest or self.bytes > limit:
                        break
                yield raw, rest.endswith(b"\n")

    def _place(self) -> Place:
        return Place(self.entry, self.line)

    def _items(self, text: bytes, whole: bool) -> Iterator[Item]:
        place = self._place()
        value = _load(text)
        if not isinstance(value, dict):
            yield BadLine(place, "not_json" if whole or not text.startswith(b"{") else "cut")
            return
        kind = value.get("type")
        named = value.get("officer_id")
        officer_id = named if isinstance(named, str) else self.officer_id
        if kind == "record":
            yield _read_record(place, officer_id, value)
        elif kind == "file":
            item = _read_file(place, officer_id, value)
            if isinstance(item, RescueFile) and isinstance(value.get("entry"), str):
                self._announce(item)
            else:
                yield item
        elif kind == "officer" and isinstance(value.get("id"), str):
            self.officer_id = value["id"]
            yield RescueNote(place, "officer")
        elif kind == "draft" or (kind == "header" and value.get("format") == FORMAT):
            yield RescueNote(place, str(kind))
            if kind == "header" and value.get("version") != VERSION:
                yield BadLine(place, "newer_form")
        else:
            yield BadLine(place, "unknown_type")

    def _announce(self, file: RescueFile) -> None:
        known = self.announced.setdefault(file.sha256, [])
        if all(other.officer_id != file.officer_id for other in known):
            known.append(file)


@contextmanager
def _open_lines(stream: io.BufferedReader) -> Iterator[Callable[[int], bytes]]:
    """Give a function that reads a line of at most so many bytes, as UTF-8."""
    head = stream.peek(16)[:16]
    if head[:2] not in _UTF16_BOMS or b"\0" not in head:
        yield stream.readline
        return
    # Windows' editor calls this "Unicode"; without a zero byte it is UTF-8 with a damaged start.
    text = io.TextIOWrapper(stream, "utf-16", "replace", newline="\n")
    try:
        yield lambda size: text.readline(size).encode("utf-8", "surrogatepass")
    finally:
        text.detach()


def _load(text: bytes) -> Any:
    if not text.startswith(b"{"):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return load_damaged(text)


def _read_record(place: Place, officer_id: str | None, value: dict[str, Any]) -> RescueRecord:
    order = value.get("order")
    payload = _payload_of(value)
    area_id, area_name = _area_of(value, payload)
    files, photos = _files_of(value, payload)
    return RescueRecord(
        place,
        officer_id,
        read_envelope(value),
        order if isinstance(order, int) else 0,
        area_id,
        area_name,
        files,
        photos,
    )


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


def _payload_of(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a record's payload says, as far as the report wants it; nothing when odd."""
    payload = value.get("payload")
    if not isinstance(payload, str) or len(payload) > PAYLOAD_HINT_BYTES:
        return {}
    try:
        said = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _area_of(value: dict[str, Any], payload: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return the id of the area a record is about, and its name as the phone had it."""
    summary, area = value.get("summary"), payload.get("area")
    named = summary if isinstance(summary, dict) else {}
    chosen = area if isinstance(area, dict) else {}
    claimed = chosen.get("claimed")
    area_id = chosen.get("id", named.get("area_id"))
    name = claimed.get("name") if isinstance(claimed, dict) else named.get("area_name")
    return (
        area_id if isinstance(area_id, str) else None,
        name[:200] if isinstance(name, str) else None,
    )


def _files_of(
    value: dict[str, Any], payload: dict[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the hashes of a record's files and of its photos; the phone's word where the
    payload cannot be read."""
    photos = [item for item in _list(payload.get("photos")) if isinstance(item, dict)]
    others = [item for item in _list(payload.get("files")) if isinstance(item, dict)]
    own = [photo.get("sha256") for photo in photos]
    files = [*(photo.get("thumbnail_sha256") for photo in photos), *own]
    files += [payload.get("sha256"), *(item.get("sha256") for item in others)]
    if not payload:
        files = _list(value.get("files"))
        count = value.get("photos")
        own = files[-count:] if isinstance(count, int) and 0 < count <= len(files) else []
    return _hashes(files), _hashes(own)


def _list(value: object) -> list[Any]:
    return value[:FILES_OF_A_RECORD] if isinstance(value, list) else []


def _hashes(values: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if is_sha256(value)))
