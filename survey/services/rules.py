"""The office's rules: the first version, made when an instance is made."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from survey.domain.instants import Instant
from survey.services.reference_areas import DATA
from survey.store.changes import record_change
from survey.store.rules import find_latest_rule, insert_rule


def ensure_first_rule(connection: sqlite3.Connection, now: Instant, folder: Path = DATA) -> None:
    """Keep version 1 as the tables of the project have it, unless there are rules already.

    The cuts are a start for the office to decide on: no rule of the state names a dBm value.
    """
    if find_latest_rule(connection) is None:
        content = json.loads((folder / "first_rules.json").read_text("utf-8"))
        version = insert_rule(connection, content, "system", now)
        record_change(connection, "rule", str(version))
