"""SQLite's own check of a fresh store, by whatever version of SQLite is here."""

from __future__ import annotations

from survey.store.connection import Store


def test_a_fresh_store_passes_the_checks_of_sqlite(store: Store) -> None:
    connection = store.reader()

    assert [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
