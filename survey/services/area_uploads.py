"""An area file between its preview and its import: kept by its hash in the instance's cache."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from survey.domain.identifiers import is_sha256
from survey.domain.problems import Problem
from survey.settings import Settings

KEPT_UPLOADS: Final = 10
"""The newest so many stay; an older preview asks for its file again."""


def keep_upload(settings: Settings, content: bytes) -> str:
    """Keep the bytes of a file for a while and return their SHA-256."""
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / sha256).write_bytes(content)
    newest_first = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[KEPT_UPLOADS:]:
        if old.name != sha256:
            old.unlink(missing_ok=True)
    return sha256


def read_upload(settings: Settings, sha256: str) -> bytes:
    """Return the bytes of a kept file; `area.upload_gone` when they are not here any more."""
    path = _folder(settings) / sha256
    if not is_sha256(sha256) or not path.is_file():
        raise Problem("area.upload_gone")
    return path.read_bytes()


def _folder(settings: Settings) -> Path:
    return settings.instance / "cache" / "area-uploads"
