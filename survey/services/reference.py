"""What every phone must know before it can work offline: limits, operators, choices.

The phone knows no bound of its own; this is where it learns the domain's. Holds nothing
personal, so it is served to everybody and kept by the phone's worker.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from survey.domain import limits
from survey.domain.labels import LABELS
from survey.domain.operators import OPERATORS, SWITCHED_OFF
from survey.settings import Settings
from survey.store.areas import find_root_area
from survey.store.connection import Store
from survey.store.rules import find_latest_rule

PHONE_CHOICES = (
    "service_results",
    "proofs",
    "place_kinds",
    "settings",
    "power",
    "usually_signal",
    "position_methods",
    "handsets",
    "photo_kinds",
    "states",
    "levels",
)
PRACTICE_CAMPAIGN = "latihan"


def build_reference(store: Store, settings: Settings) -> dict[str, object]:
    """Return the reference data as JSON values; see docs/api.md for its fields."""
    connection = store.reader()
    root = find_root_area(connection)
    rule = find_latest_rule(connection)
    content = json.loads(rule["content"]) if rule else {}
    return {
        "config_version": rule["version"] if rule else 0,
        "timezone": settings.timezone.key,
        "root_area": {"id": root["id"], "name": root["name"]} if root else None,
        "practice_campaign_id": PRACTICE_CAMPAIGN,
        "demo": settings.demo,
        "limits": {
            name: {"minimum": limit.minimum, "maximum": limit.maximum, "unit": limit.unit}
            for name, limit in limits.LIMITS.items()
        },
        "technology_limits": limits.TECHNOLOGY_LIMITS,
        "main_quantity": limits.MAIN_QUANTITY,
        "wire": {
            "batch_records": limits.BATCH_RECORDS,
            "batch_bytes": limits.BATCH_BYTES,
            "single_record_bytes": limits.SINGLE_RECORD_BYTES,
            "track_part_points": limits.TRACK_PART_POINTS,
            "file_bytes": limits.FILE_BYTES,
            "thumbnail_bytes": limits.THUMBNAIL_BYTES,
            "photo_side_px": limits.PHOTO_SIDE_PX,
            "photo_target_bytes": limits.PHOTO_TARGET_BYTES,
            "chunk_bytes": list(limits.CHUNK_BYTES),
        },
        "questions": {
            "accuracy_target_m": limits.ACCURACY_TARGET_M,
            "accuracy_poor_m": limits.ACCURACY_POOR_M,
            "accuracy_approximate_m": limits.ACCURACY_APPROXIMATE_M,
            "area_distance_m": limits.AREA_DISTANCE_M,
            "same_place_m": limits.SAME_PLACE_M,
            "clock_offset_ms": limits.CLOCK_OFFSET_MS,
            "fix_patience_s": limits.FIX_PATIENCE_S,
        },
        "operators": [
            {**asdict(operator), "technologies": list(operator.technologies)}
            for operator in OPERATORS
        ],
        "technologies": _choices("technologies"),
        "switched_off": SWITCHED_OFF,
        "choices": {name: _choices(name) for name in PHONE_CHOICES},
        "public_services": [
            {"key": service["id"], "label": service["name"]}
            for service in content.get("public_services", [])
        ],
    }


def _choices(name: str) -> list[dict[str, str]]:
    return [{"key": key, "label": label} for key, label in LABELS[name].items()]
