"""Whole copies: of the database while it is written to, and of files by their hash.

Each copy appears under its name only when it is durable; a full disk or a kill leaves at most
a name that ends in `.tmp`. Knows no table.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from survey.store.connection import connect

TEMPORARY = ".tmp"
_CHUNK = 1 << 20


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder, durably, when it is not there."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        fsync_folder(folder.parent)


def copy_database(source: Path, target: Path) -> None:
    """Write one moment of a database as a new file, readable for its owner only.

    Writers go on meanwhile. `target` is replaced. Raises sqlite3.Error, OSError.
    """
    temporary = target.with_name(target.name + TEMPORARY)
    temporary.unlink(missing_ok=True)
    try:
        # VACUUM takes an empty file, which gives the mode before there is anything to read.
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(connect(source)) as connection:
            connection.execute("VACUUM INTO ?", (str(temporary),))
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)


def copy_file(source: Path, target: Path, sha256: str | None = None, mode: int = 0o600) -> bool:
    """Copy a file durably; False, and nothing is there, when its bytes have another hash.

    Raises FileNotFoundError for no `source`, OSError.
    """
    temporary = target.with_name(target.name + TEMPORARY)
    digest = hashlib.sha256()
    try:
        with source.open("rb") as incoming:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(handle, "wb") as outgoing:
                while piece := incoming.read(_CHUNK):
                    digest.update(piece)
                    outgoing.write(piece)
                outgoing.flush()
                os.fsync(outgoing.fileno())
        if sha256 is not None and digest.hexdigest() != sha256:
            temporary.unlink()
            return False
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)
    return True


def write_file(target: Path, content: bytes) -> None:
    """Write a small file durably, readable for its owner only."""
    temporary = target.with_name(target.name + TEMPORARY)
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle_database(path: Path) -> None:
    """Bring all of a database into its one file, durably; nobody else may have it open."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    if path.with_name(path.name + "-wal").exists():
        raise OSError(f"{path.name} is in use")
    with path.open("rb") as file:
        os.fsync(file.fileno())


def copy_closed(source: Path, target: Path) -> None:
    """Copy a database file that nobody has open."""
    shutil.copyfile(source, target)


def is_disk_full(error: BaseException) -> bool:
    """Tell whether SQLite or the system says that the disk has no room."""
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
