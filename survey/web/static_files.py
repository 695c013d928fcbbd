"""Our own static files by content hash: one version for the whole tree, known at start.

A page names `/static/<version>/...`, so that relative imports stay within one version and a
browser may keep each file for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LIBRARIES = "vendor/"
COMPRESSIBLE = (".js", ".mjs", ".css", ".svg", ".json", ".html")
PHONE_FOLDERS = ("core/", "storage/", "device/", "sync/", "ui/", "icons/")
PHONE_FILES = (
    "boot.js",
    "app.js",
    "rescue.js",
    "rescue_update.js",
    "styles/tokens.css",
    "styles/base.css",
    "styles/app.css",
)
TYPES_ONLY = ("core/types.js",)
"""Modules that hold nothing but types: no page loads them."""
PHONE_LIBRARIES = ("preact/", "htm/", "@preact/", "client-zip/")
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(slots=True)
class StaticFile:
    """One file as it is served: bytes, hash, type, and its compressed form made on need."""

    body: bytes = field(repr=False)
    content_type: str
    compressible: bool
    sha256: str = ""
    _compressed: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.sha256 = hashlib.sha256(self.body).hexdigest()

    def compressed(self) -> bytes | None:
        """Return the gzip form, or None for what does not shrink."""
        if not self.compressible:
            return None
        if self._compressed is None:
            self._compressed = gzip.compress(self.body, 9, mtime=0)
        return self._compressed


class StaticFiles:
    """The tree of static files as it was when the process started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = dict(sorted(_scan(folder)))
        listing = "\n".join(f"{name} {file.sha256}" for name, file in self.files.items())
        self.version = hashlib.sha256(listing.encode()).hexdigest()[:16]

    @property
    def base(self) -> str:
        """The URL under which this version is served."""
        return f"/static/{self.version}"

    def url(self, name: str) -> str:
        """Return the URL of a file; an unknown one raises KeyError at once."""
        if name not in self.files:
            raise KeyError(name)
        return f"{self.base}/{name}"

    def list_for_phone(self) -> dict[str, str]:
        """Return URL to SHA-256 of every file that the phone's shell needs offline."""
        return {
            f"{self.base}/{name}": file.sha256
            for name, file in self.files.items()
            if name in PHONE_FILES
            or (name.startswith(PHONE_FOLDERS) and name not in TYPES_ONLY)
            or (
                name.startswith(tuple(f"vendor/{library}" for library in PHONE_LIBRARIES))
                and name.endswith((".js", ".mjs"))
            )
        }


def leave_out_comments(source: str) -> str:
    """Return a module of ours without its comments, each line where it was.

    A quarter of the phone's first load over a thin link would be words for us. Only comments
    that fill whole lines go; a test compares the code that is left with the code that was.
    """
    lines: list[str] = []
    inside = False
    for line in source.split("\n"):
        text = line.strip()
        if inside or text.startswith("/*"):
            inside = "*/" not in text
            lines.append("" if inside else text.split("*/", 1)[1])
        else:
            lines.append("" if text.startswith("//") else line)
    return "\n".join(lines)


def _scan(folder: Path) -> Iterator[tuple[str, StaticFile]]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(folder).as_posix()
            content_type = (
                TYPES.get(path.suffix)
                or mimetypes.guess_type(path.name)[0]
                or "application/octet-stream"
            )
            body = path.read_bytes()
            if path.suffix == ".js" and not name.startswith(LIBRARIES):
                body = leave_out_comments(body.decode("utf-8")).encode()
            yield name, StaticFile(body, content_type, path.suffix in COMPRESSIBLE)
