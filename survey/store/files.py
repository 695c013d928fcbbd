"""Rows and bytes of files by their SHA-256: photos, thumbnails, logs.

Bytes live in `files/aa/<sha256>`, unfinished ones in `partials/<device>-<sha256>`. Intake is
hash, fsync, rename, fsync of the folder, and only then the row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.domain.identifiers import is_sha256
from survey.domain.instants import Instant
from survey.store.partials import Partial, WrongOffsetError


def find_file(connection: sqlite3.Connection, sha256: str) -> sqlite3.Row | None:
    """Return the row of a file, or None."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT sha256, kind, content_type, bytes, officer_key, stored_at, safe_at, erased_at"
        " FROM files WHERE sha256 = ?",
        (sha256,),
    ).fetchone()
    return row


def insert_file(
    connection: sqlite3.Connection,
    *,
    sha256: str,
    kind: str,
    content_type: str,
    size: int,
    officer_key: int,
    device_key: int | None,
    now: Instant,
) -> None:
    """Note a file whose bytes are durable, and who sent it; known ones gain the sender."""
    connection.execute(
        """
        INSERT INTO files (sha256, kind, content_type, bytes, officer_key, device_key, stored_at)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING
        """,
        (sha256, kind, content_type, size, officer_key, device_key, now),
    )
    connection.execute(
        "INSERT INTO file_officers (sha256, officer_key) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (sha256, officer_key),
    )


def list_known(connection: sqlite3.Connection, hashes: Iterable[str]) -> set[str]:
    """Return those of the hashes whose bytes are here (or were erased: not wanted again)."""
    wanted = list(hashes)
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        marks = ", ".join("?" * len(chunk))
        known.update(
            row[0]
            for row in connection.execute(
                f"SELECT sha256 FROM files WHERE sha256 IN ({marks}) UNION ALL"
                f" SELECT subject FROM erasures WHERE kind = 'file' AND subject IN ({marks})",
                chunk + chunk,
            )
        )
    return known


def list_sent(connection: sqlite3.Connection, hashes: Iterable[str], officer_key: int) -> set[str]:
    """Return those of the hashes that an officer sent (or that were erased: not wanted again)."""
    wanted = list(hashes)
    sent: set[str] = set()
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        marks = ", ".join("?" * len(chunk))
        sent.update(
            row[0]
            for row in connection.execute(
                f"SELECT sha256 FROM file_officers WHERE officer_key = ? AND sha256 IN ({marks})"
                " UNION ALL"
                f" SELECT subject FROM erasures WHERE kind = 'file' AND subject IN ({marks})",
                [officer_key, *chunk, *chunk],
            )
        )
    return sent


def has_sent(connection: sqlite3.Connection, sha256: str, officer_key: int) -> bool:
    """Tell whether all bytes of a file came from this officer: then it is theirs to read."""
    row = connection.execute(
        "SELECT 1 FROM file_officers WHERE sha256 = ? AND officer_key = ?", (sha256, officer_key)
    ).fetchone()
    return row is not None


def mark_erased(connection: sqlite3.Connection, sha256: str, now: Instant) -> None:
    """Note that a file's bytes were removed for good."""
    connection.execute("UPDATE files SET erased_at = ? WHERE sha256 = ?", (now, sha256))


class FileRoom:
    """The folders of an instance in which file bytes live."""

    def __init__(self, instance: Path) -> None:
        self.files = instance / "files"
        self.partials = instance / "partials"
        self.cache = instance / "cache"
        self.strays = instance / "strays"

    def path_of(self, sha256: str) -> Path:
        """Return where a file's bytes are; anything but a hash raises ValueError."""
        if not is_sha256(sha256):
            raise ValueError("not a SHA-256")
        return self.files / sha256[:2] / sha256

    def stored_size(self, sha256: str) -> int | None:
        """Return the bytes of a file that is here in full, None when it is not."""
        try:
            return self.path_of(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def partial_of(self, device_key: int, sha256: str) -> Path:
        """Return where the unfinished bytes of one device's upload are."""
        if not is_sha256(sha256):
            raise ValueError("not a SHA-256")
        return self.partials / f"{device_key}-{sha256}"

    def length_of(self, device_key: int, sha256: str) -> Path:
        """Return where the declared length of an unfinished upload is noted."""
        return self.partial_of(device_key, sha256).with_suffix(".length")

    def proof_of(self, device_key: int, sha256: str) -> Path:
        """Return the mark of an upload whose hash was right, until its row is written."""
        return self.partial_of(device_key, sha256).with_suffix(".sent")

    def partial_size(self, device_key: int, sha256: str) -> int:
        """Return how many bytes of an upload are here, 0 when none."""
        try:
            return self.partial_of(device_key, sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def resumable_size(self, device_key: int, sha256: str, length: int) -> int:
        """Return at which byte an upload of `length` bytes goes on.

        One that is whole but was never finished (the server was killed) gives up its last byte:
        told that all is here, no phone would send anything that could finish it.
        """
        path = self.partial_of(device_key, sha256)
        size = self.partial_size(device_key, sha256)
        if size < length:
            return size
        with path.open("ab", buffering=0) as file:
            try:
                return Partial(file, path, size).shorten(length - 1 if size == length else 0)
            except WrongOffsetError as moved:  # somebody else finished it or went on meanwhile
                return moved.offset

    @contextmanager
    def open_partial(self, device_key: int, sha256: str, offset: int) -> Iterator[Partial]:
        """Open an unfinished file to write on at `offset`.

        WrongOffsetError where it ends elsewhere. What was written before a cut stays, so that
        the phone goes on from there.
        """
        path = self.partial_of(device_key, sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: nothing may reach the file after somebody else went on with it.
        with path.open("ab", buffering=0) as file:
            yield Partial(file, path, offset)

    def remove(self, sha256: str) -> None:
        """Remove a file: its bytes, also set aside, its partials and what was made of it."""
        self.path_of(sha256).unlink(missing_ok=True)
        (self.strays / sha256).unlink(missing_ok=True)
        for folder in (self.partials, self.cache):
            if folder.is_dir():
                for path in folder.glob(f"*{sha256}*"):
                    path.unlink(missing_ok=True)
