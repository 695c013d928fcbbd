"""Pictures of visits for people to look at: drawn anew once, then kept in the cache.

A photo that has not arrived is shown by the phone's thumbnail where there is one. Never hands
out the bytes that a phone sent.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from survey.domain.identifiers import is_sha256
from survey.domain.problems import Problem
from survey.formats.images import SIDES, ImageError, draw_safe_image
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.visit_page import find_photo_file

State = Literal["drawn", "missing", "erased", "broken"]

_drawing = threading.BoundedSemaphore(2)
"""Decoded pixels are large: two pictures at a time keep the memory of a worker bounded."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG, or why there is none."""

    state: State
    data: bytes = b""


def draw_picture(store: Store, files: FileRoom, sha256: str, size: str) -> Picture:
    """Return a photo of a visit as a safe JPEG; `size` is a key of images.SIDES.

    A hash that no visit names raises file.not_found.
    """
    if not is_sha256(sha256) or size not in SIDES:
        raise Problem("file.not_found")
    row = find_photo_file(store.reader(), sha256)
    if row is None:
        raise Problem("file.not_found")
    if row["erased_at"] is not None:
        return Picture("erased")
    picture = _draw_file(files, sha256, size)
    if picture.state == "missing" and size == "thumbnail" and row["thumbnail_sha256"]:
        picture = _draw_file(files, row["thumbnail_sha256"], size)
    return picture


def _draw_file(files: FileRoom, sha256: str, size: str) -> Picture:
    kept = files.cache / f"{sha256}-{size}.jpg"
    with suppress(OSError):
        return Picture("drawn", kept.read_bytes())
    try:
        data = files.path_of(sha256).read_bytes()
    except FileNotFoundError:
        return Picture("missing")
    try:
        with _drawing:
            drawn = draw_safe_image(data, size)
    except ImageError:
        return Picture("broken")
    _keep(kept, drawn)
    return Picture("drawn", drawn)


def _keep(path: Path, data: bytes) -> None:
    """Put a drawn picture into the cache in one step; a full disk costs only the cache."""
    temporary = path.with_name(f"{path.name}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
