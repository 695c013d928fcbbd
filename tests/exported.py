"""Exported visits as the formats take them: a plain one, changed by keyword."""

from __future__ import annotations

from typing import Any

from survey.domain.exports import AreaName, AreaPath, ExportedVisit
from survey.domain.visit import Photo, Reading, ServiceTest

PATH = AreaPath(
    kabupaten=AreaName("13.11", "Solok Selatan", "13.11"),
    kecamatan=AreaName("13.11.01", "Sangir", "13.11.01"),
    nagari=AreaName("13.11.01.2001", "Lubuk Gadang", "13.11.01.2001"),
    jorong=AreaName("13.11/j0042", "Bukit Malintang", None),
)


def make_exported_visit(**changes: Any) -> ExportedVisit:
    """Return a visit of two operators, one tested without signal and one read at -108 dBm."""
    values: dict[str, Any] = {
        "id": "01970000-0000-7000-8000-000000000001",
        "revision": 1,
        "revision_sha256": "a" * 64,
        "state": "received",
        "officer_id": "01970000-0000-7000-8000-00000000000a",
        "officer_username": None,
        "officer_name": None,
        "day": "2026-05-04",
        "occurred_at": "2026-05-04T02:14:41.003Z",
        "started_at": "2026-05-04T02:11:09.120Z",
        "saved_at": "2026-05-04T02:14:41.003Z",
        "received_at": "2026-05-05T01:00:00.000Z",
        "changed_at": "2026-05-05T01:00:00.000Z",
        "campaign_id": None,
        "campaign_name": None,
        "demo": False,
        "area_id": "13.11/j0042",
        "chosen_area_id": "13.11/j0042",
        "claimed_name": None,
        "claimed_nagari_id": None,
        "claimed_said_by": None,
        "place_kind": "centre",
        "setting": "outdoor",
        "power": "on",
        "usually_signal": "no",
        "latitude_deg": -1.541671,
        "longitude_deg": 101.243342,
        "accuracy_m": 6.2,
        "altitude_m": 431.0,
        "fixes": 14,
        "position_time": "2026-05-04T02:12:00.000Z",
        "position_method": "averaged",
        "position_reason": None,
        "clock_offset_ms": -850.0,
        "phone_model": None,
        "app_version": None,
        "note": None,
        "incomplete_reason": None,
        "review_decision": None,
        "review_reason": None,
        "reviewed_at": None,
        "reviewer_name": None,
        "companions": [],
        "services_failing": ["absensi-online"],
        "area": PATH,
        "operator_classes": {"telkomsel": "A", "xl": "D"},
        "service_tests": [
            ServiceTest(
                operator="telkomsel",
                handset="own",
                sim_slot=1,
                result="none",
                proof="quick",
                waited_s=20.0,
                airplane_toggled=False,
                at="2026-05-04T02:12:40.000Z",
            )
        ],
        "readings": [
            Reading(
                operator="xl",
                technology="lte",
                handset="own",
                sim_slot=2,
                rsrp_dbm=-108.0,
                rsrq_db=-12.5,
                bars=1,
                source="typed",
                raw_text="-108 dBm 32 asu",
                at="2026-05-04T02:13:10.000Z",
            )
        ],
        "photos": [Photo(sha256="b" * 64, kind="site")],
    }
    return ExportedVisit(**{**values, **changes})
