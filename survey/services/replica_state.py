"""What the processes that replicate say of themselves, for the pages of any process.

Two small files in the instance, replaced whole and never synced: lost ones are written anew a
moment later. A file that is old tells of a process that is gone.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from survey.domain.instants import Instant
from survey.domain.problems import Problem

FOLDER: Final = "replica"
"""The folder in an instance where replicating works: settings, socket, states."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something does not work: a msgid and what to fill into it."""

    message: str = ""
    params: dict[str, str] = field(default_factory=dict)


def fault_of(error: Exception) -> Fault:
    """Return an error as a page can say it later; words of the system stay as said."""
    if isinstance(error, Problem):
        return Fault(error.template, {name: str(each) for name, each in error.params.items()})
    return Fault(str(error))


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """How the replica of the database is: `at` when this was said, `synced_at` all was there."""

    at: Instant
    running: bool = False
    synced_at: Instant = ""
    restarts: int = 0
    place: str = ""
    pid: int = 0
    fault: Fault = field(default_factory=Fault)


@dataclass(frozen=True, slots=True)
class FilesState:
    """How the replica of the files is: how many wait, how many are damaged on the server."""

    at: Instant
    waiting: int = 0
    damaged: int = 0
    copied: int = 0
    fault: Fault = field(default_factory=Fault)


T = TypeVar("T", DatabaseState, FilesState)


def work_folder(instance: Path) -> Path:
    """Return the folder in which replicating works, made for its owner only."""
    folder = instance / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_state(instance: Path, state: DatabaseState | FilesState) -> None:
    """Say how it is now."""
    work_folder(instance)
    path = _path(instance, type(state))
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(asdict(state)), "utf-8")
    os.replace(temporary, path)


def read_state(instance: Path, kind: type[T]) -> T | None:
    """Return what was said last, or None."""
    try:
        value: dict[str, Any] = json.loads(_path(instance, kind).read_text("utf-8"))
        known = {each.name: value[each.name] for each in fields(kind) if each.name in value}
        return kind(**{**known, "fault": Fault(**value.get("fault", {}))})
    except (OSError, ValueError, TypeError):
        return None


def _path(instance: Path, kind: type[DatabaseState | FilesState]) -> Path:
    return instance / FOLDER / ("files.json" if kind is FilesState else "database.json")
