"""Things for tests: a clock, people, phones and payloads, valid unless a test spoils them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from survey.domain.identifiers import new_id
from survey.domain.instants import Instant, add_to_instant
from survey.services.accounts import create_user
from survey.services.enrolling import create_code, enrol
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.users import User

NOW: Instant = "2026-05-04T03:00:00.000Z"
PASSWORD = "hutan-rimba-raya"


class FixedClock:
    """A clock for tests: call it for the instant, `tick` moves it on."""

    def __init__(self, now: Instant) -> None:
        self.now = now

    def __call__(self) -> Instant:
        return self.now

    def tick(self, seconds: float = 1) -> Instant:
        """Move on by some seconds and return the new instant."""
        self.now = add_to_instant(self.now, seconds=seconds)
        return self.now


def make_visit_payload(**changes: Any) -> dict[str, Any]:
    """Return a valid payload of a visit with three operators tested; `changes` replace fields."""
    payload: dict[str, Any] = {
        "id": new_id(),
        "campaign_id": None,
        "practice": False,
        "config_version": 1,
        "area": {"id": "13.11/j0001", "claimed": None},
        "place_kind": "centre",
        "setting": "outdoor",
        "power": "on",
        "usually_signal": "no",
        "started_at": "2026-05-04T02:11:09.120Z",
        "saved_at": "2026-05-04T02:14:41.003Z",
        "utc_offset_min": 420,
        "clock": {"server_offset_ms": -850, "server_contact_at": "2026-05-02T01:00:00.000Z"},
        "position": {
            "latitude_deg": -1.541671,
            "longitude_deg": 101.243342,
            "accuracy_m": 6.2,
            "altitude_m": 431.0,
            "fixes": 14,
            "position_time": "2026-05-04T02:12:00.000Z",
            "method": "averaged",
            "reason": None,
        },
        "phone": {"model": "Redmi 9A", "app_version": "0.1.0"},
        "companions": [],
        "service_tests": [
            make_service_test("telkomsel", "none"),
            make_service_test("xl", "voice_sms", technology="gsm"),
            make_service_test("indosat", "none"),
        ],
        "readings": [
            {
                "operator": "xl",
                "technology": "lte",
                "handset": "own",
                "sim_slot": 2,
                "rsrp_dbm": -108,
                "rsrq_db": -12.5,
                "sinr_db": 3.0,
                "rssi_dbm": None,
                "bars": 1,
                "source": "typed",
                "raw_text": "-108 dBm 32 asu",
                "at": "2026-05-04T02:13:10.000Z",
            }
        ],
        "data_tests": [],
        "services_failing": ["absensi-online"],
        "photos": [],
        "note": "",
        "incomplete_reason": None,
    }
    return {**payload, **changes}


def make_service_test(operator: str, result: str, **changes: Any) -> dict[str, Any]:
    """Return one service test of a payload."""
    test: dict[str, Any] = {
        "operator": operator,
        "handset": "own",
        "sim_slot": 1,
        "result": result,
        "proof": "quick" if result == "none" else None,
        "technology": None,
        "waited_s": 20,
        "airplane_toggled": False,
        "networks_heard": [],
        "at": "2026-05-04T02:12:40.000Z",
    }
    return {**test, **changes}


def make_envelope(
    payload: dict[str, Any] | str,
    *,
    kind: str = "visit",
    revision: int = 1,
    base: str | None = None,
    seen_review: str | None = None,
    token: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Return the envelope of a payload as a phone sends it, sealed when a token is given."""
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    data = text.encode("utf-8", "surrogatepass")
    envelope: dict[str, Any] = {
        "id": payload["id"] if isinstance(payload, dict) else new_id(),
        "kind": kind,
        "schema": 1,
        "revision": revision,
        "base": base,
        "seen_review": seen_review,
        "sha256": hashlib.sha256(data).hexdigest(),
        "payload": text,
    }
    if token is not None:
        key = hashlib.sha256(token.encode()).digest()
        envelope["seal"] = hmac.new(key, data, hashlib.sha256).hexdigest()
    return {**envelope, **changes}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone in an officer's hand: what it sends as its token, and who it is."""

    token: str
    device_id: str
    officer_id: str
    username: str

    @property
    def headers(self) -> dict[str, str]:
        """The header that every request of the phone carries."""
        return {"Authorization": f"Bearer {self.token}"}


def new_token() -> str:
    """Return a token as a phone makes it: 256 bits in base64url."""
    return secrets.token_urlsafe(32)


def new_device_id() -> str:
    """Return a phone's id as the phone makes it."""
    return str(uuid.uuid4())


def enrol_officer(
    store: Store, settings: Settings, username: str = "sari", now: Instant = NOW
) -> Enrolled:
    """Make an officer and enrol a phone of theirs by the real services."""
    user = create_user(store, username, username.title(), ["officer"], now, actor="cli")
    return enrol_phone(store, settings, user.id, username, now)


def enrol_phone(
    store: Store, settings: Settings, user_id: str, username: str, now: Instant = NOW
) -> Enrolled:
    """Enrol one more phone of an officer."""
    code = create_code(store, settings, user_id, now, actor="cli")
    phone = Enrolled(new_token(), new_device_id(), user_id, username)
    enrol(
        store,
        settings,
        code=code,
        device_id=phone.device_id,
        token=phone.token,
        phone={"model": "Redmi 9A"},
        address="127.0.0.1",
        now=now,
    )
    return phone


def add_officer(store: Store, username: str, now: Instant = NOW) -> User:
    """Make a field officer without a phone."""
    return create_user(store, username, username.title(), ["officer"], now, actor="cli")


def add_staff(store: Store, username: str, *roles: str, now: Instant = NOW) -> User:
    """Make a person of the office with the password `PASSWORD`."""
    return create_user(
        store, username, username.title(), roles, now, actor="cli", password=PASSWORD
    )
