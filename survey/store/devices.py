"""Phones: one row a phone and officer, what it last said of itself, its token's hash."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey.domain.instants import Instant
from survey.domain.problems import Problem

STATE_COLUMNS = (
    "model",
    "app_version",
    "unsent_records",
    "unsent_files",
    "storage_persisted",
    "clock_offset_ms",
    "free_bytes",
    "last_error",
    "readiness",
)
"""What a phone tells with each sync."""

_SELECT = f"""
SELECT devices.key, devices.id, devices.user_key, users.id AS user_id, users.username,
  users.name, users.language, users.disabled_at AS user_disabled_at, devices.token_hash,
  devices.enrolled_at, devices.expires_at, devices.last_contact_at, devices.revoked_at,
  {", ".join("devices." + column for column in STATE_COLUMNS)}
FROM devices JOIN users ON users.key = devices.user_key
"""


@dataclass(frozen=True, slots=True)
class Device:
    """One officer's enrolment on one phone; counts in records and files, offset in ms."""

    key: int
    id: str
    user_key: int
    user_id: str
    username: str
    name: str
    language: str
    user_disabled_at: Instant | None
    token_hash: str = field(repr=False)
    enrolled_at: Instant
    expires_at: Instant
    last_contact_at: Instant | None
    revoked_at: Instant | None
    model: str | None
    app_version: str | None
    unsent_records: int | None
    unsent_files: int | None
    storage_persisted: int | None
    clock_offset_ms: int | None
    free_bytes: int | None
    last_error: str | None
    readiness: str | None


def _device(row: sqlite3.Row) -> Device:
    return Device(*row)


def find_device_by_token(connection: sqlite3.Connection, token_hash: str) -> Device | None:
    """Return the enrolment with this token's hash, or None."""
    row = connection.execute(f"{_SELECT} WHERE devices.token_hash = ?", (token_hash,)).fetchone()
    return _device(row) if row else None


def find_device(connection: sqlite3.Connection, device_id: str, user_key: int) -> Device | None:
    """Return one officer's enrolment on one phone, or None."""
    row = connection.execute(
        f"{_SELECT} WHERE devices.id = ? AND devices.user_key = ?", (device_id, user_key)
    ).fetchone()
    return _device(row) if row else None


def get_device(connection: sqlite3.Connection, key: int) -> Device:
    """Return an enrolment by its key, else raise `device.not_found`."""
    row = connection.execute(f"{_SELECT} WHERE devices.key = ?", (key,)).fetchone()
    if row is None:
        raise Problem("device.not_found")
    return _device(row)


def list_devices(connection: sqlite3.Connection, user_key: int | None = None) -> list[Device]:
    """Return all enrolments, or one person's: those in use first, newest contact first."""
    rows = connection.execute(
        f"""{_SELECT} WHERE :user IS NULL OR devices.user_key = :user
        ORDER BY devices.revoked_at IS NOT NULL,
          ifnull(devices.last_contact_at, devices.enrolled_at) DESC, devices.key""",
        {"user": user_key},
    )
    return [_device(row) for row in rows]


def list_devices_by_id(connection: sqlite3.Connection, device_id: str) -> list[Device]:
    """Return every officer's enrolment under one phone's id."""
    rows = connection.execute(f"{_SELECT} WHERE devices.id = ?", (device_id,))
    return [_device(row) for row in rows]


def save_enrolment(
    connection: sqlite3.Connection,
    *,
    device_id: str,
    user_key: int,
    token_hash: str,
    model: str | None,
    now: Instant,
    expires_at: Instant,
) -> int:
    """Insert an enrolment, or renew the one this officer has on this phone; return its key."""
    row = connection.execute(
        """
        INSERT INTO devices (id, user_key, token_hash, model, enrolled_at, expires_at,
          last_contact_at)
        VALUES (:id, :user, :token, :model, :now, :expires, :now)
        ON CONFLICT (id, user_key) DO UPDATE SET token_hash = :token,
          model = ifnull(:model, model), enrolled_at = :now, expires_at = :expires,
          last_contact_at = :now, revoked_at = NULL
        RETURNING key
        """,
        {
            "id": device_id,
            "user": user_key,
            "token": token_hash,
            "model": model,
            "now": now,
            "expires": expires_at,
        },
    ).fetchone()
    return int(row[0])


def note_contact(
    connection: sqlite3.Connection, key: int, now: Instant, expires_at: Instant
) -> None:
    """Note that a phone was here, and let its token live on."""
    connection.execute(
        "UPDATE devices SET last_contact_at = ?, expires_at = ? WHERE key = ?",
        (now, expires_at, key),
    )


def set_state(
    connection: sqlite3.Connection, key: int, state: Mapping[str, int | str | None]
) -> None:
    """Keep what a phone says of itself: some of `STATE_COLUMNS`."""
    columns = [column for column in STATE_COLUMNS if column in state]
    if not columns:
        return
    assignments = ", ".join(f"{column} = :{column}" for column in columns)
    connection.execute(
        f"UPDATE devices SET {assignments} WHERE key = :key",
        {**{column: state[column] for column in columns}, "key": key},
    )


def revoke_device(connection: sqlite3.Connection, key: int, now: Instant) -> None:
    """Refuse this enrolment's token from now on."""
    connection.execute(
        "UPDATE devices SET revoked_at = ? WHERE key = ? AND revoked_at IS NULL", (now, key)
    )
