"""What was erased, why and by whom; and the statements that empty what an erasure names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from survey.domain.instants import Instant


def is_erased(connection: sqlite3.Connection, kind: str, subject: str) -> bool:
    """Tell whether a visit, file or track was erased and so must not come back."""
    row = connection.execute(
        "SELECT 1 FROM erasures WHERE kind = ? AND subject = ?", (kind, subject)
    ).fetchone()
    return row is not None


def list_erasures(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return all erasures, newest first: kind, subject, reason, actor, at."""
    return connection.execute(
        "SELECT kind, subject, reason, actor, at FROM erasures ORDER BY key DESC"
    ).fetchall()
