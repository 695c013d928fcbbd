"""The audit chain: unbroken as written, broken wherever somebody changed a row."""

from __future__ import annotations

import sqlite3

from survey.store.audit import append_audit, find_chain_breaks, list_audit
from survey.store.connection import Store, connect
from tests.factories import NOW


def write_three(connection: sqlite3.Connection) -> list[int]:
    return [
        append_audit(connection, NOW, "cli", "tested", f"subject-{number}", f"content {number}")
        for number in range(3)
    ]


def test_a_chain_as_written_has_no_break(store: Store) -> None:
    seqs = store.write(write_three)
    assert seqs == sorted(seqs)
    assert list(find_chain_breaks(store.reader())) == []
    assert [row["action"] for row in list_audit(store.reader(), "subject-1")] == ["tested"]


def test_a_changed_row_breaks_the_chain_at_itself(store: Store) -> None:
    seqs = store.write(write_three)
    connection = connect(store.path)
    connection.execute("DROP TRIGGER audit_is_append_only_update")
    connection.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = ?", (seqs[1],))
    connection.close()
    assert list(find_chain_breaks(store.reader())) == [seqs[1]]


def test_a_removed_row_breaks_the_chain_behind_it(store: Store) -> None:
    seqs = store.write(write_three)
    connection = connect(store.path)
    connection.execute("DROP TRIGGER audit_is_append_only_delete")
    connection.execute("DELETE FROM audit WHERE seq = ?", (seqs[1],))
    connection.close()
    assert list(find_chain_breaks(store.reader())) == [seqs[2]]


def test_the_content_itself_is_not_kept(store: Store) -> None:
    store.write(lambda connection: append_audit(connection, NOW, "cli", "x", "y", "secret note"))
    rows = store.reader().execute("SELECT * FROM audit").fetchall()
    assert not any("secret note" in str(tuple(row)) for row in rows)
