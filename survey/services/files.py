"""Taking files in: chunk by chunk, resumable at the byte, believed only after the hash.

The HTTP door hands pieces over as they arrive; nothing here holds a whole photo in memory.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from survey.domain.identifiers import is_sha256
from survey.domain.instants import Instant
from survey.domain.limits import CHUNK_BYTES, FILE_BYTES, FILE_KINDS
from survey.domain.problems import FieldError, Problem
from survey.store.connection import Store
from survey.store.erasures import is_erased
from survey.store.files import FileRoom, find_file, has_sent, insert_file
from survey.store.jobs import enqueue_job
from survey.store.partials import Partial, WrongOffsetError

THUMBNAIL_JOB = "thumbnail"
RADIO_LOG_JOB = "radio_log"

_NO_PHONE = 2**40
"""Partials of files that came by no phone have numbers above those of all phones."""

_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")


class Sender(Protocol):
    """Who sends a file: an enrolled device."""

    @property
    def key(self) -> int: ...
    @property
    def user_key(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload stands, in bytes; complete when both are equal."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Upload:
    """What a phone declares about the chunk it sends."""

    sha256: str
    offset: int
    length: int
    content_type: str
    kind: str


def read_upload(
    sha256: str, offset: str | None, length: str | None, content_type: str | None, kind: str | None
) -> Upload:
    """Check the declared values of a chunk; faults are named by their header."""
    _check_hash(sha256)
    errors = []
    if offset is None or not _is_count(offset):
        errors.append(FieldError("Upload-Offset", "a whole number of bytes is needed"))
    if length is None or not _is_count(length) or int(length) < 1:
        errors.append(FieldError("Upload-Length", "a whole number of bytes is needed"))
    if kind not in FILE_KINDS:
        errors.append(FieldError("X-File-Kind", "one of " + ", ".join(FILE_KINDS)))
    media = (content_type or "").partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(media):
        errors.append(FieldError("Content-Type", "a media type is needed"))
    if errors or offset is None or length is None or kind is None:
        raise Problem("request.malformed", errors)
    if int(length) > FILE_BYTES or int(offset) > int(length):
        raise Problem("file.too_large")
    return Upload(sha256, int(offset), int(length), media, kind)


def get_progress(store: Store, room: FileRoom, sender: Sender, sha256: str) -> Progress | None:
    """Return how much of a file this phone has sent, or None when nothing of it came.

    What others sent counts for nothing: whoever only knows a hash learns nothing by it.
    """
    _check_hash(sha256)
    connection = store.reader()
    row = find_file(connection, sha256) if has_sent(connection, sha256, sender.user_key) else None
    if row is not None and (row["erased_at"] or room.stored_size(sha256) == row["bytes"]):
        return Progress(row["bytes"], row["bytes"])
    length = _declared_length(room, sender, sha256)
    size = room.resumable_size(sender.key, sha256, length or FILE_BYTES + 1)
    if size == 0:
        return None
    return Progress(size, length or size + 1)


def receive_chunk(
    store: Store,
    room: FileRoom,
    sender: Sender,
    upload: Upload,
    pieces: Iterable[bytes],
    now: Instant,
) -> tuple[Literal["partial", "stored", "known"], int]:
    """Take one chunk; return what became of the file and the new offset.

    A file that is here by another officer, or from a restored folder of files, is one's own
    only by its bytes: all of them, or a whole chunk that is as the file begins.
    Raises file.wrong_offset (with `offset`), file.wrong_hash, file.too_large.
    """
    if is_erased(store.reader(), "file", upload.sha256):
        return "known", upload.length  # the phone may forget about it too
    if _came_before(store, room, sender, upload, now):
        return "known", upload.length
    try:
        with room.open_partial(sender.key, upload.sha256, upload.offset) as partial:
            if upload.offset == 0 and _came_before(store, room, sender, upload, now):
                return "known", upload.length  # another request finished it since the first look
            store.release()  # a chunk over 2G takes minutes, and needs no reader
            # Before the first byte, so that a cut upload can say its length too.
            partial.note(room.length_of(sender.key, upload.sha256), str(upload.length))
            for piece in pieces:
                partial.write(piece, upload.length)
                if partial.size == upload.length:
                    break
            outcome = _end(room, sender, upload, partial)
    except WrongOffsetError:
        offset = room.resumable_size(sender.key, upload.sha256, upload.length)
        raise Problem("file.wrong_offset", offset=offset) from None
    except ValueError:
        raise Problem("file.too_large") from None
    if outcome == "partial":
        return outcome, partial.size
    room.length_of(sender.key, upload.sha256).unlink(missing_ok=True)
    if outcome == "wrong":
        raise Problem("file.wrong_hash")
    if not _keep(store, room, upload, sender.user_key, sender.key, now):
        outcome = "known"
    room.proof_of(sender.key, upload.sha256).unlink(missing_ok=True)
    return outcome, upload.length


def _end(
    room: FileRoom, sender: Sender, upload: Upload, partial: Partial
) -> Literal["partial", "stored", "known", "wrong"]:
    """Do what is to be done after the last byte of a chunk."""
    target = room.path_of(upload.sha256)
    if partial.size == upload.length:
        right = partial.finish(upload.sha256, target, room.proof_of(sender.key, upload.sha256))
        return "stored" if right else "wrong"
    here = room.stored_size(upload.sha256) == upload.length
    # Whoever knows a hash only cannot know a chunk of the file.
    if here and partial.size >= CHUNK_BYTES[0] and partial.begins(target):
        partial.drop()
        return "known"
    return "partial"


def open_own_file(store: Store, room: FileRoom, sender: Sender, sha256: str) -> tuple[Path, str]:
    """Return path and media type of a file that the officer sent, else file.not_found.

    Naming its hash in a visit opens nothing: hashes stand in exports for everybody to read.
    """
    _check_hash(sha256)
    connection = store.reader()
    row = find_file(connection, sha256)
    if row is None or not has_sent(connection, sha256, sender.user_key):
        raise Problem("file.not_found")
    if row["erased_at"] is not None:
        raise Problem("file.erased")
    path = room.path_of(sha256)
    if not path.is_file():
        raise Problem("file.not_found")
    return path, row["content_type"]


def receive_whole(
    store: Store, room: FileRoom, officer_key: int, data: bytes, upload: Upload, now: Instant
) -> Literal["stored", "known", "erased"]:
    """Take a file that is here in full and came by no phone, by the steps of an upload.

    Raises file.wrong_hash. Several may bring the same file at once: each has its own partial.
    """
    if hashlib.sha256(data).hexdigest() != upload.sha256:
        raise Problem("file.wrong_hash")
    if is_erased(store.reader(), "file", upload.sha256):
        return "erased"
    here = room.stored_size(upload.sha256) == upload.length
    if not here:
        place = _NO_PHONE + secrets.randbits(30)
        try:
            with room.open_partial(place, upload.sha256, 0) as partial:
                partial.write(data, upload.length)
                if not partial.finish(upload.sha256, room.path_of(upload.sha256)):
                    raise Problem("file.wrong_hash")
        finally:
            room.partial_of(place, upload.sha256).unlink(missing_ok=True)
    if not _keep(store, room, upload, officer_key, None, now):
        return "erased"
    return "known" if here else "stored"


def _check_hash(sha256: str) -> None:
    if not is_sha256(sha256):
        raise Problem("file.not_found")


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _declared_length(room: FileRoom, sender: Sender, sha256: str) -> int | None:
    try:
        return int(room.length_of(sender.key, sha256).read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _came_before(
    store: Store, room: FileRoom, sender: Sender, upload: Upload, now: Instant
) -> bool:
    """Tell whether this officer sent all of a file before, and its bytes are here.

    Then nothing of a second upload of it is left behind.
    """
    if room.stored_size(upload.sha256) != upload.length:
        return False  # what a disk lost or cut short is taken again
    if not has_sent(store.reader(), upload.sha256, sender.user_key):
        # Killed between the move of the bytes and the row: they were right.
        if not room.proof_of(sender.key, upload.sha256).exists():
            return False
        _keep(store, room, upload, sender.user_key, sender.key, now)
    for name in (room.partial_of, room.length_of, room.proof_of):
        name(sender.key, upload.sha256).unlink(missing_ok=True)
    return True


def _keep(
    store: Store,
    room: FileRoom,
    upload: Upload,
    officer_key: int,
    device_key: int | None,
    now: Instant,
) -> bool:
    """Note a file whose bytes are durable; False: it was erased meanwhile, so they go again."""

    def note(connection: sqlite3.Connection) -> bool:
        if is_erased(connection, "file", upload.sha256):
            return False
        _note_file(connection, upload, upload.length, officer_key, device_key, now)
        return True

    kept = store.write(note)
    if not kept:
        room.remove(upload.sha256)
    return kept


def _note_file(
    connection: sqlite3.Connection,
    upload: Upload,
    size: int,
    officer_key: int,
    device_key: int | None,
    now: Instant,
) -> None:
    insert_file(
        connection,
        sha256=upload.sha256,
        kind=upload.kind,
        content_type=upload.content_type,
        size=size,
        officer_key=officer_key,
        device_key=device_key,
        now=now,
    )
    if upload.kind == "photo":
        enqueue_job(connection, THUMBNAIL_JOB, upload.sha256, now)
    elif upload.kind == "radio_log":
        enqueue_job(connection, RADIO_LOG_JOB, upload.sha256, now)
