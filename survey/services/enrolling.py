"""Phones: a code brings a phone to its officer, a token brings it back at each request.

Knows no HTTP. The code is stored under the instance's secret key, the token as its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from survey.domain.enrolment import CODE_DAYS, TOKEN_DAYS, new_code, read_code, show_code
from survey.domain.identifiers import is_uuid
from survey.domain.instants import Instant, add_to_instant
from survey.domain.problems import FieldError, Problem
from survey.services import throttling
from survey.services.accounts import hash_token
from survey.services.device_states import contact_is_old, readable_text
from survey.services.device_states import note_device_state as note_device_state
from survey.settings import Settings
from survey.store import codes, devices, users
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.devices import Device as Device
from survey.store.meta import find_meta, set_meta

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43,128}")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a phone learns when its code was right; `created` is False for a repeated one.

    `supervisor` names who gave the code: the person to call when a new one is needed.
    """

    officer_id: str
    officer_name: str
    language: str
    supervisor: str | None
    device_id: str
    created: bool


def hash_code(settings: Settings, code: str) -> str:
    """Return what is stored of a code: too short to hash alone, so keyed with the secret."""
    return hmac.new(settings.secret_key, b"enrol:" + code.encode(), hashlib.sha256).hexdigest()


def create_code(store: Store, settings: Settings, user_id: str, now: Instant, *, actor: str) -> str:
    """Return a new code such as K7MX-42QD, valid 7 days; the officer's phones stay enrolled.

    Raises `user.not_found`, `auth.disabled`, or `enrol.not_officer`.
    """
    code = new_code()

    def insert(connection: sqlite3.Connection) -> None:
        user = users.get_user(connection, user_id)
        if user.disabled_at is not None:
            raise Problem("auth.disabled")
        if "officer" not in user.roles:
            raise Problem("enrol.not_officer")
        creator = users.find_user(connection, actor)
        codes.insert_code(
            connection,
            code_hash=hash_code(settings, code),
            user_key=user.key,
            created_by=creator.key if creator else None,
            now=now,
            expires_at=add_to_instant(now, days=CODE_DAYS),
        )
        append_audit(connection, now, actor, "code.created", user_id)

    store.write(insert)
    return show_code(code)


def enrol(
    store: Store,
    settings: Settings,
    *,
    code: object,
    device_id: object,
    token: object,
    phone: object,
    address: str,
    now: Instant,
) -> Enrolment:
    """Bind a phone and its token to the officer of a code.

    The same code from the same phone succeeds again until the code expires. Values are taken
    as they came from the wire; raises `field.invalid`, `enrol.unknown_code`,
    `enrol.expired_code`, `enrol.used_code`, `enrol.throttled`, `auth.revoked` or
    `auth.disabled`.
    """
    faults = []
    if not isinstance(code, str):
        faults.append(FieldError("code", "This code is not readable."))
    if not is_uuid(device_id):
        faults.append(FieldError("device_id", "This must be a UUID in lower case."))
    if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
        faults.append(FieldError("token", "This must be 256 bits in base64url."))
    if faults:
        raise Problem("field.invalid", faults)
    request = _Request(
        code_text=str(code),
        device_id=str(device_id),
        token_hash=hash_token(str(token)),
        model=readable_text(phone.get("model")) if isinstance(phone, Mapping) else None,
        place=throttling.address_subject(address),
    )
    wait = throttling.minutes_to_wait(store.reader(), "code_address", request.place, now)
    if wait and not _passes_throttle(store, settings, request, now):
        raise _throttled(wait)
    outcome = store.write(lambda connection: _enrol(connection, settings, request, now))
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


@dataclass(frozen=True, slots=True)
class _Request:
    code_text: str
    device_id: str
    token_hash: str
    model: str | None
    place: str


_looks: weakref.WeakKeyDictionary[Store, throttling.LookCounter] = weakref.WeakKeyDictionary()


def _passes_throttle(store: Store, settings: Settings, request: _Request, now: Instant) -> bool:
    """Tell whether an address that has had its tries brings a right code, without a write."""
    if not _looks.setdefault(store, throttling.LookCounter()).may_look(now):
        return False
    row = codes.find_code(store.reader(), _hash_typed(settings, request.code_text))
    return _fault_of_code(row, request.device_id, now) is None


def _throttled(minutes: int) -> Problem:
    return Problem("enrol.throttled", minutes=minutes, retry_after=60 * minutes)


def _hash_typed(settings: Settings, text: str) -> str:
    code = read_code(text)
    return hash_code(settings, code) if code else ""


def _enrol(
    connection: sqlite3.Connection, settings: Settings, request: _Request, now: Instant
) -> Enrolment | Problem:
    """Do it, or return why not: raising would undo the note of the failed try."""
    code_hash = _hash_typed(settings, request.code_text)
    row = codes.find_code(connection, code_hash)
    fault = _fault_of_code(row, request.device_id, now)
    if row is None or fault is not None:
        # Many tries at once all came past the first look.
        wait = throttling.minutes_to_wait(connection, "code_address", request.place, now)
        if wait:
            return _throttled(wait)
        throttling.note_try(connection, "code_address", request.place, now)
        return Problem(fault or "enrol.unknown_code")
    user = users.find_user_by_key(connection, row["user_key"])
    if user is None or user.disabled_at is not None:
        return Problem("auth.disabled")
    again = row["used_at"] is not None
    known = devices.find_device(connection, request.device_id, user.key)
    if again and (known is None or known.revoked_at is not None):
        return Problem("auth.revoked")
    owner = devices.find_device_by_token(connection, request.token_hash)
    if owner is not None and (owner.id, owner.user_key) != (request.device_id, user.key):
        return Problem("field.invalid", [FieldError("token", "This token is in use.")])
    devices.save_enrolment(
        connection,
        device_id=request.device_id,
        user_key=user.key,
        token_hash=request.token_hash,
        model=request.model,
        now=now,
        expires_at=add_to_instant(now, days=TOKEN_DAYS),
    )
    if not again:
        codes.use_code(connection, code_hash, request.device_id, now)
        append_audit(connection, now, user.id, "device.enrolled", request.device_id)
    if find_meta(connection, "public_url") is None:
        set_meta(connection, "public_url", settings.public_url)
    giver = users.find_user_by_key(connection, row["created_by"]) if row["created_by"] else None
    return Enrolment(
        user.id,
        user.name,
        user.language,
        giver.name if giver else None,
        request.device_id,
        created=not again,
    )


def _fault_of_code(row: sqlite3.Row | None, device_id: str, now: Instant) -> str | None:
    if row is None:
        return "enrol.unknown_code"
    if row["expires_at"] <= now or row["revoked_at"] is not None:
        return "enrol.expired_code"
    if row["used_at"] is not None and row["device_id"] != device_id:
        return "enrol.used_code"
    return None


def authenticate_device(store: Store, token: str | None, now: Instant) -> Device:
    """Return the enrolment of a bearer token, and note the contact once a minute.

    Raises `auth.missing`, `auth.revoked` (also unknown or expired: all need a new code) or
    `auth.disabled`.
    """
    if not token:
        raise Problem("auth.missing")
    device = devices.find_device_by_token(store.reader(), hash_token(token))
    if device is None or device.revoked_at is not None or device.expires_at <= now:
        raise Problem("auth.revoked")
    if device.user_disabled_at is not None:
        raise Problem("auth.disabled")
    if contact_is_old(device, now):
        expires_at = add_to_instant(now, days=TOKEN_DAYS)
        # A full disk or a held store keeps no phone from reading.
        with suppress(sqlite3.OperationalError):
            store.write(lambda c: devices.note_contact(c, device.key, now, expires_at))
    return device


def code_is_open(store: Store, settings: Settings, code: str, now: Instant) -> bool:
    """Tell whether a code still waits for a phone."""
    row = codes.find_code(store.reader(), hash_code(settings, read_code(code) or ""))
    if row is None or row["used_at"] is not None:
        return False
    return _fault_of_code(row, "", now) is None


def enrol_address(settings: Settings, code: str) -> str:
    """Return the address behind the QR code; opening it burns nothing."""
    return f"{settings.public_url}/app#enrol={code}"


def revoke_device(store: Store, key: int, now: Instant, *, actor: str) -> None:
    """Refuse an enrolment from its next request on; the phone keeps what it holds."""

    def apply(connection: sqlite3.Connection) -> None:
        device = devices.get_device(connection, key)
        if device.revoked_at is None:
            devices.revoke_device(connection, key, now)
            append_audit(connection, now, actor, "device.revoked", device.id)

    store.write(apply)


def list_devices(store: Store, user_key: int | None = None) -> list[Device]:
    """Return all enrolments, or one person's: those in use first, newest contact first."""
    return devices.list_devices(store.reader(), user_key)


def list_devices_by_id(store: Store, device_id: str) -> list[Device]:
    """Return every officer's enrolment under one phone's id."""
    return devices.list_devices_by_id(store.reader(), device_id)
