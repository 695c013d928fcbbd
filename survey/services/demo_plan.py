"""What happens in the demo, day by day: who goes where, what comes in, what the office decides.

Pure: it makes a list of steps; `services/demo.py` takes them through the real services.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from survey.domain.instants import Instant
from survey.domain.limits import ACCURACY_POOR_M
from survey.services.demo_visits import (
    DemoVisit,
    Stand,
    make_id,
    make_visit,
    make_walk,
    plan_stands,
)
from survey.services.demo_world import OFFICERS, DemoPerson, World, move

RETURN_REASONS: Final = (
    "Foto layar bukti belum ada. Mohon ulangi uji Telkomsel dan foto layarnya.",
    "Titik terlalu jauh dari jorong yang dipilih. Mohon periksa nama jorongnya.",
    "Ketelitian posisi kurang. Mohon ambil ulang di tempat terbuka.",
    "Mohon tulis operator lain yang juga dicoba.",
)
REJECT_REASON: Final = "Bukan kunjungan survei, hanya coba-coba."
CORRECTION: Final = "Sudah diperbaiki sesuai catatan kantor."
LAST_REVIEWED_DAY: Final = 17
"""Visits of later days still wait at the desk."""
TRAINING_DAYS_BEFORE: Final = 4

OUTCOMES: Final[tuple[tuple[str, int], ...]] = (
    ("approve", 62),
    ("return", 6),
    ("return_fix", 7),
    ("return_fix_approve", 8),
    ("reject", 3),
    ("withdraw", 3),
    ("leave", 11),
)
FIXED_OUTCOMES: Final[dict[int, str]] = {
    6: "conflict_decided",
    15: "conflict_two_phones",
    24: "conflict_unseen",
    33: "conflict_settled",
    40: "withdraw",
    44: "reject",
}
"""By number of the visit, so that each kind is there whatever the dice say."""


@dataclass(slots=True)
class PlannedVisit:
    """A visit with what becomes of it."""

    visit: DemoVisit
    outcome: str
    upload_at: datetime
    day: int


@dataclass(slots=True)
class Walk:
    """A track of one officer's day: its columns, and where a new segment starts."""

    officer: DemoPerson
    id: str
    columns: list[list[int]]
    segment_starts: list[int]
    upload_at: datetime


@dataclass(slots=True)
class Plan:
    """Everything that comes in, in the order of the days."""

    visits: list[PlannedVisit] = field(default_factory=list)
    walks: list[Walk] = field(default_factory=list)


def make_plan(world: World, campaign_id: str, first_day: datetime, random: Random) -> Plan:
    """Return the demo's weeks: each officer visits every sixth jorong, one every third day.

    `first_day` is 7 o'clock local time of the campaign's first day, aware.
    """
    plan = Plan()
    for number, place in enumerate(world.places):
        turn, which = divmod(number, len(OFFICERS))
        officer = OFFICERS[which]
        day = turn * 3 + which % 3
        morning = first_day + timedelta(days=day, minutes=random.randint(0, 50))
        stands = plan_stands(place, morning, 4 + number % 2, random)
        # Every second trip the officer sleeps out and sends two days' work at once.
        evening = first_day + timedelta(days=day + (3 if turn % 2 == 0 else 0), hours=12)
        for stand in stands:
            visit = make_visit(world, officer, place, stand, campaign_id, random)
            plan.visits.append(PlannedVisit(visit, "", evening, day))
        if turn in (0, 3):
            columns, starts = make_walk(stands, place.altitude_m, random)
            walk_id = make_id(stands[0].started, random)
            plan.walks.append(Walk(officer, walk_id, columns, starts, evening))
    _choose_outcomes(plan, random)
    _spoil_some(plan)
    plan.visits += _practice(world, first_day, random)
    return plan


def _choose_outcomes(plan: Plan, random: Random) -> None:
    names, weights = zip(*OUTCOMES, strict=True)
    for number, planned in enumerate(plan.visits):
        drawn = random.choices(names, weights)[0]
        late = planned.day > LAST_REVIEWED_DAY
        planned.outcome = FIXED_OUTCOMES.get(number, "leave" if late else drawn)


def _practice(world: World, first_day: datetime, random: Random) -> list[PlannedVisit]:
    """Return what officers tried out at the training, days before the campaign."""
    morning = first_day - timedelta(days=TRAINING_DAYS_BEFORE)
    planned = []
    for number, officer in enumerate(OFFICERS):
        place = world.places[0]
        point = move(place.latitude_deg, place.longitude_deg, 20, 60 * number)
        stand = Stand("office", morning + timedelta(minutes=3 * number), *point)
        visit = make_visit(world, officer, place, stand, None, random)
        visit.payload["practice"] = True
        planned.append(PlannedVisit(visit, "leave", morning + timedelta(hours=3), -1))
    return planned


def correct_payload(payload: dict[str, Any], saved_at: Instant, note: str) -> dict[str, Any]:
    """Return a later revision of a payload: the officer looked again and wrote so."""
    changed = copy.deepcopy(payload)
    changed["saved_at"] = saved_at
    changed["note"] = f"{payload['note']} {note}".strip()
    changed["correction_reason"] = note
    for test in changed["service_tests"]:
        if test["result"] == "none" and test["proof"] == "quick":
            test.update(proof="proven", waited_s=120, airplane_toggled=True)
    if (changed["position"].get("accuracy_m") or 0) > ACCURACY_POOR_M:
        changed["position"]["accuracy_m"] = 8.4
    return changed


# What goes wrong in the field: each changes a visit where it can, and says whether it could.


def _coarse(visit: DemoVisit) -> bool:
    visit.payload["position"].update(accuracy_m=84.0, fixes=2)
    return True


def _approximate(visit: DemoVisit) -> bool:
    visit.payload["position"].update(accuracy_m=2_000.0, fixes=1, method="single")
    return True


def _by_hand(visit: DemoVisit) -> bool:
    visit.payload["position"].update(
        method="manual", accuracy_m=None, fixes=0, reason="GPS rusak, titik diambil dari peta."
    )
    return True


def _no_position(visit: DemoVisit) -> bool:
    visit.payload["position"] = {"method": "single", "reason": "Hujan lebat, GPS tidak dapat."}
    visit.payload["incomplete_reason"] = "Hujan lebat, GPS tidak dapat posisi."
    return True


def _wrong_clock(visit: DemoVisit) -> bool:
    visit.payload["clock"]["server_offset_ms"] = 47 * 60_000
    return True


def _asu_as_dbm(visit: DemoVisit) -> bool:
    for reading in visit.payload["readings"]:
        if "rsrp_dbm" in reading:
            asu = reading["rsrp_dbm"] + 140
            reading.update(rsrp_dbm=asu, raw_text=f"{asu} asu")
            return True
    return False


def _out_of_range(visit: DemoVisit) -> bool:
    for reading in visit.payload["readings"]:
        reading["rsrq_db"] = 77.0
    return bool(visit.payload["readings"])


def _bars_disagree(visit: DemoVisit) -> bool:
    for reading in visit.payload["readings"]:
        if reading.get("rsrp_dbm", 0) < -105:
            reading["bars"] = 4
            return True
    return False


def _far_away(visit: DemoVisit) -> bool:
    position = visit.payload["position"]
    point = move(position["latitude_deg"], position["longitude_deg"], 9_000, 45)
    position["latitude_deg"], position["longitude_deg"] = (round(value, 6) for value in point)
    return True


def _photo_elsewhere(visit: DemoVisit) -> bool:
    """What the camera wrote into the file says that it was 12 km away."""
    if not visit.photos:
        return False
    position = visit.payload["position"]
    latitude, longitude = move(position["latitude_deg"], position["longitude_deg"], 12_000, 200)
    visit.photos[0].entry["original"] = {
        "sha256": visit.photos[0].entry["sha256"],
        "bytes": 2_400_000,
        "exif_time": None,
        "exif_latitude_deg": round(latitude, 6),
        "exif_longitude_deg": round(longitude, 6),
        "model": visit.officer.phone,
    }
    return True


def _claimed(visit: DemoVisit) -> bool:
    visit.payload["area"] = {
        "id": None,
        "claimed": {
            "name": "Lubuak Aluang",
            "nagari_id": visit.place.nagari_id,
            "said_by": "Wali Jorong",
        },
    }
    return True


FAULTS: Final[tuple[Callable[[DemoVisit], bool], ...]] = (
    _coarse,
    _asu_as_dbm,
    _claimed,
    _wrong_clock,
    _bars_disagree,
    _claimed,
    _approximate,
    _photo_elsewhere,
    _out_of_range,
    _by_hand,
    _far_away,
    _no_position,
    _claimed,
)


def _spoil_some(plan: Plan) -> None:
    """Let each fault happen at every twelfth visit or soon after, and use one photo twice."""
    for number, fault in enumerate(FAULTS):
        next((one for one in plan.visits[9 + 12 * number :] if fault(one.visit)), None)
    with_photos = [one.visit for one in plan.visits if one.visit.photos]
    first, other = with_photos[20], with_photos[34]
    other.photos.append(first.photos[0])
    other.payload["photos"].append(first.photos[0].entry)
