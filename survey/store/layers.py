"""Office layers: what staff wrote over a visit, with a reason; the payload stays as it is.

The newest row of a field and subject is the one in force. A value of None says: nothing
stands here (no area, no campaign); a layer taken back is a newer layer.
"""

from __future__ import annotations

import sqlite3

from survey.domain.instants import Instant


def insert_layer(
    connection: sqlite3.Connection,
    *,
    visit_id: str,
    field: str,
    subject: str,
    value: str | None,
    reason: str,
    author_key: int,
    now: Instant,
    audit_seq: int,
) -> None:
    """Lay a value over one field; `subject` is a photo's hash for photo_kind, else empty."""
    connection.execute(
        """
        INSERT INTO office_layers (visit_id, field, subject, value, reason, author_key, at,
          audit_seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (visit_id, field, subject, value, reason, author_key, now, audit_seq),
    )


def list_layers(connection: sqlite3.Connection, visit_id: str) -> list[sqlite3.Row]:
    """Return every layer of a visit with its author, oldest first."""
    return connection.execute(
        """
        SELECT office_layers.field, office_layers.subject, office_layers.value,
          office_layers.reason, office_layers.at, office_layers.audit_seq,
          users.id AS author_id, users.name AS author_name
        FROM office_layers JOIN users ON users.key = office_layers.author_key
        WHERE office_layers.visit_id = ? ORDER BY office_layers.key
        """,
        (visit_id,),
    ).fetchall()


def read_layers_in_force(
    connection: sqlite3.Connection, visit_id: str
) -> dict[tuple[str, str], str | None]:
    """Return (field, subject) -> value of the newest layer of each; one lookup, no authors."""
    return {
        (row["field"], row["subject"]): row["value"]
        for row in connection.execute(
            "SELECT field, subject, value FROM office_layers WHERE visit_id = ? ORDER BY key",
            (visit_id,),
        )
    }
