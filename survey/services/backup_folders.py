"""A folder of backups: databases by their time, each with a manifest, and files by their hash.

A backup is whole when its manifest is there, because that is written last. Knows the layout
only: not how a backup is made nor how it is restored.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.store import copies
from survey.store.files import FileRoom

COPIED = ("secret_key", "survey.cfg")
"""What belongs to an instance beside database and files."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a whole backup says of itself; `missing_files` were not there when it was made.

    `number` counts the backups of a folder: the order in which they were made, whatever a
    clock said meanwhile. Those of before it was counted have 0.
    """

    name: str
    made_at: Instant
    app_version: str
    steps: tuple[str, ...]
    store_id: str
    counts: dict[str, int]
    bytes: int
    sha256: str
    missing_files: tuple[str, ...]
    number: int = 0


class BackupFolder:
    """The places in a folder of backups."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.room = FileRoom(path)

    def database(self, name: str) -> Path:
        """Return where the database of a backup is."""
        return self.path / f"{name}.db"

    def manifest(self, name: str) -> Path:
        """Return where the manifest of a backup is."""
        return self.path / f"{name}.manifest.json"

    def list_manifests(self) -> list[Manifest]:
        """Return the readable manifests whose database has its size, newest first."""
        found = []
        for path in self.path.glob("survey-*.manifest.json"):
            manifest = _read_manifest(path)
            if manifest is not None and self._has_size(manifest):
                found.append(manifest)
        return sorted(found, key=lambda each: (each.number, each.name), reverse=True)

    def _has_size(self, manifest: Manifest) -> bool:
        try:
            return self.database(manifest.name).stat().st_size == manifest.bytes
        except FileNotFoundError:
            return False

    def write_manifest(self, manifest: Manifest) -> None:
        """Make a backup whole."""
        text = json.dumps(asdict(manifest), indent=1) + "\n"
        copies.write_file(self.manifest(manifest.name), text.encode())

    def remove(self, name: str) -> None:
        """Remove a backup's database; its files stay for the others."""
        self.manifest(name).unlink(missing_ok=True)
        self.database(name).unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove what a killed backup left: unfinished copies, databases without a manifest."""
        for path in (*self.path.glob("*.tmp"), *self.room.files.glob("*/*.tmp")):
            path.unlink(missing_ok=True)
        for path in self.path.glob("survey-*.db"):
            if not self.manifest(path.stem).exists():
                path.unlink()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder; raises backup.running while somebody else does."""
        handle = os.open(self.path / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem("backup.running") from None
            yield
        finally:
            os.close(handle)


def name_backup(now: Instant) -> str:
    """Return the name of a backup of an instant: text order is time order."""
    return "survey-" + now.translate({ord(sign): None for sign in "-:."})


def _read_manifest(path: Path) -> Manifest | None:
    try:
        value: dict[str, Any] = json.loads(path.read_text("utf-8"))
        known = {name: value[name] for name in Manifest.__slots__ if name in value}
        lists = {name: tuple(value[name]) for name in ("steps", "missing_files")}
        manifest = Manifest(**{**known, **lists})
    except (ValueError, TypeError, KeyError):
        return None
    return manifest if path.name == f"{manifest.name}.manifest.json" else None
