"""What was erased, why and by whom; and the statements that empty what an erasure names.

Emptied pages are overwritten (`secure_delete`), so that the database file does not keep them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from survey.domain.instants import Instant


def is_erased(connection: sqlite3.Connection, kind: str, subject: str) -> bool:
    """Tell whether a visit, file or track was erased and so must not come back."""
    row = connection.execute(
        "SELECT 1 FROM erasures WHERE kind = ? AND subject = ?", (kind, subject)
    ).fetchone()
    return row is not None


def list_erasures(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return all erasures, newest first: kind, subject, reason, actor, at."""
    return connection.execute(
        "SELECT kind, subject, reason, actor, at FROM erasures ORDER BY key DESC"
    ).fetchall()


def insert_erasure(
    connection: sqlite3.Connection,
    kind: str,
    subject: str,
    *,
    reason: str,
    actor: str,
    now: Instant,
) -> None:
    """Keep an erasure; one of the same thing again keeps the newest reason."""
    connection.execute(
        """
        INSERT INTO erasures (kind, subject, reason, actor, at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (kind, subject) DO UPDATE
        SET reason = excluded.reason, actor = excluded.actor, at = excluded.at
        """,
        (kind, subject, reason, actor, now),
    )


@contextmanager
def overwriting(connection: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite overwrite with zeros what is deleted within."""
    connection.execute("PRAGMA secure_delete = ON").fetchall()
    try:
        yield
    finally:
        connection.execute("PRAGMA secure_delete = OFF").fetchall()


def list_keys_about_visit(
    connection: sqlite3.Connection, visit_id: str, officer_key: int
) -> list[int]:
    """Return the keys of the officer's comments on a visit and withdrawals of it."""
    rows = connection.execute(
        """
        SELECT key FROM revisions
        WHERE officer_key = ? AND kind IN ('comment', 'withdrawal') AND payload IS NOT NULL
          AND json_valid(payload) AND json_extract(payload, '$.visit_id') = ?
        """,
        (officer_key, visit_id),
    )
    return [row[0] for row in rows]


def empty_payloads(connection: sqlite3.Connection, keys: Sequence[int]) -> int:
    """Remove the payloads of revisions, ids and hashes stay; return how many there were."""
    return connection.execute(
        """
        UPDATE revisions SET payload = NULL
        WHERE key IN (SELECT value FROM json_each(?)) AND payload IS NOT NULL
        """,
        (json.dumps(list(keys)),),
    ).rowcount


def list_news_of_visit(connection: sqlite3.Connection, visit_id: str) -> list[tuple[str, str]]:
    """Return what phones were told about a visit beside itself: kind and id of each."""
    rows = connection.execute(
        """
        SELECT 'comment', id FROM comments WHERE visit_id = :visit
        UNION ALL SELECT 'review', id FROM reviews WHERE visit_id = :visit
        """,
        {"visit": visit_id},
    )
    return [(row[0], row[1]) for row in rows]


def forget_texts_of_visit(connection: sqlite3.Connection, visit_id: str) -> None:
    """Remove what people wrote about a visit; that decisions were made stays."""
    for table in ("comments", "office_layers", "conflicts", "withdrawals"):
        connection.execute(f"DELETE FROM {table} WHERE visit_id = ?", (visit_id,))
    connection.execute("UPDATE reviews SET reason = NULL WHERE visit_id = ?", (visit_id,))
    connection.execute("DELETE FROM quarantine WHERE record_id = ?", (visit_id,))


def list_used_elsewhere(
    connection: sqlite3.Connection, visit_id: str, officer_key: int, hashes: Iterable[str]
) -> set[str]:
    """Return those of the files that another visit needs too."""
    rows = connection.execute(
        """
        WITH wanted (sha256) AS (SELECT value FROM json_each(:hashes))
        SELECT sha256 FROM wanted WHERE EXISTS (
          SELECT 1 FROM visit_photos JOIN visits ON visits.key = visit_photos.visit_key
          WHERE visits.id <> :visit
            AND (visit_photos.sha256 = wanted.sha256
              OR visit_photos.thumbnail_sha256 = wanted.sha256)
        ) OR EXISTS (
          SELECT 1 FROM revisions
          WHERE officer_key = :officer AND kind = 'visit' AND record_id <> :visit
            AND payload IS NOT NULL AND instr(payload, wanted.sha256) > 0
        )
        """,
        {"hashes": json.dumps(sorted(hashes)), "visit": visit_id, "officer": officer_key},
    )
    return {row[0] for row in rows}


def list_thumbnails_of(connection: sqlite3.Connection, sha256: str) -> list[str]:
    """Return the small pictures that phones sent beside a photo."""
    rows = connection.execute(
        """
        SELECT DISTINCT thumbnail_sha256 FROM visit_photos
        WHERE sha256 = ? AND thumbnail_sha256 IS NOT NULL
        """,
        (sha256,),
    )
    return [row[0] for row in rows]


def visit_has_photo(connection: sqlite3.Connection, sha256: str) -> bool:
    """Tell whether a visit names this photo, arrived or not."""
    row = connection.execute(
        "SELECT 1 FROM visit_photos WHERE sha256 = ?1 OR thumbnail_sha256 = ?1 LIMIT 1", (sha256,)
    ).fetchone()
    return row is not None


def list_track_revisions(
    connection: sqlite3.Connection, officer_key: int
) -> tuple[list[int], list[str]]:
    """Return the keys of an officer's track revisions, and the ids of the tracks and parts."""
    rows = connection.execute(
        """
        SELECT revisions.key, revisions.record_id, track_parts.track_id FROM revisions
        LEFT JOIN track_parts ON track_parts.revision_key = revisions.key
        WHERE revisions.officer_key = ? AND revisions.kind IN ('track', 'track_part')
          AND revisions.payload IS NOT NULL
        """,
        (officer_key,),
    ).fetchall()
    ids = {row["record_id"] for row in rows} | {row["track_id"] for row in rows} - {None}
    return [row["key"] for row in rows], sorted(ids)


def list_track_files(connection: sqlite3.Connection, officer_key: int) -> list[str]:
    """Return the track files that this officer alone sent and that are not erased yet."""
    rows = connection.execute(
        """
        SELECT files.sha256 FROM files JOIN file_officers USING (sha256)
        WHERE files.kind = 'track_file' AND files.erased_at IS NULL
          AND file_officers.officer_key = :officer
          AND NOT EXISTS (SELECT 1 FROM file_officers AS others
            WHERE others.sha256 = files.sha256 AND others.officer_key <> :officer)
        """,
        {"officer": officer_key},
    )
    return [row[0] for row in rows]


def delete_tracks_of(connection: sqlite3.Connection, officer_key: int) -> None:
    """Remove an officer's tracks, their parts and unreadable track records."""
    connection.execute(
        """
        DELETE FROM track_parts WHERE revision_key IN
          (SELECT key FROM revisions WHERE officer_key = ? AND kind = 'track_part')
        """,
        (officer_key,),
    )
    connection.execute("DELETE FROM tracks WHERE officer_key = ?", (officer_key,))
    connection.execute(
        """
        DELETE FROM quarantine WHERE officer_key = ?
          AND json_extract(envelope, '$.kind') IN ('track', 'track_part')
        """,
        (officer_key,),
    )
