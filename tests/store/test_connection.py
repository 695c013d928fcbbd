"""The writer: durable answers, parts that fail alone, groups that share a commit."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.store.connection import IDLE_READERS, Store, connect


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "plain.db"
    connection = connect(path)
    connection.execute("CREATE TABLE things (name TEXT PRIMARY KEY) STRICT")
    connection.close()
    store = Store.open(path)
    yield store
    store.close()


def insert(name: str):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute("INSERT INTO things VALUES (?)", (name,))


def names(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {row[0] for row in connection.execute("SELECT name FROM things")}
    finally:
        connection.close()


def test_what_write_answered_is_seen_by_another_process(plain: Store) -> None:
    plain.write(insert("one"))
    assert names(plain.path) == {"one"}


def test_an_exception_undoes_its_own_part_only(plain: Store) -> None:
    plain.write(insert("one"))

    def fail_halfway(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO things VALUES ('half')")
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        plain.write(fail_halfway)
    plain.write(insert("two"))
    assert names(plain.path) == {"one", "two"}


def test_a_failing_part_of_a_group_leaves_the_others_durable(plain: Store) -> None:
    held = threading.Event()
    entered = threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        entered.set()
        held.wait(5)
        insert("first")(connection)

    outcomes: dict[str, object] = {}

    def ask(name: str, function) -> None:  # type: ignore[no-untyped-def]
        try:
            plain.write(function)
            outcomes[name] = "ok"
        except sqlite3.IntegrityError:
            outcomes[name] = "refused"

    first = threading.Thread(target=ask, args=("first", hold))
    first.start()
    assert entered.wait(5)
    # These three wait while the writer is held, so they share its next commit.
    others = [
        threading.Thread(target=ask, args=(name, insert(value)))
        for name, value in (("a", "same"), ("b", "same"), ("c", "other"))
    ]
    for thread in others:
        thread.start()
    held.set()
    for thread in (first, *others):
        thread.join(5)
    assert sorted(outcomes.values(), key=str) == ["ok", "ok", "ok", "refused"]
    assert names(plain.path) == {"first", "same", "other"}


def test_a_reader_cannot_write(plain: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        plain.reader().execute("INSERT INTO things VALUES ('x')")


def test_a_reader_is_kept_by_its_thread(plain: Store) -> None:
    assert plain.reader() is plain.reader()
    seen: list[sqlite3.Connection] = []
    thread = threading.Thread(target=lambda: seen.append(plain.reader()))
    thread.start()
    thread.join()
    assert seen[0] is not plain.reader()


def test_writing_is_fully_synchronous_and_checks_foreign_keys(plain: Store) -> None:
    found = plain.write(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "foreign_keys", "journal_mode")
        ]
    )
    assert found == [2, 1, "wal"]


def test_a_closed_store_refuses_to_write(plain: Store) -> None:
    plain.close()
    with pytest.raises(RuntimeError, match="closed"):
        plain.write(insert("late"))


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Store.open(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_a_group_whose_commit_fails_is_believed_by_nobody(plain: Store) -> None:
    """A deferred foreign key fails at COMMIT, after each part seemed well."""
    plain.write(
        lambda connection: connection.execute(
            "CREATE TABLE parts (thing TEXT REFERENCES things (name)"
            " DEFERRABLE INITIALLY DEFERRED) STRICT"
        )
    )
    with pytest.raises(sqlite3.IntegrityError):
        plain.write(lambda connection: connection.execute("INSERT INTO parts VALUES ('nobody')"))
    plain.write(insert("after"))
    assert names(plain.path) == {"after"}


def test_a_released_reader_serves_the_next_thread(plain: Store) -> None:
    first = plain.reader()
    first.execute("BEGIN")
    plain.release()
    seen: list[sqlite3.Connection] = []
    thread = threading.Thread(target=lambda: seen.append(plain.reader()))
    thread.start()
    thread.join()
    assert seen[0] is first
    assert not first.in_transaction
    assert plain.reader() is not first


def test_released_readers_beyond_a_few_are_closed(plain: Store) -> None:
    all_here = threading.Barrier(IDLE_READERS + 3)
    taken: list[sqlite3.Connection] = []

    def look() -> None:
        taken.append(plain.reader())
        all_here.wait(5)
        plain.release()

    threads = [threading.Thread(target=look) for _ in range(IDLE_READERS + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(set(map(id, taken))) == IDLE_READERS + 3
    closed = 0
    for connection in taken:
        try:
            connection.execute("SELECT 1")
        except sqlite3.ProgrammingError:
            closed += 1
    assert closed == 3


def test_a_store_that_cannot_be_opened_answers_and_later_writes_again(
    plain: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, **_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    with monkeypatch.context() as broken:
        broken.setattr("survey.store.connection.connect", fail)
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError, match="unable to open"):
                plain.write(insert("nothing"))
    plain.write(insert("one"))
    assert names(plain.path) == {"one"}


def test_what_ends_the_whole_transaction_is_said_and_the_next_write_goes_on(plain: Store) -> None:
    def lose(connection: sqlite3.Connection) -> None:
        insert("half")(connection)
        connection.execute("ROLLBACK")  # as SQLite does by itself on a full disk
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError, match="disk is full"):
        plain.write(lose)
    plain.write(insert("after"))
    assert names(plain.path) == {"after"}


def test_how_long_the_log_may_grow_is_said_when_the_store_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "survey.db"
    connect(path).close()
    for pages in (1_000, 65_536):
        store = Store.open(path, pages)
        read = store.write(lambda c: c.execute("PRAGMA wal_autocheckpoint").fetchone()[0])
        store.close()
        assert read == pages
