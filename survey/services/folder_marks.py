"""The mark in a folder of copies: whose it is, and that its disk is really there.

An empty mount point looks like a folder that nobody used yet. The store remembers each folder
that it marked, so that a folder without its mark is not begun anew in silence on the system's
own disk. Knows nothing of what is copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.settings import Settings
from survey.store import copies
from survey.store.connection import Store
from survey.store.meta import find_meta, set_meta

MARK: Final = "jejak-sinyal.json"
REMEMBERED: Final = "marked_folders"
MOST_REMEMBERED: Final = 50
"""Folders of this store that are remembered, the newest: one a day for a stick carried home."""

Kind = Literal["backups", "replica"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands in a marked folder: `instance` is the same for all restores of one office."""

    kind: str
    instance: str
    id: str
    since: Instant


def name_instance(settings: Settings) -> str:
    """Return what names an instance and its restores, and betrays nothing of the secret key."""
    return hashlib.sha256(b"the mark of a folder\0" + settings.secret_key).hexdigest()[:32]


def read_mark(folder: Path) -> Mark | None:
    """Return the mark of a folder, None when there is none.

    Raises folder.foreign for a mark that nobody can read, OSError.
    """
    try:
        value = json.loads((folder / MARK).read_text("utf-8"))
        return Mark(*(str(value[name]) for name in Mark.__slots__))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, KeyError):
        raise Problem("folder.foreign", folder=folder) from None


def check_folder(
    store: Store, settings: Settings, folder: Path, kind: Kind, *, new: bool = False
) -> Mark | None:
    """Return the mark of a folder that this instance may write to, None when it has none yet.

    With `new` a folder that lost its mark may be begun anew. Raises backup.inside,
    folder.foreign, folder.not_mounted.
    """
    if folder.resolve().is_relative_to(settings.instance.resolve()):
        raise Problem("backup.inside")
    mark = read_mark(folder)
    if mark is None:
        if not new and str(folder) in _list_remembered(store.reader()):
            raise Problem("folder.not_mounted", folder=folder)
        return None
    if (mark.kind, mark.instance) != (kind, name_instance(settings)):
        raise Problem("folder.foreign", folder=folder)
    return mark


def mark_folder(store: Store, settings: Settings, folder: Path, kind: Kind, now: Instant) -> Mark:
    """Mark a folder that `check_folder` let pass, and remember that it is marked."""
    mark = check_folder(store, settings, folder, kind, new=True)
    if mark is None:
        mark = Mark(kind, name_instance(settings), secrets.token_hex(8), now)
        copies.write_file(folder / MARK, (json.dumps(asdict(mark), indent=1) + "\n").encode())
    if _list_remembered(store.reader()).get(str(folder)) != mark.id:
        store.write(lambda connection: _remember(connection, folder, mark.id))
    return mark


def on_same_disk(first: Path, second: Path) -> bool:
    """Tell whether two folders lie on one file system; a folder that is not there: its parent."""
    return _device_of(first) == _device_of(second)


def _device_of(folder: Path) -> int:
    while True:
        try:
            return os.stat(folder).st_dev
        except (FileNotFoundError, NotADirectoryError):
            folder = folder.parent


def _list_remembered(connection: sqlite3.Connection) -> dict[str, str]:
    value: dict[str, str] = json.loads(find_meta(connection, REMEMBERED) or "{}")
    return value


def _remember(connection: sqlite3.Connection, folder: Path, mark_id: str) -> None:
    known = _list_remembered(connection)
    known.pop(str(folder), None)
    newest = [*known.items(), (str(folder), mark_id)][-MOST_REMEMBERED:]
    set_meta(connection, REMEMBERED, json.dumps(dict(newest)))
