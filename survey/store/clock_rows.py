"""What the audit's rows say of the server's clock: its newest time, and where it went back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from survey.domain.instants import Instant

RECENT = 1_000
"""Rows of the audit that the quick look covers; it is made for every page of an admin."""


class StepBack(NamedTuple):
    """A row of the audit whose time is earlier than that of the row before it."""

    seq: int
    before: Instant
    at: Instant


def get_last_seq(connection: sqlite3.Connection) -> int:
    """Return the number of the newest row of the audit, 0 when there is none."""
    row = connection.execute("SELECT max(seq) FROM audit").fetchone()
    return row[0] or 0


def find_newest_instant(connection: sqlite3.Connection, after_seq: int) -> Instant | None:
    """Return the latest time among the newest rows behind a number, or None."""
    row = connection.execute(
        "SELECT max(at) FROM (SELECT at FROM audit WHERE seq > ? ORDER BY seq DESC LIMIT ?)",
        (after_seq, RECENT),
    ).fetchone()
    newest: Instant | None = row[0]
    return newest


def iter_steps_back(connection: sqlite3.Connection) -> Iterator[StepBack]:
    """Yield each row of the whole audit that is earlier than the one before it."""
    rows = connection.execute(
        """
        SELECT seq, before, at FROM
          (SELECT seq, at, lag(at) OVER (ORDER BY seq) AS before FROM audit)
        WHERE at < before
        """
    )
    for row in rows:
        yield StepBack(row["seq"], row["before"], row["at"])
