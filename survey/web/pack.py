"""The phone's whole app as one download, for a phone that has none of it yet.

Two hundred small files cost a thin link as many requests, and each compressed alone weighs
half as much again. The worker takes the pack apart and checks each file by its hash, so it
believes a pack no more than it believes single files.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Protocol

ALONE = ("/app", "/app/rescue")
"""Pages whose own headers (their content policy) must be kept with them."""


class Part(Protocol):
    """What has a body and a type: a page or a static file."""

    @property
    def body(self) -> bytes: ...

    @property
    def content_type(self) -> str: ...


def order_parts(parts: Mapping[str, Part]) -> list[str]:
    """Return the URLs that belong into the pack, like beside like: they compress together."""
    return sorted(
        (url for url in parts if url not in ALONE),
        key=lambda url: (parts[url].content_type, url),
    )


def build_pack(parts: Mapping[str, Part]) -> bytes:
    """Return the gzip form: a JSON line of [url, type, bytes] for each file, then the files."""
    urls = order_parts(parts)
    head = [[url, parts[url].content_type, len(parts[url].body)] for url in urls]
    bodies: Iterable[bytes] = (parts[url].body for url in urls)
    text = json.dumps(head, separators=(",", ":")).encode() + b"\n"
    return gzip.compress(text + b"".join(bodies), 9, mtime=0)
