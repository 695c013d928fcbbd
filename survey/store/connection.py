"""Connections: kept readers, one a thread at a time, and one writer thread that commits in groups.

Who wants to write hands a function to `Store.write`. The writer gathers all that wait, runs
each inside its own savepoint of one BEGIN IMMEDIATE transaction, commits once (fsync), and
only then lets the callers go on: an answer given after `write` is durable. Knows no table.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_Waiting = tuple[Callable[[sqlite3.Connection], Any], "Future[Any]"]
"""A function that waits for the writer, and where its caller waits for the answer."""

BUSY_TIMEOUT_MS = 5_000
GROUP_LIMIT = 64
"""Most functions that share one commit; bounds the latency of the first of them."""

IDLE_READERS = 16
"""Readers kept open for whoever comes next; each may hold megabytes of pages."""


def connect(
    path: Path, *, read_only: bool = False, wal_pages: int | None = None
) -> sqlite3.Connection:
    """Open the database with the pragmas of this project; the caller owns the connection.

    `wal_pages`: how long the log may grow before a commit of this connection checkpoints it.
    """
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -16000")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if wal_pages is not None:
            connection.execute(f"PRAGMA wal_autocheckpoint = {wal_pages:d}").fetchall()
    return connection


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Hold one moment of the store for several reads; for short reads, never for a slow client."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")


class _Stop:
    """The message that ends the writer thread."""


class Store:
    """The central store: `reader()` to look, `write(function)` to change."""

    def __init__(self, path: Path, wal_pages: int | None = None) -> None:
        self.path = path
        self._wal_pages = wal_pages
        self._readers: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._local = threading.local()
        self._queue: queue.SimpleQueue[_Waiting | _Stop] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._start_lock = threading.Lock()
        self._closed = False

    @classmethod
    def open(cls, path: Path, wal_pages: int | None = None) -> Store:
        """Open an existing database file; a missing one raises FileNotFoundError.

        `wal_pages` as in `connect`.
        """
        if not path.is_file():
            raise FileNotFoundError(path)
        return cls(path, wal_pages)

    def reader(self) -> sqlite3.Connection:
        """Return this thread's reader, which cannot write; it is kept until `release`."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with self._readers_lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                connection = connect(self.path, read_only=True)
                with self._readers_lock:
                    self._readers.append(connection)
            self._local.connection = connection
        return connection

    def release(self) -> None:
        """Leave this thread's reader to others: at a request's end, or before a long wait."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            return
        self._local.connection = None
        if connection.in_transaction:
            connection.rollback()
        with self._readers_lock:
            if self._closed:
                return
            if len(self._idle) < IDLE_READERS:
                self._idle.append(connection)
                return
            self._readers.remove(connection)
        connection.close()

    def write(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function in a durable transaction and return what it returns.

        An exception of the function undoes its own part only and is raised here. Raises
        sqlite3.OperationalError when another process held the lock over the busy time.
        """
        future: Future[T] = Future()
        with self._start_lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            if self._writer is None:
                self._writer = threading.Thread(
                    target=self._write_forever, name="store-writer", daemon=True
                )
                self._writer.start()
            self._queue.put((function, future))
        return future.result()

    def close(self) -> None:
        """Finish what waits, stop the writer and close every connection."""
        with self._start_lock:
            if self._closed:
                return
            self._closed = True
            writer = self._writer
            if writer is not None:
                self._queue.put(_Stop())
        if writer is not None:
            writer.join()
        with self._readers_lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()
            self._idle.clear()

    def _write_forever(self) -> None:
        connection: sqlite3.Connection | None = None
        stop = False
        while not stop:
            group, stop = self._gather()
            if not group:
                break
            try:
                connection = connection or connect(self.path, wal_pages=self._wal_pages)
                _commit_group(connection, group)
            except BaseException as error:
                # No connection, or one that cannot even roll back: the next group gets another.
                _fail(group, error)
                if connection is not None:
                    with suppress(sqlite3.Error):
                        connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """Wait for a function to run and take all that wait with it; True: it was the last."""
        group: list[_Waiting] = []
        while len(group) < GROUP_LIMIT:
            try:
                item = self._queue.get_nowait() if group else self._queue.get()
            except queue.Empty:
                break
            if isinstance(item, _Stop):
                return group, True
            group.append(item)
        return group, False


def _fail(group: list[_Waiting], error: BaseException) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)


def _commit_group(connection: sqlite3.Connection, group: list[_Waiting]) -> None:
    """Run a group of functions in one transaction and answer each after the commit."""
    outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for function, future in group:
            connection.execute("SAVEPOINT part")
            try:
                outcome = function(connection)
            except BaseException as error:
                if not connection.in_transaction:
                    raise  # SQLite undid the whole transaction: disk full, I/O error
                connection.execute("ROLLBACK TO part")
                outcomes.append((future, None, error))
            else:
                outcomes.append((future, outcome, None))
            connection.execute("RELEASE part")
        connection.execute("COMMIT")
    except BaseException as error:
        # The transaction as a whole failed (disk full, lock held): nobody may believe it.
        _fail(group, error)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return
    for future, outcome, failure in outcomes:
        if failure is not None:
            future.set_exception(failure)
        else:
            future.set_result(outcome)
