"""What the machine can do at best: the same rows and files by plain calls, equally durable.

The rows are those the server itself wrote, replayed into a copy of the store as it was before:
same schema, same indexes, same values, no work but SQLite's.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from survey.store.connection import connect

# Table -> column that says which visit a row belongs to.
TABLES = (
    ("audit", "subject"),
    ("revisions", "record_id"),
    ("visits", "id"),
    ("service_tests", "visit_key"),
    ("readings", "visit_key"),
    ("visit_photos", "visit_key"),
    ("flags", "visit_key"),
    ("changes", "subject"),
)

VisitRows = list[tuple[str, list[tuple[object, ...]]]]
"""The rows of one visit: an INSERT and its parameters, table by table."""


def read_visit_rows(database: Path) -> list[VisitRows]:
    """Return all that was stored for each visit, in the order they were stored."""
    connection = sqlite3.connect(database)
    try:
        visits = connection.execute("SELECT key, id FROM visits ORDER BY key").fetchall()
        by_visit: dict[str, VisitRows] = {visit_id: [] for _, visit_id in visits}
        ids = dict(visits)
        for table, owner in TABLES:
            cursor = connection.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in cursor.description]
            places = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
            position = columns.index(owner)
            rows = defaultdict(list)
            for row in cursor:
                rows[ids.get(row[position], row[position])].append(row)
            for visit_id, found in by_visit.items():
                if rows[visit_id]:
                    found.append((insert, rows[visit_id]))
        return list(by_visit.values())
    finally:
        connection.close()


def store_rows(
    before: Path, folder: Path, visits: Sequence[VisitRows], a_transaction: int
) -> float:
    """Return visits a second when plain sqlite3 writes the rows, so many in a transaction."""
    database = folder / f"raw-{a_transaction}.db"
    shutil.copy(before, database)
    connection = connect(database)
    started = time.perf_counter()
    for start in range(0, len(visits), a_transaction):
        connection.execute("BEGIN IMMEDIATE")
        for visit in visits[start : start + a_transaction]:
            for insert, rows in visit:
                connection.executemany(insert, rows)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return len(visits) / seconds


def store_files(folder: Path, files: Sequence[tuple[str, bytes]]) -> float:
    """Return files a second by write, fsync, rename, fsync of the folder; one after another."""
    target = folder / "raw-files"
    target.mkdir()
    handle = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
    started = time.perf_counter()
    for name, data in files:
        part = target / f".{name}"
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target / name)
        os.fsync(handle)
    seconds = time.perf_counter() - started
    os.close(handle)
    return len(files) / seconds
