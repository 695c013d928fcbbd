"""The logs in a file: itself, what a gzip holds, or every log in a ZIP; each as a seekable stream.

Apps share ZIPs (NeoStumbler) and gzips (WiGLE). What is packed is unpacked to a temporary file
without a name, up to a bound.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, Final, cast

from survey.domain.problems import Problem
from survey.formats.radio.recognising import recognise
from survey.formats.radio.texts import HEAD_BYTES
from survey.formats.zip_entries import ZIP_ERRORS, open_archive

UNPACKED_BYTES: Final = 2_000_000_000
"""What a packed log may unpack to; a million rows of the widest format are a quarter of it."""

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP: Final = b"\x1f\x8b"
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bin")
_PACKED_ENTRIES: Final = 100
_PIECE: Final = 4_096
"""A cut pack loses at most the piece at its end."""


def list_logs(
    stream: BinaryIO, name: str, look: bool = False
) -> Iterator[tuple[str, str, BinaryIO]]:
    """Yield name, format and bytes of each log in a file; `look`: only the first bytes."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if head[:4] in _ZIP:
        entries = [
            entry
            for entry in open_archive(stream).entries
            if not entry.fault and not entry.name.lower().endswith(_PICTURES)
        ]
        for entry in entries[:_PACKED_ENTRIES]:
            with entry.open() as packed:
                found = recognise(_peek(packed), entry.name)
            if found is None:
                continue
            if look:
                yield entry.name, found, stream
                continue
            with entry.open() as packed, _unpacked(packed) as part:
                yield entry.name, found, part
    elif head.startswith(_GZIP):
        stream.seek(0)
        with gzip.GzipFile(fileobj=stream) as unzipped:
            found = recognise(_peek(unzipped), name)
        if found is not None and look:
            yield name, found, stream
        elif found is not None:
            stream.seek(0)
            with gzip.GzipFile(fileobj=stream) as unzipped, _unpacked(unzipped) as part:
                yield name, found, part
    else:
        found = recognise(head, name)
        if found is not None:
            yield name, found, stream


def _peek(packed: IO[bytes] | gzip.GzipFile) -> bytes:
    """Return the first unpacked bytes, also of a pack that is cut."""
    head = b""
    try:
        while len(head) < HEAD_BYTES and (piece := packed.read(_PIECE)):
            head += piece
    except ZIP_ERRORS:
        if not head:
            raise
    return head


@contextmanager
def _unpacked(packed: IO[bytes] | gzip.GzipFile) -> Iterator[BinaryIO]:
    """Lend the unpacked bytes as a temporary file without a name; a cut pack gives what it has."""
    with tempfile.TemporaryFile() as part:
        size = 0
        while piece := _read_piece(packed, size):
            size += len(piece)
            if size > UNPACKED_BYTES:
                raise Problem("import.too_large", limit=UNPACKED_BYTES // 1_000_000)
            part.write(piece)  # a disk that is full is no pack that is cut: it raises
        part.seek(0)
        yield cast(BinaryIO, part)


def _read_piece(packed: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    """Return the next unpacked bytes; a pack that is cut ends there, unless it gave nothing."""
    try:
        return packed.read(_PIECE)
    except ZIP_ERRORS:
        if not size:
            raise
        return b""
