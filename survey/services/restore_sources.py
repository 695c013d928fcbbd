"""What a store can be restored from: backups in a folder, a replica in a folder or elsewhere.

Each puts a database in its place for the restore to finish, and says where the files are. Knows
nothing of the instance that is made of them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from survey.domain.instants import Instant, normalise_instant
from survey.domain.problems import Problem
from survey.services.backup_folders import BackupFolder
from survey.services.folder_marks import read_mark
from survey.services.litestream import Place, restore_database
from survey.services.telling import Progress
from survey.store import checks, copies
from survey.store.audit import find_last_entry
from survey.store.connection import connect
from survey.store.migrations import STEPS


@dataclass(frozen=True, slots=True)
class Origin:
    """What a store was restored from: the newest moment it knows of, how many records it holds.

    `sha256` names it in the audit; `seq` and `chain` are the last row of its own audit, which
    stand for all that was done until then.
    """

    kind: Literal["backup", "replica"]
    name: str
    as_of: Instant
    sha256: str
    records: int
    seq: int
    chain: str


class Source(Protocol):
    """Something to restore from."""

    @property
    def folder(self) -> Path | None:
        """Where files, key and settings are; None where there is only a database."""

    def stage(self, staged: Path, progress: Progress) -> tuple[Origin, list[str]]:
        """Put the database at `staged`; return what it is, and what was damaged and passed over."""


def find_source(text: str, at: str | None = None) -> Source:
    """Return what a folder or an address holds, as of `at`: a backup's name, a replica's instant.

    Raises backup.none, replica.none, field.invalid, folder.foreign.
    """
    if "://" in text:
        return ReplicaSource(None, Place(None, text), _read_moment(at))
    path = Path(text).resolve()
    mark = read_mark(path)
    if mark is not None and mark.kind == "replica":
        return ReplicaSource(path, _find_newest(path), _read_moment(at))
    return BackupSource(path, at)


def _read_moment(text: str | None) -> Instant | None:
    try:
        return None if text is None else normalise_instant(text)
    except ValueError:
        raise Problem("replica.bad_moment") from None


def _find_newest(path: Path) -> Place:
    """Return the place of the store that was written to last."""
    places = [each for each in (path / "db").glob("*") if each.is_dir()]
    if not places:
        raise Problem("replica.none")
    return Place(max(places, key=_last_written), "")


def _last_written(place: Path) -> float:
    return max((each.stat().st_mtime for each in place.glob("ltx/*/*.ltx")), default=0.0)


@dataclass(frozen=True, slots=True)
class BackupSource:
    """A folder of backups; the newest whole one, or the one of a name."""

    folder: Path
    at: str | None = None

    def stage(self, staged: Path, progress: Progress) -> tuple[Origin, list[str]]:
        """Copy the first database that has the hash of its manifest.

        Raises backup.none, backup.newer, OSError.
        """
        name = self.at.removesuffix(".db") if self.at else None
        folder, skipped = BackupFolder(self.folder), list[str]()
        for manifest in folder.list_manifests():
            if name is not None and manifest.name != name:
                continue
            if set(manifest.steps) - {step for step, _ in STEPS}:
                raise Problem("backup.newer")
            progress("database", 0, 1)
            if copies.copy_file(folder.database(manifest.name), staged, manifest.sha256):
                origin = _read_origin("backup", manifest.name, manifest.made_at, staged)
                return replace(origin, sha256=manifest.sha256), skipped
            skipped.append(manifest.name)
        raise Problem("backup.none")


@dataclass(frozen=True, slots=True)
class ReplicaSource:
    """A replica; its newest moment, or the last one before an instant."""

    folder: Path | None
    place: Place
    at: Instant | None = None

    def stage(self, staged: Path, progress: Progress) -> tuple[Origin, list[str]]:
        """Let Litestream restore the database, and check its pages.

        Raises replica.no_binary, replica.none, replica.failed, OSError.
        """
        workspace = staged.with_suffix("")
        workspace.mkdir(mode=0o700, exist_ok=True)
        progress("database", 0, 1)
        restored = restore_database(self.place, staged, workspace, self.at)
        staged.chmod(0o600)
        name = f"{self.place.folder or self.place.address} {restored.transaction}"
        return _read_origin("replica", name, "", staged), []


def _read_origin(
    kind: Literal["backup", "replica"], name: str, as_of: Instant, staged: Path
) -> Origin:
    """Read from a staged database what it is; raises replica.none for one that is no store."""
    with closing(connect(staged, read_only=True)) as copy:
        try:
            last, records = find_last_entry(copy), checks.count_rows(copy, "revisions")
        except sqlite3.OperationalError:
            raise Problem("replica.none") from None
    seq, at, chain = (last["seq"], last["at"], last["hash"]) if last else (0, "", "")
    return Origin(kind, name, as_of or at, copies.hash_file(staged), records, seq, chain)
