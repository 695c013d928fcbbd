"""The visits of the demo as phones would have frozen them: payloads, drawn photos, walks.

Pure: the same random numbers give the same bytes. Knows neither store nor wire.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final

from survey.domain.instants import format_instant
from survey.domain.operators import OPERATORS
from survey.formats.demo_photos import (
    draw_proof_screen,
    draw_scene,
    encode_jpeg,
    encode_thumbnail,
)
from survey.services.demo_world import DemoPerson, Place, World, move

BRANDS: Final = {operator.key: operator.brand for operator in OPERATORS}
BAR_BOUNDS_DBM: Final = (-118, -108, -98, -88)
STANDS: Final = ("centre", "school", "last_house", "mosque", "signal_spot", "health", "road")
NOTES: Final = (
    "",
    "",
    "Warga naik ke bukit untuk menelepon.",
    "Sinyal datang dan pergi saat hujan.",
    "Jembatan gantung, motor bisa lewat.",
    "Jalan tanah, licin setelah hujan.",
    "Sekolah memakai internet satelit, sering mati.",
)
SERVICES: Final = ("absensi-online", "nagari-sigap")


@dataclass(slots=True)
class DemoPhoto:
    """The bytes of one picture and of its thumbnail, with what the payload says of it."""

    data: bytes
    thumbnail: bytes
    entry: dict[str, Any]


@dataclass(slots=True)
class DemoVisit:
    """One visit: who made it where, its payload, its pictures."""

    officer: DemoPerson
    place: Place
    payload: dict[str, Any]
    photos: list[DemoPhoto] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self.payload["id"])


@dataclass(frozen=True, slots=True)
class Stand:
    """Where and when an officer stands, and why there."""

    kind: str
    started: datetime
    latitude_deg: float
    longitude_deg: float


def make_id(moment: datetime, random: Random) -> str:
    """Return the UUIDv7 that a phone could have made at a moment."""
    value = (int(moment.timestamp() * 1000) << 80) | random.getrandbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def plan_stands(place: Place, morning: datetime, count: int, random: Random) -> list[Stand]:
    """Return the stands of a day in one jorong, in the order they are walked to."""
    stands = []
    moment = morning
    for kind in STANDS[:count]:
        far = random.uniform(0, 40) if kind == "centre" else random.uniform(180, 900)
        point = move(place.latitude_deg, place.longitude_deg, far, random.uniform(0, 360))
        stands.append(Stand(kind, moment, *point))
        moment += timedelta(minutes=random.randint(35, 70), seconds=random.randint(0, 59))
    return stands


def make_visit(
    world: World,
    officer: DemoPerson,
    place: Place,
    stand: Stand,
    campaign_id: str | None,
    random: Random,
) -> DemoVisit:
    """Return a visit with a service test of each SIM in the bag and what phones showed."""
    saved = stand.started + timedelta(seconds=random.randint(150, 400))
    indoors = stand.kind in ("school", "health", "mosque") and random.random() < 0.4
    power = random.choices(("on", "off", "none"), (80, 8, 12))[0]
    tests, readings = [], []
    for slot, operator in enumerate(officer.operators, start=1):
        strength = world.rsrp_dbm(operator, stand.latitude_deg, stand.longitude_deg)
        strength -= place.shadow_db * (0.45 if stand.kind == "signal_spot" else 1)
        strength -= (7 if indoors else 0) - random.gauss(0, 2.5)
        at = saved - timedelta(seconds=100 - 20 * slot)
        test = _service_test(operator, slot, strength, at, random)
        tests.append(test)
        reading = _reading(officer, test, strength, at + timedelta(seconds=8), random)
        readings += [reading] if reading else []
    results = {test["result"] for test in tests}
    payload: dict[str, Any] = {
        "id": make_id(stand.started, random),
        "campaign_id": campaign_id,
        "practice": False,
        "config_version": 1,
        "area": {"id": place.area_id, "claimed": None},
        "place_kind": stand.kind,
        "setting": "indoor" if indoors else "outdoor",
        "power": power,
        "usually_signal": "no" if results <= {"none", "emergency_only"} else "weak",
        "started_at": format_instant(stand.started),
        "saved_at": format_instant(saved),
        "utc_offset_min": 420,
        "clock": {
            "server_offset_ms": random.randint(-900, 900),
            "server_contact_at": format_instant(stand.started - timedelta(hours=30)),
        },
        "position": {
            "latitude_deg": round(stand.latitude_deg, 6),
            "longitude_deg": round(stand.longitude_deg, 6),
            "accuracy_m": round(random.uniform(3.5, 14), 1),
            "altitude_m": round(place.altitude_m + random.uniform(-12, 12), 1),
            "fixes": random.randint(8, 40),
            "position_time": format_instant(stand.started + timedelta(seconds=70)),
            "method": "averaged",
            "reason": None,
        },
        "phone": {"model": officer.phone, "app_version": "0.1.0"},
        "companions": list(officer.companions),
        "service_tests": tests,
        "readings": readings,
        "data_tests": [],
        "services_failing": [] if "data" in results else list(SERVICES),
        "photos": [],
        "note": random.choice(NOTES),
        "incomplete_reason": None,
    }
    visit = DemoVisit(officer, place, payload)
    _take_photos(visit, saved, random)
    return visit


def _service_test(
    operator: str, slot: int, strength: float, at: datetime, random: Random
) -> dict[str, Any]:
    bounds = (("data", -116), ("voice_sms", -121), ("voice", -125), ("emergency_only", -129))
    result = next((name for name, bound in bounds if strength >= bound), "none")
    proven = result == "none" and random.random() < 0.45
    technologies = {"data": "lte", "voice_sms": "gsm", "voice": "gsm"}
    return {
        "operator": operator,
        "handset": "own" if slot < 3 else "office",
        "sim_slot": slot if slot < 3 else slot - 2,
        "result": result,
        "proof": ("proven" if proven else "quick") if result == "none" else None,
        "technology": technologies.get(result),
        "waited_s": 120 if proven else random.randint(15, 40),
        "airplane_toggled": proven,
        "networks_heard": ["Telkomsel"] if result == "emergency_only" else [],
        "at": format_instant(at),
    }


def _reading(
    officer: DemoPerson, test: dict[str, Any], strength: float, at: datetime, random: Random
) -> dict[str, Any] | None:
    """Return what the phone showed of the radio; an iPhone shows bars only, 2G often nothing."""
    if test["result"] not in ("data", "voice_sms") or random.random() < 0.15:
        return None
    reading: dict[str, Any] = {
        "operator": test["operator"],
        "technology": test["technology"],
        "handset": test["handset"],
        "sim_slot": test["sim_slot"],
        "source": "typed",
        "at": format_instant(at),
    }
    value = min(round(strength), -60)
    bars = sum(value >= bound for bound in BAR_BOUNDS_DBM)
    if officer.phone.startswith("iPhone"):
        return {**reading, "bars": bars, "raw_text": ""}
    if test["technology"] == "gsm":
        value = min(value + 22, -70)
        return {**reading, "rssi_dbm": value, "raw_text": f"{value} dBm {(value + 113) // 2} asu"}
    return {
        **reading,
        "rsrp_dbm": value,
        "rsrq_db": round(max(-19.0, min(-6.0, -6 - (-80 - value) / 4 + random.uniform(-1, 1))), 1),
        "sinr_db": round(max(-8.0, min(24.0, (value + 112) / 2 + random.uniform(-2, 2))), 1),
        "bars": bars,
        "raw_text": f"{value} dBm {value + 140} asu",
    }


def _take_photos(visit: DemoVisit, saved: datetime, random: Random) -> None:
    kinds = {"centre": ["site", "proof_screen"], "last_house": ["access_road"], "road": ["site"]}
    wanted = kinds.get(visit.payload["place_kind"], [])
    if visit.payload["power"] == "none" and visit.payload["place_kind"] == "centre":
        wanted = [*wanted, "power"]
    if visit.payload["place_kind"] == "signal_spot":
        wanted = ["tower"]
    for number, kind in enumerate(wanted):
        taken = saved - timedelta(seconds=60 - 15 * number)
        add_photo(visit, kind, taken, random.getrandbits(32))


def add_photo(visit: DemoVisit, kind: str, taken: datetime, seed: int) -> None:
    """Draw a picture, and name it in the payload."""
    local = taken + timedelta(minutes=420)
    if kind == "proof_screen":
        test = visit.payload["service_tests"][0]
        nothing = test["result"] in ("none", "emergency_only")
        image = draw_proof_screen(
            "Tidak ada layanan" if nothing else BRANDS[test["operator"]],
            "" if nothing else "4G",
            0 if nothing else 2,
            [f"Operator: {BRANDS[test['operator']]}", visit.place.name, f"{local:%Y-%m-%d %H:%M}"],
        )
    else:
        image = draw_scene(kind, seed, [f"Jorong {visit.place.name}", f"{local:%Y-%m-%d %H:%M}"])
    data, thumbnail = encode_jpeg(image), encode_thumbnail(image)
    entry = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "thumbnail_sha256": hashlib.sha256(thumbnail).hexdigest(),
        "kind": kind,
        "bytes": len(data),
        "width_px": image.width,
        "height_px": image.height,
        "taken_at": format_instant(taken),
        "original": None,
    }
    visit.payload["photos"].append(entry)
    visit.photos.append(DemoPhoto(data, thumbnail, entry))


def make_walk(
    stands: Sequence[Stand], altitude_m: float, random: Random
) -> tuple[list[list[int]], list[int]]:
    """Return the five columns of a walk past the stands, and where a new segment starts.

    A point every 10 s: ms, 1e-6 deg, dm. Between the second and third stand the phone slept.
    """
    rows: list[list[int]] = []
    starts: list[int] = []
    for number, (one, other) in enumerate(pairwise(stands)):
        if number == 1:
            starts.append(len(rows))
            continue
        seconds = int((other.started - one.started).total_seconds())
        for second in range(0, min(seconds, 2_400), 10):
            share = min(1.0, second / min(seconds, 2_400))
            bend = math.sin(share * math.pi) * 0.0012
            rows.append(
                [
                    int((one.started + timedelta(seconds=second)).timestamp() * 1000),
                    _between(one.latitude_deg, other.latitude_deg, share, bend, random),
                    _between(one.longitude_deg, other.longitude_deg, share, -bend, random),
                    round((altitude_m + 40 * math.sin(share * math.pi)) * 10),
                    random.randint(35, 120),
                ]
            )
    return [list(column) for column in zip(*rows, strict=True)], starts


def _between(one: float, other: float, share: float, bend: float, random: Random) -> int:
    return round((one + (other - one) * share + bend + random.gauss(0, 0.00002)) * 1e6)
