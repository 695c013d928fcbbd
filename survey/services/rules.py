"""The office's rules: the first version, and a version as phones learn it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.reference_areas import DATA
from survey.store.changes import record_change
from survey.store.rules import find_latest_rule, get_rule_content, insert_rule


def ensure_first_rule(connection: sqlite3.Connection, now: Instant, folder: Path = DATA) -> None:
    """Keep version 1 as the tables of the project have it, unless there are rules already.

    The cuts are a start for the office to decide on: no rule of the state names a dBm value.
    """
    if find_latest_rule(connection) is None:
        content = json.loads((folder / "first_rules.json").read_text("utf-8"))
        version = insert_rule(connection, content, "system", now)
        record_change(connection, "rule", str(version))


def describe_rule(connection: sqlite3.Connection, version: str) -> dict[str, Any] | None:
    """Return a version of the rules as phones learn it (JSON values), or None."""
    try:
        return {"version": int(version), "content": get_rule_content(connection, int(version))}
    except (Problem, ValueError):
        return None
