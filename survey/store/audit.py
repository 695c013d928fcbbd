"""The audit: append-only rows, each chained to the one before by its hash.

A row holds a digest of what was done, never its content, so that erasing personal data
leaves the chain whole. Its `seq` is the one order of all events of the store.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

from survey.domain.instants import Instant

GENESIS = "0" * 64


def chain_hash(
    previous_hash: str, at: str, actor: str, action: str, subject: str, digest: str
) -> str:
    """Return the hash of one row: SHA-256 over its fields joined by newlines, in hex."""
    text = "\n".join((previous_hash, at, actor, action, subject, digest))
    return hashlib.sha256(text.encode()).hexdigest()


def append_audit(
    connection: sqlite3.Connection,
    now: Instant,
    actor: str,
    action: str,
    subject: str,
    content: bytes | str = b"",
) -> int:
    """Append one row and return its `seq`; `content` enters as its SHA-256 only."""
    data = content.encode() if isinstance(content, str) else content
    return append_digest(connection, now, actor, action, subject, hashlib.sha256(data).hexdigest())


def find_last_entry(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """Return the newest row (seq, at, hash), or None."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return row


def find_entry_hash(connection: sqlite3.Connection, seq: int) -> str | None:
    """Return the hash of a row, which stands for all that was done until then, or None."""
    row = connection.execute("SELECT hash FROM audit WHERE seq = ?", (seq,)).fetchone()
    return row[0] if row else None


def append_digest(
    connection: sqlite3.Connection,
    now: Instant,
    actor: str,
    action: str,
    subject: str,
    digest: str,
) -> int:
    """Append one row whose content's SHA-256 is known already; return its `seq`."""
    last = connection.execute("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    previous = last[0] if last else GENESIS
    row_hash = chain_hash(previous, now, actor, action, subject, digest)
    cursor = connection.execute(
        """
        INSERT INTO audit (at, actor, action, subject, digest, previous_hash, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        (now, actor, action, subject, digest, previous, row_hash),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def append_digests(
    connection: sqlite3.Connection,
    now: Instant,
    actor: str,
    entries: Sequence[tuple[str, str, str]],
) -> int:
    """Append many rows (action, subject, digest) at once; return the `seq` of the first."""
    last = connection.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (last[0], last[1]) if last else (0, GENESIS)
    rows = []
    for number, (action, subject, digest) in enumerate(entries, start=seq + 1):
        row_hash = chain_hash(previous, now, actor, action, subject, digest)
        rows.append((number, now, actor, action, subject, digest, previous, row_hash))
        previous = row_hash
    connection.executemany(
        """
        INSERT INTO audit (seq, at, actor, action, subject, digest, previous_hash, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        rows,
    )
    return seq + 1


def list_audit(connection: sqlite3.Connection, subject: str) -> list[sqlite3.Row]:
    """Return the rows about one subject, oldest first."""
    return connection.execute(
        "SELECT seq, at, actor, action, subject FROM audit WHERE subject = ? ORDER BY seq",
        (subject,),
    ).fetchall()


def find_chain_breaks(connection: sqlite3.Connection) -> Iterator[int]:
    """Yield the `seq` of each row whose hash does not follow from the row before."""
    previous = GENESIS
    for row in connection.execute("SELECT * FROM audit ORDER BY seq"):
        expected = chain_hash(
            previous, row["at"], row["actor"], row["action"], row["subject"], row["digest"]
        )
        if row["previous_hash"] != previous or row["hash"] != expected:
            yield row["seq"]
        previous = row["hash"]
