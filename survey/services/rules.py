"""The office's rules: the first version, made with an instance, and the one in force."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from survey.domain.class_rules import DEFAULT_RULES, ClassRules, read_class_rules
from survey.domain.instants import Instant
from survey.services.reference_areas import DATA
from survey.store.changes import record_change
from survey.store.rules import find_latest_rule, insert_rule


def read_rules_in_force(connection: sqlite3.Connection) -> ClassRules:
    """Return the newest version of what classes follow; the defaults before the first one."""
    rule = find_latest_rule(connection)
    if rule is None:
        return DEFAULT_RULES
    return read_class_rules(rule["version"], json.loads(rule["content"]))


def ensure_first_rule(connection: sqlite3.Connection, now: Instant, folder: Path = DATA) -> None:
    """Keep version 1 as the tables of the project have it, unless there are rules already.

    The cuts are a start for the office to decide on: no rule of the state names a dBm value.
    """
    if find_latest_rule(connection) is None:
        content = json.loads((folder / "first_rules.json").read_text("utf-8"))
        version = insert_rule(connection, content, "system", now)
        record_change(connection, "rule", str(version))
