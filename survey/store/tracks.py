"""Tracks: their headers, their parts as packed points, withdrawals of visits and tracks.

All of it is projection: made of revisions, dropped and made again by a rebuild.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from survey.domain.instants import Instant


class TrackRow(NamedTuple):
    """One row of tracks; the key is that of its oldest revision."""

    key: int
    id: str
    officer_key: int
    revision_key: int
    practice: int
    campaign_id: str | None
    started_at: str | None
    ended_at: str | None
    day: str
    parts: int | None
    withdrawn: int
    changed_seq: int
    changed_at: Instant


class TrackPartRow(NamedTuple):
    """One part; the key is that of its revision, `columns` are packed by formats/tracks.py."""

    key: int
    track_id: str
    number: int
    revision_key: int
    points: int
    columns: bytes


class WithdrawalRow(NamedTuple):
    """The newest withdrawal of a visit that holds."""

    visit_id: str
    revision_key: int
    reason: str | None
    at: Instant


_TRACK_COLUMNS = ", ".join(TrackRow._fields)


def save_track(connection: sqlite3.Connection, track: TrackRow) -> None:
    """Insert a track's header or put it in the place of its former revision."""
    updates = ", ".join(
        f"{column} = excluded.{column}"
        for column in TrackRow._fields
        if column not in ("key", "id", "officer_key", "withdrawn")
    )
    marks = ", ".join("?" * len(track))
    connection.execute(
        f"INSERT INTO tracks ({_TRACK_COLUMNS}) VALUES ({marks})"
        f" ON CONFLICT (id) DO UPDATE SET {updates}",
        track,
    )


def withdraw_track(
    connection: sqlite3.Connection, track_id: str, officer_key: int, seq: int, at: Instant
) -> None:
    """Mark an officer's own track as withdrawn; another's or an unknown one is left alone."""
    connection.execute(
        """
        UPDATE tracks SET withdrawn = 1, changed_seq = ?, changed_at = ?
        WHERE id = ? AND officer_key = ?
        """,
        (seq, at, track_id, officer_key),
    )


def find_part_revision(connection: sqlite3.Connection, track_id: str, number: int) -> int | None:
    """Return the key of the revision that holds this part of a track, or None."""
    row = connection.execute(
        "SELECT revision_key FROM track_parts WHERE track_id = ? AND number = ?",
        (track_id, number),
    ).fetchone()
    return row[0] if row else None


def insert_parts(connection: sqlite3.Connection, parts: Iterable[TrackPartRow]) -> None:
    """Insert parts; of two with the same number the first one stays."""
    connection.executemany(
        f"INSERT INTO track_parts ({', '.join(TrackPartRow._fields)}) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (track_id, number) DO NOTHING",
        parts,
    )


def find_part_officer(connection: sqlite3.Connection, track_id: str) -> int | None:
    """Return the key of the officer whose parts of a track are here, or None."""
    row = connection.execute(
        """
        SELECT revisions.officer_key FROM track_parts
        JOIN revisions ON revisions.key = track_parts.revision_key
        WHERE track_parts.track_id = ? LIMIT 1
        """,
        (track_id,),
    ).fetchone()
    return row[0] if row else None


def save_withdrawal(connection: sqlite3.Connection, withdrawal: WithdrawalRow) -> None:
    """Keep the newest withdrawal of a visit."""
    connection.execute(
        "INSERT OR REPLACE INTO withdrawals (visit_id, revision_key, reason, at)"
        " VALUES (?, ?, ?, ?)",
        withdrawal,
    )


def list_withdrawn(connection: sqlite3.Connection, visit_ids: Sequence[str]) -> set[str]:
    """Return those of some visits for which a withdrawal is here."""
    marks = ", ".join("?" * len(visit_ids))
    rows = connection.execute(
        f"SELECT visit_id FROM withdrawals WHERE visit_id IN ({marks})", visit_ids
    )
    return {row[0] for row in rows}


def delete_tracks(connection: sqlite3.Connection) -> None:
    """Remove all tracks, parts and withdrawals from the projection."""
    for table in ("track_parts", "tracks", "withdrawals"):
        connection.execute(f"DELETE FROM {table}")
