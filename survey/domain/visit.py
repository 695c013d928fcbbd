"""A visit: one stand at one place at one time by one officer (payload schema 1).

These are the values as the phone froze them. Every field may be missing: a record is never
lost to a rule, so absence and oddity become flags, not refusals. Source: docs/api.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ServiceResult = Literal["none", "emergency_only", "voice", "voice_sms", "data"]


@dataclass(slots=True)
class ChosenArea:
    """The jorong chosen on the phone: an area id, or a claimed area in the officer's words."""

    id: str | None = None
    claimed: ClaimedArea | None = None


@dataclass(slots=True)
class ClaimedArea:
    """A jorong that is not in the list: its name as spoken and who said so."""

    name: str | None = None
    nagari_id: str | None = None
    said_by: str | None = None


@dataclass(slots=True)
class Clock:
    """What the phone knew of the server's clock when it saved.

    `state`: "measured", "never" (no contact yet), "changed" (set since, or during the visit, by
    `step_ms` where known) or "doubtful" (the server's clock was odd); older apps say none.
    """

    server_offset_ms: float | None = None
    server_contact_at: str | None = None
    state: str | None = None
    step_ms: float | None = None


@dataclass(slots=True)
class Position:
    """Where the officer stood: WGS 84 degrees, metres; time as the browser gave it."""

    latitude_deg: float | None = None
    longitude_deg: float | None = None
    accuracy_m: float | None = None
    altitude_m: float | None = None
    fixes: int | None = None
    position_time: str | None = None
    method: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Phone:
    """The phone that saved the record."""

    model: str | None = None
    app_version: str | None = None


@dataclass(slots=True)
class ServiceTest:
    """One operator tried with one SIM: what worked. Not tested is absence of this."""

    operator: str | None = None
    handset: str | None = None
    sim_slot: int | None = None
    result: str | None = None
    proof: str | None = None
    technology: str | None = None
    waited_s: float | None = None
    airplane_toggled: bool | None = None
    networks_heard: list[str] = field(default_factory=list)
    at: str | None = None


@dataclass(slots=True)
class Reading:
    """Radio values of one operator as read from a phone or imported; dBm and dB."""

    operator: str | None = None
    technology: str | None = None
    handset: str | None = None
    sim_slot: int | None = None
    rsrp_dbm: float | None = None
    rsrq_db: float | None = None
    sinr_db: float | None = None
    rssi_dbm: float | None = None
    rscp_dbm: float | None = None
    ecno_db: float | None = None
    bars: int | None = None
    source: str | None = None
    raw_text: str | None = None
    at: str | None = None


@dataclass(slots=True)
class OriginalPhoto:
    """What the camera's file said before the phone made it smaller."""

    sha256: str | None = None
    bytes: int | None = None
    exif_time: str | None = None
    exif_latitude_deg: float | None = None
    exif_longitude_deg: float | None = None
    model: str | None = None


@dataclass(slots=True)
class Photo:
    """One photo by the SHA-256 of the bytes that travel."""

    sha256: str | None = None
    thumbnail_sha256: str | None = None
    kind: str | None = None
    bytes: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    taken_at: str | None = None
    original: OriginalPhoto | None = None


@dataclass(slots=True)
class Visit:
    """The payload of a record of kind visit, schema 1."""

    id: str | None = None
    campaign_id: str | None = None
    practice: bool = False
    config_version: int | None = None
    area: ChosenArea = field(default_factory=ChosenArea)
    place_kind: str | None = None
    setting: str | None = None
    power: str | None = None
    usually_signal: str | None = None
    started_at: str | None = None
    saved_at: str | None = None
    utc_offset_min: int | None = None
    clock: Clock = field(default_factory=Clock)
    position: Position | None = None
    phone: Phone = field(default_factory=Phone)
    companions: list[str] = field(default_factory=list)
    service_tests: list[ServiceTest] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    services_failing: list[str] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    note: str | None = None
    incomplete_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Oddity:
    """A value of a payload that the projection cannot hold: where, what, why."""

    field: str
    value: str
    why: Literal["wrong_type", "out_of_range", "unknown_word", "too_long"]
