"""What uploads and restores left over: given to the record that wants it, else removed, in time.

Nothing goes that a record names or a phone still sends, nothing by one look of a clock that
jumped, and nothing at once: it is set aside first and comes back when somebody asks for it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from survey.domain.identifiers import is_sha256
from survey.domain.instants import Instant, parse_instant
from survey.services.files import THUMBNAIL_JOB
from survey.store import copies, strays
from survey.store.connection import Store
from survey.store.erasures import is_erased
from survey.store.files import FileRoom, find_file
from survey.store.jobs import enqueue_job

PARTIAL_DAYS: Final = 30
"""An upload that nobody continued for so long is cleaned away; the phone begins anew."""

TEMPORARY_DAYS: Final = 2
STRAY_LOOKS: Final = 100
"""Daily looks that must find a stray before it is set aside: phones keep texts for 90 days."""

ASIDE_LOOKS: Final = 130
"""Looks after which what was set aside goes for good."""


@dataclass(slots=True)
class Cleaned:
    """How much was done of each."""

    partials: int = 0
    temporary: int = 0
    adopted: int = 0
    set_aside: int = 0
    brought_back: int = 0
    removed: int = 0


def clean_leftovers(store: Store, room: FileRoom, now: Instant) -> Cleaned:
    """Look after everything that is left over, once a day; return what was done."""
    cleaned = Cleaned(partials=clean_partials(room, now))
    cleaned.temporary = _clean_temporary(room, now)
    seen = strays.read_seen(store.reader())
    found = dict.fromkeys(_iter_strays(store, room))
    aside = {path.name for path in room.strays.glob("*") if is_sha256(path.name)}
    ripe = {sha256 for sha256 in (*found, *aside) if seen.get(sha256, 0) >= STRAY_LOOKS}
    wanted = _list_wanted(store, room, {*ripe, *aside})
    for sha256 in aside:
        _look_aside(store, room, sha256, seen.get(sha256, 0), wanted, cleaned)
    for sha256 in found:
        given = _give_to_claim(store, room, sha256, now, cleaned)
        if not given and sha256 in ripe - wanted:
            _set_aside(room, sha256, cleaned)
    counts = {sha256: seen.get(sha256, 0) + 1 for sha256 in (*found, *aside)}
    if counts or seen:
        store.write(lambda connection: strays.write_seen(connection, counts))
    store.release()
    return cleaned


def clean_partials(room: FileRoom, now: Instant) -> int:
    """Remove uploads that nobody continued for `PARTIAL_DAYS`; return how many.

    Each is looked at again under its lock, so that none goes which a phone goes on with.
    """
    oldest = parse_instant(now).timestamp() - PARTIAL_DAYS * 86_400
    uploads: dict[str, list[Path]] = {}
    if room.partials.is_dir():
        for path in room.partials.iterdir():
            uploads.setdefault(path.stem, []).append(path)
    removed = 0
    for name, paths in uploads.items():
        # The notes beside the bytes are as young as the bytes.
        if all(_is_older(path, oldest) for path in paths) and _remove_partial(
            room.partials / name, oldest
        ):
            for path in paths:
                path.unlink(missing_ok=True)
            removed += 1
    return removed


def _is_older(path: Path, oldest: float) -> bool:
    try:
        return path.stat().st_mtime < oldest
    except FileNotFoundError:
        return True


def _remove_partial(path: Path, oldest: float) -> bool:
    """Remove the bytes of an upload unless somebody holds or has just touched them."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(handle).st_mtime >= oldest:
            return False
        path.unlink(missing_ok=True)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(handle)


def _clean_temporary(room: FileRoom, now: Instant) -> int:
    """Remove copies that a kill cut off, of the instance and of a restore."""
    oldest = parse_instant(now).timestamp() - TEMPORARY_DAYS * 86_400
    removed = 0
    places = (room.files.glob(f"*/*{copies.TEMPORARY}"), room.files.parent.glob("*.db.tmp"))
    for path in (each for place in places for each in place):
        if _is_older(path, oldest):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _iter_strays(store: Store, room: FileRoom) -> Iterator[str]:
    reader = store.reader()
    for path in room.files.glob("*/*"):
        is_ours = is_sha256(path.name) and path == room.path_of(path.name)
        if is_ours and find_file(reader, path.name) is None:
            yield path.name


def _give_to_claim(
    store: Store, room: FileRoom, sha256: str, now: Instant, cleaned: Cleaned
) -> bool:
    """Note a stray for the visit that shows it; False when there is none. An erased one goes."""
    reader, path = store.reader(), room.path_of(sha256)
    if is_erased(reader, "file", sha256):
        room.remove(sha256)
        cleaned.removed += 1
        return True
    claim = strays.find_claim(reader, sha256)
    if claim is None:
        return False
    if _is_whole(path, sha256):
        _adopt(store, path, claim, now)
        cleaned.adopted += 1
    return True


def _set_aside(room: FileRoom, sha256: str, cleaned: Cleaned) -> None:
    room.strays.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileNotFoundError):
        os.replace(room.path_of(sha256), room.strays / sha256)
        cleaned.set_aside += 1


def _look_aside(
    store: Store, room: FileRoom, sha256: str, looks: int, wanted: set[str], cleaned: Cleaned
) -> None:
    """Bring back what is wanted after all (a phone claimed it as it went), else let it go."""
    path = room.strays / sha256
    row = find_file(store.reader(), sha256)
    if (row is not None and row["erased_at"] is None) or sha256 in wanted:
        copies.make_folder(room.path_of(sha256).parent)
        os.replace(path, room.path_of(sha256))
        cleaned.brought_back += 1
    elif looks >= ASIDE_LOOKS:
        path.unlink(missing_ok=True)
        cleaned.removed += 1


def _list_wanted(store: Store, room: FileRoom, hashes: set[str]) -> set[str]:
    """Return the files that a record names or that a phone is on its way with."""
    under_way = {path.name for path in room.partials.glob("*")} if room.partials.is_dir() else ()
    wanted = {each for each in hashes if any(each in name for name in under_way)}
    return wanted | strays.find_named(store.reader(), hashes - wanted)


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        return copies.hash_file(path) == sha256
    except OSError:
        return False


def _adopt(store: Store, path: Path, claim: strays.Claim, now: Instant) -> None:
    with path.open("rb") as file:
        content_type = _guess_type(file.read(16))
    size = path.stat().st_size

    def note(connection: sqlite3.Connection) -> None:
        if is_erased(connection, "file", path.name):
            return
        strays.adopt_file(connection, path.name, claim, content_type, size, now)
        if claim.kind == "photo":
            enqueue_job(connection, THUMBNAIL_JOB, path.name, now)

    store.write(note)


def _guess_type(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "application/octet-stream"
