"""Photos and backups for tests: bytes as intake leaves them, and a look at what a phone is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

from survey.services.changes import list_changes_for
from survey.services.setup import get_store_id
from survey.store.connection import Store
from survey.store.files import FileRoom, insert_file
from survey.store.users import User
from tests.factories import NOW


def put_file(store: Store, room: FileRoom, officer: User, data: bytes) -> Path:
    """Let a photo be here as intake leaves it; return its path, whose name is its hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = room.path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    note_file(store, officer, sha256, len(data))
    return path


def note_file(store: Store, officer: User, sha256: str, size: int) -> None:
    """Note that an officer sent a file."""
    store.write(
        lambda connection: insert_file(
            connection,
            sha256=sha256,
            kind="photo",
            content_type="image/jpeg",
            size=size,
            officer_key=officer.key,
            device_key=None,
            now=NOW,
        )
    )


class Reader:
    """An officer's phone that reads the feed."""

    def __init__(self, officer: User) -> None:
        self.user_key = officer.key


def told_safe(store: Store, officer: User) -> dict[str, str]:
    """Return hash -> safe_at of all that an officer's phone is told, from the feed's beginning."""
    page = list_changes_for(store, Reader(officer), get_store_id(store), "", 10_000)
    return {
        change["id"]: change["data"]["safe_at"]
        for change in page.changes
        if change["kind"] == "file_safe" and not change["deleted"]
    }
