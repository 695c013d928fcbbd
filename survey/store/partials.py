"""Unfinished files: appended to by one request at a time, whoever else has them open.

Knows no row and no phone: only a file, its lock and its name.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PIECE_BYTES = 1 << 16


class WrongOffsetError(Exception):
    """A chunk does not continue where the partial file ends; `offset` is where it does."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Partial:
    """An unfinished file, open for one request to append to.

    Several may have the same one open: a phone whose link died goes on at once, while the dead
    request still waits for bytes that never come. Each step holds the file's lock and first
    looks whether somebody else wrote or finished meanwhile: then WrongOffsetError ends it.
    """

    def __init__(self, file: io.FileIO, path: Path, offset: int) -> None:
        self.size = offset
        self._keeps_lock = False
        self._file = file
        self._path = path
        with self._alone():
            pass

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the file, which must be as this request left it; processes wait too.

        Who completed or erased the file by another way may remove it even so.
        """
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            mine, named = os.fstat(self._file.fileno()), self._path.stat()
            if not os.path.samestat(mine, named) or mine.st_size != self.size:
                raise WrongOffsetError(named.st_size)
            yield
        except FileNotFoundError:
            raise WrongOffsetError(0) from None
        finally:
            if not self._keeps_lock:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def write(self, piece: bytes, limit: int) -> None:
        """Append bytes; what would be longer than `limit` empties the file, ValueError.

        Whoever wrote the last byte keeps the lock until the file is finished or closed.
        """
        with self._alone():
            if self.size + len(piece) > limit:
                self._file.truncate(0)
                raise ValueError("longer than declared")
            rest = memoryview(piece)
            while rest:
                written = self._file.write(rest) or 0
                self.size += written
                rest = rest[written:]
            self._keeps_lock = self.size == limit

    def note(self, path: Path, text: str) -> None:
        """Write a small file that belongs to this upload, unless it is over."""
        with self._alone():
            path.write_text(text, "ascii")

    def begins(self, path: Path) -> bool:
        """Tell whether a file, which may be gone by now, begins with what is here."""
        with self._alone(), path.open("rb") as other, self._path.open("rb") as mine:
            while piece := mine.read(_PIECE_BYTES):
                if other.read(len(piece)) != piece:
                    return False
            return True

    def drop(self) -> None:
        """Remove the file."""
        with self._alone():
            self._path.unlink()

    def shorten(self, size: int) -> int:
        """Drop what lies beyond `size` bytes and return it."""
        with self._alone():
            self._file.truncate(size)
            self.size = size
            return size

    def finish(self, sha256: str, target: Path, proof: Path | None = None) -> bool:
        """Hash the file; right: make it durable at `target`; wrong: drop it, False.

        `proof` is made once the hash is known to be right, before the file is moved.
        """
        with self._alone():
            with self._path.open("rb") as file:
                right = hashlib.file_digest(file, "sha256").hexdigest() == sha256
            if not right:
                self._path.unlink()
                return False
            os.fsync(self._file.fileno())
            if not target.parent.is_dir():
                target.parent.mkdir(parents=True, exist_ok=True)
                _fsync_folder(target.parent.parent)
            if proof is not None:
                proof.touch()
            os.replace(self._path, target)
            _fsync_folder(target.parent)
            return True


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
