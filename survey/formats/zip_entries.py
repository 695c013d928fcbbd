"""The entries of a ZIP, whole or cut, as streams that are opened one at a time.

A whole ZIP is read by its table of contents, any other by what `zip_salvage` finds. Nothing
is unpacked to disk, and a name is for people only, never a path.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import BinaryIO, Final, Literal

from survey.formats.zip_salvage import LOCAL, find_entries

ENTRIES: Final = 20_000
"""Photos and thumbnails of some years; more entries are said and not read."""

DIRECTORY_BYTES: Final = 4_000_000
_TAIL: Final = 22 + 65_535
_LOCKED: Final = 1
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What phones and desktops use; the others unpack without a bound on memory."""

ZIP_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged entry may raise."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `name` without its folders; `fault` why it cannot be opened at all.

    `cut` says that its end is missing; `open` may raise ZIP_ERRORS, and so may reading.
    """

    name: str
    open: Callable[[], io.BufferedReader]
    fault: Literal["", "locked", "bad_entry"]
    cut: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """The entries of a ZIP; `whole` when its table of contents was there, `more` when too many."""

    entries: list[Entry]
    whole: bool
    more: bool


def open_archive(stream: BinaryIO) -> Archive:
    """Return what a ZIP holds, with or without its table of contents; `stream` must seek."""
    try:
        archive = _open_whole(stream)
    except ZIP_ERRORS:
        archive = None
    if archive is not None and archive.entries:
        return archive
    found = list(islice(find_entries(stream), ENTRIES + 1))
    entries = [
        Entry(_short(item.name), partial(item.open, stream), item.fault, item.cut)
        for item in found
        if _is_wanted(item.name)
    ]
    return Archive(entries[:ENTRIES], False, len(found) > ENTRIES)


def _open_whole(stream: BinaryIO) -> Archive | None:
    """Return the entries by the table of contents, None when it does not fit what stands there."""
    _check_directory(stream)
    archive = zipfile.ZipFile(stream)
    infos = [info for info in archive.infolist() if _is_wanted(info.filename)]
    for info in infos[:ENTRIES]:
        stream.seek(info.header_offset)
        if stream.read(len(LOCAL)) != LOCAL:
            return None
    entries = [
        Entry(_short(info.filename), partial(archive.open, info), _fault(info), False)  # type: ignore[arg-type]
        for info in infos[:ENTRIES]
    ]
    return Archive(entries, True, len(infos) > ENTRIES)


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a table of contents that alone would fill the memory; ZIP64 is for larger ones."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read(_TAIL)
    end = tail.rfind(b"PK\x05\x06")
    listed = int.from_bytes(tail[end + 12 : end + 16], "little")
    if end < 0 or listed > DIRECTORY_BYTES or tail[max(0, end - 20) :].startswith(b"PK\x06\x07"):
        raise zipfile.BadZipFile


def _fault(info: zipfile.ZipInfo) -> Literal["", "locked", "bad_entry"]:
    if info.flag_bits & _LOCKED:
        return "locked"
    return "" if info.compress_type in _COMPRESSIONS else "bad_entry"


def _is_wanted(name: str) -> bool:
    return bool(name) and not name.endswith("/") and not name.startswith("__MACOSX/")


def _short(name: str) -> str:
    """Return the last part of an entry's name, printable: it is shown and never a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:120]
