"""Records as an enrolled phone sends them, straight to the service behind the door."""

from __future__ import annotations

import json
from typing import Any

from survey.domain.instants import Instant
from survey.formats.wire import RecordResult, read_batch
from survey.services.enrolling import authenticate_device
from survey.services.intake import store_batch
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import NOW, Enrolled, make_envelope


def send(
    store: Store,
    settings: Settings,
    phone: Enrolled,
    *envelopes: dict[str, Any],
    now: Instant = NOW,
) -> list[RecordResult]:
    """Send envelopes as one batch and return the results."""
    batch = read_batch(json.dumps({"records": envelopes}).encode())
    device = authenticate_device(store, phone.token, now)
    return store_batch(store, settings.timezone, device, batch.records, None, now)


def send_visit(
    store: Store, settings: Settings, phone: Enrolled, payload: dict[str, Any], now: Instant = NOW
) -> str:
    """Send one visit, which must be stored, and return its payload's hash."""
    envelope = make_envelope(payload)
    (result,) = send(store, settings, phone, envelope, now=now)
    assert result["result"] == "stored", result
    sha256: str = envelope["sha256"]
    return sha256
