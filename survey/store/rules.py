"""The office's rules by version; a version is never edited, a change is a new one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from survey.domain.instants import Instant
from survey.domain.problems import Problem


def find_latest_rule(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """Return the rules in force as a row version, content (JSON text), created_at, or None."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT version, content, created_at, actor FROM rules ORDER BY version DESC LIMIT 1"
    ).fetchone()
    return row


def get_rule_content(connection: sqlite3.Connection, version: int) -> dict[str, Any]:
    """Return the content of one version; an unknown one raises `rule.not_found`."""
    row = connection.execute("SELECT content FROM rules WHERE version = ?", (version,)).fetchone()
    if row is None:
        raise Problem("rule.not_found")
    content: dict[str, Any] = json.loads(row["content"])
    return content


def insert_rule(
    connection: sqlite3.Connection, content: Mapping[str, Any], actor: str, now: Instant
) -> int:
    """Add a version after the last and return its number."""
    latest = find_latest_rule(connection)
    version = latest["version"] + 1 if latest else 1
    connection.execute(
        "INSERT INTO rules (version, content, created_at, actor) VALUES (?, ?, ?, ?)",
        (version, json.dumps(content, ensure_ascii=False, sort_keys=True), now, actor),
    )
    return version
