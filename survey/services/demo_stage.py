"""The stage of the demo: its people's phones, and how they send, as the wire takes it.

Uses the services that real phones reach through the doors. Knows no plan.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from survey.domain.instants import Instant, format_instant
from survey.formats.wire import read_batch
from survey.services.demo_visits import DemoPhoto, DemoVisit, make_id
from survey.services.enrolling import Device, authenticate_device, create_code, enrol
from survey.services.files import Upload, receive_chunk
from survey.services.intake import store_batch
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.users import User

ACKNOWLEDGED = ("stored", "conflict")


@dataclass(frozen=True, slots=True)
class Phone:
    """An officer's phone and the token it made."""

    token: str
    device: Device


@dataclass(slots=True)
class Stage:
    """An instance while the demo is played on it.

    `heads` has hash and number of the newest revision of a visit that its officer sent.
    """

    store: Store
    settings: Settings
    files: FileRoom
    random: Random
    people: dict[str, User] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    heads: dict[str, tuple[str, int]] = field(default_factory=dict)
    steps: list[tuple[datetime, Callable[[Instant], object]]] = field(default_factory=list)

    def at(self, moment: datetime, do: Callable[[Instant], object]) -> None:
        """Let something happen at a moment of the plan."""
        self.steps.append((moment, do))


def enrol_phone(stage: Stage, user: User, model: str, now: Instant) -> Phone:
    """Give an officer one more phone, by a code as in the office."""
    token = secrets.token_urlsafe(32)
    enrol(
        stage.store,
        stage.settings,
        code=create_code(stage.store, stage.settings, user.id, now, actor="cli"),
        device_id=str(uuid.UUID(int=stage.random.getrandbits(128), version=4)),
        token=token,
        phone={"model": model},
        address="127.0.0.1",
        now=now,
    )
    return Phone(token, authenticate_device(stage.store, token, now))


def send_visits(stage: Stage, phone: Phone, visits: Iterable[DemoVisit], now: Instant) -> None:
    """Send first revisions, then thumbnails, then photos, as a phone in its order."""
    visits = list(visits)
    envelopes = []
    for visit in visits:
        envelope = seal(phone, "visit", visit.payload)
        stage.heads[visit.id] = (envelope["sha256"], 1)
        envelopes.append(envelope)
    send(stage, phone, envelopes, now)
    photos = [photo for visit in visits for photo in visit.photos]
    for photo in photos:
        _send_file(stage, phone, photo, "thumbnail", now)
    for photo in sorted(photos, key=lambda photo: len(photo.data)):
        _send_file(stage, phone, photo, "photo", now)


def send(stage: Stage, phone: Phone, envelopes: list[dict[str, Any]], now: Instant) -> None:
    """Send records as one request; every one must be acknowledged."""
    state = {"unsent_records": 0, "unsent_files": 0, "persisted": True, "clock": now}
    body = json.dumps({"device_state": state, "records": envelopes}).encode()
    batch = read_batch(body)
    results = store_batch(
        stage.store,
        stage.settings.timezone,
        phone.device,
        batch.records,
        batch.device_state,
        now,
    )
    for result in results:
        if result["result"] not in ACKNOWLEDGED:
            raise RuntimeError(f"the demo sent what is not accepted: {result}")


def seal(
    phone: Phone,
    kind: str,
    payload: dict[str, Any],
    *,
    revision: int = 1,
    base: str | None = None,
    seen_review: str | None = None,
) -> dict[str, Any]:
    """Return a record as a phone freezes, hashes and seals it."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    key = hashlib.sha256(phone.token.encode()).digest()
    return {
        "id": payload["id"],
        "kind": kind,
        "schema": 1,
        "revision": revision,
        "base": base,
        "seen_review": seen_review,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "seal": hmac.new(key, text.encode(), hashlib.sha256).hexdigest(),
        "payload": text,
    }


def send_walk(
    stage: Stage,
    phone: Phone,
    track_id: str,
    columns: list[list[int]],
    segment_starts: list[int],
    campaign_id: str,
    now: Instant,
) -> None:
    """Send a track: its header and one part with columns of differences."""
    times = columns[0]
    started, ended = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (times[0], times[-1]))
    header = {
        "id": track_id,
        "campaign_id": campaign_id,
        "practice": False,
        "started_at": format_instant(started),
        "ended_at": format_instant(ended),
        "saved_at": format_instant(ended),
        "utc_offset_min": 420,
        "parts": 1,
        "points": len(times),
    }
    names = ("time_ms", "latitude_e6", "longitude_e6", "altitude_dm", "accuracy_dm")
    part = {
        "id": make_id(started, stage.random),
        "track_id": track_id,
        "number": 1,
        "segment_starts": segment_starts,
        "columns": {name: _deltas(column) for name, column in zip(names, columns, strict=True)},
    }
    send(stage, phone, [seal(phone, "track", header), seal(phone, "track_part", part)], now)


def _deltas(column: list[int]) -> list[int]:
    return [now - before for now, before in zip(column, [0, *column], strict=False)]


def _send_file(stage: Stage, phone: Phone, photo: DemoPhoto, kind: str, now: Instant) -> None:
    name, data = (
        (photo.entry["thumbnail_sha256"], photo.thumbnail)
        if kind == "thumbnail"
        else (photo.entry["sha256"], photo.data)
    )
    upload = Upload(name, 0, len(data), "image/jpeg", kind)
    receive_chunk(stage.store, stage.files, phone.device, upload, [data], now)
