"""Reading the flags of visits; their rows are written with the projection."""

from __future__ import annotations

import json
import sqlite3
from typing import Any


def list_flags(connection: sqlite3.Connection, visit_key: int) -> list[tuple[str, dict[str, Any]]]:
    """Return code and evidence of each question about a visit, in order."""
    rows = connection.execute(
        "SELECT code, evidence FROM flags WHERE visit_key = ? ORDER BY number", (visit_key,)
    )
    return [(row[0], json.loads(row[1])) for row in rows]


def count_flags(connection: sqlite3.Connection, visit_keys: list[int]) -> dict[int, int]:
    """Return how many questions each of some visits has; those without are left out."""
    rows = connection.execute(
        """
        SELECT visit_key, count(*) FROM flags
        WHERE visit_key IN (SELECT value FROM json_each(?)) GROUP BY visit_key
        """,
        (json.dumps(visit_keys),),
    )
    return {row[0]: row[1] for row in rows}
