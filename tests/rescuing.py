"""Rescue files as static/rescue.js writes them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
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


def zipped(**entries: bytes) -> bytes:
    """Return a ZIP with these entries; two underscores in a name stand for a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()
