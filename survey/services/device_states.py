"""What a phone says of itself with each sync: read with tolerance, kept when it is new.

Nothing a phone says here can make its records fail: what is not understood is left out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Final

from survey.domain.enrolment import TOKEN_DAYS
from survey.domain.instants import Instant, add_to_instant, milliseconds_between
from survey.domain.limits import LIMITS
from survey.store import devices
from survey.store.devices import Device

CONTACT_EVERY_SECONDS: Final = 60
"""Contacts closer together than this are one: a sync is many requests."""

COUNT_MAXIMUM: Final = 10**15
TEXT_CHARACTERS: Final = 200
READINESS_BYTES: Final = 8_000

RESTLESS: Final = ("clock_offset_ms", "free_bytes")
"""These differ at each contact and are no news by themselves."""

State = dict[str, int | str | None]


def readable_text(value: object, characters: int = TEXT_CHARACTERS) -> str | None:
    """Return text that can be stored and shown, cut to a length, or None."""
    if not isinstance(value, str):
        return None
    clean = value.encode("utf-8", "replace").decode().replace("\0", "")
    return clean.strip()[:characters] or None


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= COUNT_MAXIMUM else None


def _flag(value: object) -> int | None:
    return int(value) if isinstance(value, bool) else None


def _clock_offset(value: object, now: Instant) -> int | None:
    """Return server minus phone in ms, as the phone's own `server_offset_ms` has it."""
    if not isinstance(value, str):
        return None
    try:
        offset = milliseconds_between(value, now)
    except (ValueError, OverflowError):
        return None
    return offset if LIMITS["clock_offset_ms"].allows(offset) else None


def _readiness(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return None
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return text if len(text) <= READINESS_BYTES else None


def read_device_state(state: object, now: Instant) -> State:
    """Return the columns of `devices` that a wire `device_state` speaks of.

    A known field of a wrong type becomes None; `readiness` absent or unreadable keeps what
    the phone said before, because a check lasts until the next one.
    """
    if not isinstance(state, Mapping):
        return {}
    columns: State = {}
    for name in ("unsent_records", "unsent_files", "free_bytes"):
        if name in state:
            columns[name] = _count(state[name])
    if "persisted" in state:
        columns["storage_persisted"] = _flag(state["persisted"])
    if "clock" in state:
        columns["clock_offset_ms"] = _clock_offset(state["clock"], now)
    if "last_error" in state:
        columns["last_error"] = readable_text(state["last_error"], 500)
    for name in ("app_version", "model"):
        text = readable_text(state.get(name))
        if text is not None:
            columns[name] = text
    readiness = _readiness(state.get("readiness"))
    if readiness is not None:
        columns["readiness"] = readiness
    return columns


def contact_is_old(device: Device, now: Instant) -> bool:
    """Tell whether a phone's last noted contact is over a minute ago, or in the future.

    One in the future was noted by a server's clock that was set back since.
    """
    last = device.last_contact_at
    return (
        last is None
        or add_to_instant(last, seconds=CONTACT_EVERY_SECONDS) <= now
        or last > add_to_instant(now, seconds=CONTACT_EVERY_SECONDS)
    )


def note_device_state(
    connection: sqlite3.Connection, device: Device, device_state: object, now: Instant
) -> None:
    """Keep what a phone says of itself, within the transaction of its records.

    Writes when something is new that does not change by itself, else once a minute.
    """
    columns = read_device_state(device_state, now)
    news = any(
        getattr(device, name) != value for name, value in columns.items() if name not in RESTLESS
    )
    if news or contact_is_old(device, now):
        devices.set_state(connection, device.key, columns)
        devices.note_contact(connection, device.key, now, add_to_instant(now, days=TOKEN_DAYS))
