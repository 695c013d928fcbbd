"""Imports of areas: what each changed, and what undoing it needs."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from survey.domain.instants import Instant
from survey.domain.problems import Problem

_SELECT = """
SELECT id, at, actor, file_name, sha256, new_count, changed_count, same_count, undone_at
FROM area_imports
"""


@dataclass(frozen=True, slots=True)
class AreaImport:
    """One import that was applied; `undone_at` tells whether it still stands."""

    id: str
    at: Instant
    actor: str
    file_name: str
    sha256: str
    new_count: int
    changed_count: int
    same_count: int
    undone_at: Instant | None


def insert_import(
    connection: sqlite3.Connection,
    done: AreaImport,
    before: dict[str, dict[str, Any] | None],
    after: dict[str, str],
) -> None:
    """Keep an import: the state of each touched area before, and the digest of its state after."""
    connection.execute(
        """
        INSERT INTO area_imports (id, at, actor, file_name, sha256, new_count, changed_count,
          same_count, before, after)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            done.id,
            done.at,
            done.actor,
            done.file_name,
            done.sha256,
            done.new_count,
            done.changed_count,
            done.same_count,
            json.dumps(before, ensure_ascii=False),
            json.dumps(after),
        ),
    )


def get_import(connection: sqlite3.Connection, import_id: str) -> AreaImport:
    """Return an import, else raise `area.import_not_found`."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (import_id,)).fetchone()
    if row is None:
        raise Problem("area.import_not_found")
    return AreaImport(**dict(row))


def list_imports(connection: sqlite3.Connection) -> list[AreaImport]:
    """Return all imports, the newest first."""
    rows = connection.execute(f"{_SELECT} ORDER BY at DESC, id DESC")
    return [AreaImport(**dict(row)) for row in rows]


def read_import_states(
    connection: sqlite3.Connection, import_id: str
) -> tuple[dict[str, dict[str, Any] | None], dict[str, str]]:
    """Return what `insert_import` was given: states before, digests after."""
    row = connection.execute(
        "SELECT before, after FROM area_imports WHERE id = ?", (import_id,)
    ).fetchone()
    return json.loads(row["before"]), json.loads(row["after"])


def mark_undone(connection: sqlite3.Connection, import_id: str, now: Instant) -> None:
    """Say that an import was taken back."""
    connection.execute("UPDATE area_imports SET undone_at = ? WHERE id = ?", (now, import_id))
