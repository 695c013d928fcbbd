"""Which data may leave the office: every field is public, internal or personal (UU 27/2022).

Public goes into share links, dossiers and exports for operators; internal stays among staff;
personal tells of one person, and only those who need it see it. What is not listed here is
treated as personal, so that a new field is safe until somebody decides about it.
"""

from __future__ import annotations

from typing import Final, Literal

FieldClass = Literal["public", "internal", "personal"]

_Marks = dict[FieldClass, str]

_MARKS: Final[dict[str, _Marks]] = {
    # the payload of a visit, by path
    "visit": {
        "public": """
            id practice campaign_id area.id area.claimed.name area.claimed.nagari_id place_kind
            setting power usually_signal position.latitude_deg position.longitude_deg
            position.accuracy_m position.altitude_m position.fixes position.method
            service_tests.operator service_tests.result service_tests.proof
            service_tests.technology service_tests.waited_s service_tests.airplane_toggled
            service_tests.networks_heard service_tests.at readings.operator
            readings.technology readings.rsrp_dbm readings.rsrq_db readings.sinr_db
            readings.rssi_dbm readings.rscp_dbm readings.ecno_db readings.bars
            readings.source readings.at data_tests services_failing
        """,
        "internal": """
            config_version started_at saved_at utc_offset_min clock.server_offset_ms
            clock.server_contact_at clock.state clock.step_ms position.position_time
            position.reason phone.app_version
            service_tests.handset service_tests.sim_slot readings.handset readings.sim_slot
            readings.raw_text photos.sha256 photos.thumbnail_sha256 photos.kind photos.bytes
            photos.width_px photos.height_px photos.taken_at photos.original.sha256
            photos.original.bytes photos.original.exif_time note incomplete_reason
            correction_reason
        """,
        "personal": """
            area.claimed.said_by phone.model companions photos.original.exif_latitude_deg
            photos.original.exif_longitude_deg photos.original.model
        """,
    },
    # tables of the store, by column
    "visits": {
        "public": """
            id state practice campaign_id area_id chosen_area_id claimed_name claimed_nagari_id
            place_kind setting power usually_signal day latitude_deg longitude_deg accuracy_m
            altitude_m fixes position_method services_failing revision
        """,
        "internal": """
            key officer_key head_key latest_review changed_seq changed_at first_received_at
            received_at config_version started_at saved_at occurred_at utc_offset_min
            clock_offset_ms position_time position_reason app_version note incomplete_reason
        """,
        "personal": "claimed_said_by phone_model companions",
    },
    "service_tests": {
        "public": """
            number operator result proof technology waited_s airplane_toggled networks_heard at
        """,
        "internal": "visit_key handset sim_slot",
    },
    "readings": {
        "public": """
            number operator technology rsrp_dbm rsrq_db sinr_db rssi_dbm rscp_dbm ecno_db bars
            source at
        """,
        "internal": "visit_key handset sim_slot raw_text",
    },
    "visit_photos": {
        "internal": """
            visit_key number sha256 thumbnail_sha256 kind bytes width_px height_px taken_at
            exif_time
        """,
        "personal": "exif_latitude_deg exif_longitude_deg camera_model",
    },
    # A photo becomes public by the mark of a reviewer, never by itself.
    "files": {
        "internal": """
            sha256 kind content_type bytes officer_key device_key stored_at safe_at erased_at
        """,
    },
    "tracks": {
        "internal": """
            key id officer_key revision_key practice campaign_id parts withdrawn changed_seq
            changed_at
        """,
        "personal": "started_at ended_at day",
    },
    "track_parts": {
        "internal": "key track_id number revision_key points",
        "personal": "columns",
    },
    # Rows of a log tell where somebody walked; only what is counted from them is public.
    "samples": {
        "public": """
            technology mcc mnc area_code cell_id pci arfcn serving rsrp_dbm rsrq_db sinr_db
            rssi_dbm rscp_dbm ecno_db rxlev_dbm ta no_service operator area_id area_by
            area_distance_m
        """,
        "internal": """
            key sample_key source_key line sim_slot accuracy_dm altitude_dm speed_cm_s
        """,
        "personal": "at_ms latitude_e6 longitude_e6",
    },
    "sample_sources": {
        "public": "sha256 format app kept_count new_count rejected_count dropped_count reasons",
        "internal": "key record_id actor received_at finished_at officer_key",
        "personal": "name device",
    },
    "reference_cells": {
        "public": """
            technology mcc mnc area_code cell_id pci arfcn latitude_e6 longitude_e6 range_m samples
            updated_at place operator
        """,
        "internal": "key cell_key source_key line",
    },
    "users": {
        "internal": """
            key id language password_hash session_version demo created_at disabled_at
        """,
        "personal": "username name",
    },
    "user_roles": {"internal": "user_key role"},
    "devices": {
        "internal": """
            key id user_key token_hash app_version enrolled_at expires_at revoked_at
            unsent_records unsent_files storage_persisted clock_offset_ms free_bytes last_error
            readiness
        """,
        "personal": "model last_contact_at",
    },
}

FIELD_CLASSES: Final[dict[str, dict[str, FieldClass]]] = {
    table: {
        name: field_class_of for field_class_of, names in marks.items() for name in names.split()
    }
    for table, marks in _MARKS.items()
}
"""Table (or "visit", the payload) -> column (or path) -> class."""


def field_class(table: str, name: str) -> FieldClass:
    """Return the class of a column, or of a path such as ``position.latitude_deg`` in "visit".

    An unknown table or field is personal.
    """
    return FIELD_CLASSES.get(table, {}).get(name, "personal")


def list_fields(table: str, *classes: FieldClass) -> frozenset[str]:
    """Return the fields of a table that are of one of the classes."""
    return frozenset(name for name, mark in FIELD_CLASSES[table].items() if mark in classes)
