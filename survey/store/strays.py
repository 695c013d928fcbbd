"""Bytes of files that no row names: which record wants them, and what was seen of them before.

They come from a server killed between bytes and row, or from a restore whose files are newer
than its store.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from survey.domain.instants import Instant
from survey.store.meta import find_meta, set_meta

SEEN = "strays_seen"
"""The meta that counts, as JSON, how many daily looks found each stray: no clock in it."""

_HASH = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Claim(NamedTuple):
    """A visit that shows a file: whose it is, and as what."""

    officer_key: int
    kind: str


def find_claim(connection: sqlite3.Connection, sha256: str) -> Claim | None:
    """Return the visit of an officer that shows a file as photo or thumbnail, or None."""
    row = connection.execute(
        """
        SELECT visits.officer_key,
          CASE WHEN visit_photos.sha256 = :sha256 THEN 'photo' ELSE 'thumbnail' END
        FROM visit_photos JOIN visits ON visits.key = visit_photos.visit_key
        WHERE visit_photos.sha256 = :sha256 OR visit_photos.thumbnail_sha256 = :sha256 LIMIT 1
        """,
        {"sha256": sha256},
    ).fetchone()
    return Claim(*row) if row else None


def find_named(connection: sqlite3.Connection, hashes: Iterable[str]) -> set[str]:
    """Return those of some files that any record names: unreadable ones, side branches, all.

    Reads every payload once, a page at a time.
    """
    wanted, named = {sha256.encode() for sha256 in hashes}, set[bytes]()
    for table in ("quarantine", "revisions") if wanted else ():
        last = 0
        while True:
            rows = connection.execute(
                f"SELECT key, CAST(payload AS BLOB) FROM {table}"
                " WHERE key > ? ORDER BY key LIMIT 500",
                (last,),
            ).fetchall()
            if not rows:
                break
            for _, payload in rows:
                named.update(wanted.intersection(_HASH.findall(payload or b"")))
            last = rows[-1][0]
    return {sha256.decode() for sha256 in named}


def adopt_file(
    connection: sqlite3.Connection,
    sha256: str,
    claim: Claim,
    content_type: str,
    size: int,
    now: Instant,
) -> None:
    """Note a file for the visit that shows it; it is nobody's to read who did not send it."""
    connection.execute(
        "INSERT INTO files (sha256, kind, content_type, bytes, officer_key, stored_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
        (sha256, claim.kind, content_type, size, claim.officer_key, now),
    )


def read_seen(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how often each stray was seen."""
    value: dict[str, int] = json.loads(find_meta(connection, SEEN) or "{}")
    return value


def write_seen(connection: sqlite3.Connection, seen: dict[str, int]) -> None:
    """Keep how often each stray was seen."""
    set_meta(connection, SEEN, json.dumps(seen))
