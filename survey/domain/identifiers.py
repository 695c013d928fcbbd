"""Identifiers: UUIDv7 for everything people make, so that ids sort by time."""

from __future__ import annotations

import re
import secrets
import time
import uuid

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def new_id() -> str:
    """Return a new UUIDv7 (RFC 9562) as lower-case text: 48 bits of ms, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def is_uuid(text: object) -> bool:
    """Tell whether a value is a UUID in lower-case hyphenated form."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def is_sha256(text: object) -> bool:
    """Tell whether a value is a SHA-256 in lower-case hex, and so safe as a file name."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None
