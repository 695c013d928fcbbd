"""Exported visits as a GeoJSON FeatureCollection (RFC 7946), a feature a visit.

Positions are longitude, latitude, altitude in WGS 84; there is no `crs`. A visit without a
position has a null geometry. Knows nothing of the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from survey.domain.exports import AreaName, ExportedVisit, Extent

TAIL = "\n]}\n"


def geojson_head(
    name: str, extent: Extent, *, demo: bool, class_rules: Mapping[str, object] | None = None
) -> str:
    """Return the start of the collection: box, as-of, rules of its classes, if it is demo data."""
    members: dict[str, object] = {"type": "FeatureCollection", "name": name}
    if extent.bounds:
        members["bbox"] = [round(value, 7) for value in extent.bounds]
    members["as_of"] = extent.as_of
    if class_rules:
        members["class_rules"] = class_rules
    if demo:
        members["demo"] = True
    return f'{_text(members)[:-1]},"features":[\n'


def geojson_features(visits: Iterable[ExportedVisit], *, personal: bool = False) -> Iterator[str]:
    """Yield one feature after another, with the commas between them."""
    comma = ""
    for visit in visits:
        feature = {
            "type": "Feature",
            "id": visit.id,
            "geometry": _geometry(visit),
            "properties": _properties(visit, personal=personal),
        }
        yield comma + _text(feature)
        comma = ",\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _geometry(visit: ExportedVisit) -> dict[str, object] | None:
    if visit.latitude_deg is None or visit.longitude_deg is None:
        return None
    point = [round(visit.longitude_deg, 7), round(visit.latitude_deg, 7)]
    if visit.altitude_m is not None:
        point.append(visit.altitude_m)
    return {"type": "Point", "coordinates": point}


def _properties(visit: ExportedVisit, *, personal: bool) -> dict[str, object]:
    area = visit.area
    properties: dict[str, object] = {
        "day": visit.day,
        "occurred_at": visit.occurred_at,
        "kabupaten": _area(area.kabupaten),
        "kecamatan": _area(area.kecamatan),
        "nagari": _area(area.nagari),
        "jorong": _area(area.jorong),
        "claimed_area": visit.claimed_name,
        "place_kind": visit.place_kind,
        "setting": visit.setting,
        "power": visit.power,
        "usually_signal": visit.usually_signal,
        "accuracy_m": visit.accuracy_m,
        "fixes": visit.fixes,
        "position_time": visit.position_time,
        "position_method": visit.position_method,
        "position_reason": visit.position_reason,
        "signal_class": visit.signal_class,
        "operator_classes": visit.operator_classes,
        "service_tests": [_without_nulls(asdict(test)) for test in visit.service_tests],
        "readings": [_without_nulls(asdict(reading)) for reading in visit.readings],
        "services_failing": visit.services_failing,
        "photos": [{"sha256": photo.sha256, "kind": photo.kind} for photo in visit.photos],
        "note": visit.note,
        "incomplete_reason": visit.incomplete_reason,
        "state": visit.state,
        "review_decision": visit.review_decision,
        "review_reason": visit.review_reason,
        "reviewed_at": visit.reviewed_at,
        "officer": visit.officer_label,
        "campaign_id": visit.campaign_id,
        "campaign": visit.campaign_name,
        "saved_at": visit.saved_at,
        "received_at": visit.received_at,
        "changed_at": visit.changed_at,
        "app_version": visit.app_version,
        "revision": visit.revision,
        "revision_sha256": visit.revision_sha256,
        "rule_version": visit.rule_version,
        "demo": visit.demo,
    }
    if personal:
        properties |= {
            "officer_id": visit.officer_id,
            "officer_username": visit.officer_username,
            "companions": visit.companions,
            "claimed_said_by": visit.claimed_said_by,
            "reviewer": visit.reviewer_name,
            "phone_model": visit.phone_model,
        }
    return properties


def _area(area: AreaName | None) -> dict[str, object] | None:
    return area._asdict() if area else None


def _without_nulls(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value not in (None, [])}
