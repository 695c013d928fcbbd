"""What the office's page of one visit reads: the projection, its rows, its revisions.

Only reading; each function is one query by an index. Knows nothing of pages.
"""

from __future__ import annotations

import json
import sqlite3

from survey.domain.problems import Problem
from survey.domain.visit import Reading, ServiceTest

_VISIT = """
SELECT v.key, v.id, v.state, v.revision, v.latest_review, v.changed_seq, v.changed_at,
  v.first_received_at, v.received_at, v.practice, v.campaign_id, v.config_version, v.area_id,
  v.chosen_area_id, v.claimed_name, v.claimed_nagari_id, v.claimed_said_by, v.place_kind,
  v.setting, v.power, v.usually_signal, v.started_at, v.saved_at, v.occurred_at, v.day,
  v.utc_offset_min, v.clock_offset_ms, v.latitude_deg, v.longitude_deg, v.accuracy_m,
  v.altitude_m, v.fixes, v.position_time, v.position_method, v.position_reason, v.phone_model,
  v.app_version, v.companions, v.services_failing, v.note, v.incomplete_reason,
  v.officer_key, u.id AS officer_id, u.name AS officer_name,
  r.sha256 AS head_sha256, r.sealed, r.seal IS NOT NULL AS has_seal, c.name AS campaign_name,
  ifnull(c.demo, 0) OR u.demo AS demo, n.name AS claimed_nagari_name
FROM visits v
JOIN users u ON u.key = v.officer_key
JOIN revisions r ON r.key = v.head_key
LEFT JOIN campaigns c ON c.id = v.campaign_id
LEFT JOIN areas n ON n.id = v.claimed_nagari_id
WHERE v.id = ?
"""


def get_visit_row(connection: sqlite3.Connection, visit_id: str) -> sqlite3.Row:
    """Return a visit with its officer, head and campaign; an unknown one is a Problem."""
    row: sqlite3.Row | None = connection.execute(_VISIT, (visit_id,)).fetchone()
    if row is None:
        raise Problem("visit.not_found")
    return row


def list_service_tests(connection: sqlite3.Connection, visit_key: int) -> list[ServiceTest]:
    """Return the service tests of a visit in the phone's order."""
    rows = connection.execute(
        """
        SELECT operator, handset, sim_slot, result, proof, technology, waited_s,
          airplane_toggled, networks_heard, at
        FROM service_tests WHERE visit_key = ? ORDER BY number
        """,
        (visit_key,),
    )
    return [
        ServiceTest(
            **{
                **dict(row),
                "networks_heard": json.loads(row["networks_heard"]),
                "airplane_toggled": _truth(row["airplane_toggled"]),
            }
        )
        for row in rows
    ]


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def list_readings(connection: sqlite3.Connection, visit_key: int) -> list[Reading]:
    """Return the radio readings of a visit in the phone's order."""
    rows = connection.execute(
        """
        SELECT operator, technology, handset, sim_slot, rsrp_dbm, rsrq_db, sinr_db, rssi_dbm,
          rscp_dbm, ecno_db, bars, source, raw_text, at
        FROM readings WHERE visit_key = ? ORDER BY number
        """,
        (visit_key,),
    )
    return [Reading(**dict(row)) for row in rows]


def list_photos(connection: sqlite3.Connection, visit_key: int) -> list[sqlite3.Row]:
    """Return the photos of a visit and what is known of each file (null: not arrived)."""
    return connection.execute(
        """
        SELECT p.sha256, p.thumbnail_sha256, p.kind, p.bytes, p.width_px, p.height_px,
          p.taken_at, p.exif_time, p.exif_latitude_deg, p.exif_longitude_deg, p.camera_model,
          f.stored_at, f.erased_at
        FROM visit_photos p LEFT JOIN files f ON f.sha256 = p.sha256
        WHERE p.visit_key = ? ORDER BY p.number
        """,
        (visit_key,),
    ).fetchall()


def list_flags(connection: sqlite3.Connection, visit_key: int) -> list[sqlite3.Row]:
    """Return the questions about a visit: code and evidence as JSON text."""
    return connection.execute(
        "SELECT code, evidence FROM flags WHERE visit_key = ? ORDER BY number", (visit_key,)
    ).fetchall()


def list_revisions(connection: sqlite3.Connection, visit_id: str) -> list[sqlite3.Row]:
    """Return all that came in as this record, side branches and withdrawals too, oldest first."""
    return connection.execute(
        """
        SELECT r.key, r.kind, r.revision, r.sha256, r.base_sha256, r.seen_review, r.sealed,
          r.conflict, r.payload, r.received_at, r.audit_seq, u.name AS officer_name,
          d.model AS device_model
        FROM revisions r JOIN users u ON u.key = r.officer_key
        LEFT JOIN devices d ON d.key = r.device_key
        WHERE (r.record_id = :id AND r.kind = 'visit')
          OR r.key = (SELECT revision_key FROM withdrawals WHERE visit_id = :id)
        ORDER BY r.audit_seq
        """,
        {"id": visit_id},
    ).fetchall()


def find_withdrawal(connection: sqlite3.Connection, visit_id: str) -> sqlite3.Row | None:
    """Return reason and instant of a visit's withdrawal, or None."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT reason, at FROM withdrawals WHERE visit_id = ?", (visit_id,)
    ).fetchone()
    return row


def list_area_visits(
    connection: sqlite3.Connection, area_id: str, except_id: str, limit: int
) -> list[sqlite3.Row]:
    """Return other visits of an area that are no practice, the newest change first."""
    return connection.execute(
        """
        SELECT v.id, v.state, v.day, v.occurred_at, v.latitude_deg, v.longitude_deg,
          v.accuracy_m, v.place_kind, u.id AS officer_id, u.name AS officer_name
        FROM visits v JOIN users u ON u.key = v.officer_key
        WHERE v.area_id = ? AND v.practice = 0 AND v.id <> ?
        ORDER BY v.changed_seq DESC LIMIT ?
        """,
        (area_id, except_id, limit),
    ).fetchall()


def list_public_service_names(connection: sqlite3.Connection) -> dict[str, str]:
    """Return id -> name of the public services in the newest rules."""
    row = connection.execute("SELECT content FROM rules ORDER BY version DESC LIMIT 1").fetchone()
    services = json.loads(row["content"]).get("public_services", []) if row else []
    return {service["id"]: service["name"] for service in services}


def find_photo_file(connection: sqlite3.Connection, sha256: str) -> sqlite3.Row | None:
    """Return the thumbnail's hash and the file's erasure of a photo that a visit names."""
    row: sqlite3.Row | None = connection.execute(
        """
        SELECT p.thumbnail_sha256, f.stored_at, f.erased_at
        FROM visit_photos p LEFT JOIN files f ON f.sha256 = p.sha256
        WHERE p.sha256 = ? LIMIT 1
        """,
        (sha256,),
    ).fetchone()
    return row
