"""Ordered, named, transactional steps from an empty file to the head schema.

A step is never edited after it landed. CHECKs repeat the domain's limits as they were when
the step was written; a test asserts that the head schema equals the domain.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from survey.store.migrations import (
    m0001_people,
    m0002_areas,
    m0003_records,
    m0004_office,
    m0005_quarantine,
    m0006_samples,
)

STEPS = (
    ("0001_people", m0001_people.SQL),
    ("0002_areas", m0002_areas.SQL),
    ("0003_records", m0003_records.SQL),
    ("0004_office", m0004_office.SQL),
    ("0005_quarantine", m0005_quarantine.SQL),
    ("0006_samples", m0006_samples.SQL),
)


def _build() -> Migrations:
    migrations = Migrations("survey")
    for name, sql in STEPS:

        def step(database: Database, sql: str = sql) -> None:
            # executescript would commit the transaction that sqlite-utils opened.
            for statement in split_statements(sql):
                database.conn.execute(statement)

        step.__name__ = name
        migrations(name=name)(step)
    return migrations


def split_statements(sql: str) -> list[str]:
    """Return the single statements of an SQL text, triggers kept whole."""
    statements: list[str] = []
    buffer = ""
    for line in sql.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            statements.append(buffer)
            buffer = ""
    if buffer.strip():
        raise ValueError(f"unfinished statement: {buffer!r}")
    return statements


MIGRATIONS = _build()


def list_pending(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the steps this database has not had."""
    return [step.name for step in MIGRATIONS.pending(Database(connection))]


def list_applied(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the steps this database has had, in order."""
    pending = set(list_pending(connection))
    return [name for name, _ in STEPS if name not in pending]


def list_unknown(connection: sqlite3.Connection) -> list[str]:
    """Return the names of steps this database has had and this version does not know."""
    known = {name for name, _ in STEPS}
    applied = MIGRATIONS.applied(Database(connection))
    return [step.name for step in applied if step.name not in known]


def migrate(connection: sqlite3.Connection, stop_before: str | None = None) -> list[str]:
    """Bring a database to the head (or to just before a step) and name the steps taken."""
    before = list_pending(connection)
    MIGRATIONS.apply(Database(connection), stop_before=stop_before)
    after = set(list_pending(connection))
    return [name for name in before if name not in after]
