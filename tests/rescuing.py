"""Rescue files as static/rescue.js writes them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from typing import Any

HEADER = {
    "type": "header",
    "format": "jejak-sinyal-rescue",
    "version": 1,
    "made_at": "2026-05-04T03:00:00.000Z",
    "unsent_only": False,
}


def officer_line(officer_id: str, name: str = "Sari") -> dict[str, Any]:
    """Return the line that names an officer."""
    return {"type": "officer", "id": officer_id, "name": name}


def record_line(envelope: dict[str, Any], officer_id: str | None, **facts: Any) -> dict[str, Any]:
    """Return the line of a record as the phone has it."""
    named = {} if officer_id is None else {"officer_id": officer_id}
    kept = {"type": "record", **named, "state": "waiting", "order": 1, "files": []}
    return {**kept, **envelope, **facts}


def file_line(data: bytes, officer_id: str | None, /, **facts: Any) -> dict[str, Any]:
    """Return the line of a photo."""
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "kind": "photo",
        "bytes": len(data),
        "state": "queued",
        "type": "file",
        "officer_id": officer_id,
        "content_type": "image/jpeg",
        "data": base64.b64encode(data).decode(),
        **facts,
    }


def rescue_text(*lines: dict[str, Any] | str, header: bool = True) -> bytes:
    """Return a rescue file; a line given as text is taken as it is."""
    every = [HEADER, *lines] if header else lines
    texts = [
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in every
    ]
    return "".join(f"{text}\n" for text in texts).encode("utf-8", "surrogatepass")


def entry_line(data: bytes, officer_id: str | None, /, **facts: Any) -> dict[str, Any]:
    """Return the line of a photo whose bytes are an entry of the ZIP."""
    line = file_line(data, officer_id, data=None, **facts)
    return {**line, "entry": f"files/{line['sha256']}.jpg"}


def phone_zip(text: bytes, *files: bytes, name: str = "records.txt") -> bytes:
    """Return a ZIP as phones write it (client-zip): stored, sizes behind the bytes."""
    named = [(f"files/{hashlib.sha256(data).hexdigest()}.jpg", data) for data in files]
    return client_zip((name, text), *named)


def client_zip(*entries: tuple[str, bytes]) -> bytes:
    """Return a ZIP of entries byte for byte as client-zip writes it."""
    packed, directory = bytearray(), bytearray()
    for name, data in entries:
        raw, crc, start = name.encode(), zlib.crc32(data), len(packed)
        packed += b"PK\x03\x04" + struct.pack("<5H3I2H", 45, 8, 0, 0, 0x5C64, 0, 0, 0, len(raw), 0)
        packed += raw + data
        packed += b"PK\x07\x08" + struct.pack("<3I", crc, len(data), len(data))
        facts = (45, 45, 2056, 0, 0, 0x5C64, crc, len(data), len(data), len(raw), 0, 0, 0, 0)
        directory += b"PK\x01\x02" + struct.pack("<6H3I5H2I", *facts, 0, start) + raw
    sizes = (len(entries), len(entries), len(directory), len(packed), 0)
    return bytes(packed + directory) + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, *sizes)


def zipped(**entries: bytes) -> bytes:
    """Return a ZIP with these entries; two underscores in a name stand for a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


def locked(packed: bytes) -> bytes:
    """Mark every entry of a ZIP as encrypted, in its header and in the table of contents."""
    marked = bytearray(packed)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = packed.find(mark)
        while at >= 0:
            marked[at + offset] |= 1
            at = packed.find(mark, at + 4)
    return bytes(marked)
