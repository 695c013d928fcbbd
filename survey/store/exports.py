"""Reading for exports: visits and tracks in one lasting order, a bounded part at a time.

Order: day, officer id, time, id. Everything is read through the connection that is given, so
the caller decides about the snapshot. Never reads practice visits or practice tracks.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from survey.domain.exports import AreaPath, ExportedVisit, ExportFilters
from survey.domain.instants import Instant
from survey.domain.visit import Photo, Reading, ServiceTest

CHUNK = 200
"""Visits read at once; bounds memory whatever the size of the export."""

_SELECTED = """
  FROM visits v
  WHERE v.practice = 0
    AND (:campaign IS NULL OR v.campaign_id = :campaign)
    AND (:officer_key IS NULL OR v.officer_key = :officer_key)
    AND (:areas IS NULL OR ifnull(v.area_id, v.claimed_nagari_id)
      IN (SELECT value FROM json_each(:areas)))
    AND v.state IN (SELECT value FROM json_each(:states))
    AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = v.campaign_id AND c.practice = 1)
"""

# Steps from one day to the next on the index instead of reading every row.
_DAYS = """
WITH RECURSIVE days (day) AS (
  SELECT min(day) FROM {table} WHERE day >= :first_day
  UNION ALL
  SELECT (SELECT min(t.day) FROM {table} t WHERE t.day > days.day)
  FROM days
  WHERE days.day IS NOT NULL
)
SELECT day FROM days WHERE day <= :last_day
"""
_VISIT_DAYS = _DAYS.format(table="visits")
_TRACK_DAYS = _DAYS.format(table="tracks")

_KEYS_OF_DAY = f"""
SELECT v.key
{_SELECTED}
  AND v.day = :day
ORDER BY (SELECT id FROM users WHERE key = v.officer_key), v.occurred_at, v.id
"""

_VISITS = """
SELECT v.key, v.companions, v.services_failing,
  v.id, v.revision, r.sha256, v.state,
  u.id, u.username, u.name,
  v.day, v.occurred_at, v.started_at, v.saved_at, v.first_received_at, v.changed_at,
  v.campaign_id, c.name, u.demo OR ifnull(c.demo, 0),
  v.area_id, v.chosen_area_id, v.claimed_name, v.claimed_nagari_id, v.claimed_said_by,
  v.place_kind, v.setting, v.power, v.usually_signal,
  v.latitude_deg, v.longitude_deg, v.accuracy_m, v.altitude_m, v.fixes, v.position_time,
  v.position_method, v.position_reason, v.clock_offset_ms,
  v.phone_model, v.app_version, v.note, v.incomplete_reason,
  w.decision, w.reason, w.at, p.name
FROM visits v
JOIN users u ON u.key = v.officer_key
JOIN revisions r ON r.key = v.head_key
LEFT JOIN campaigns c ON c.id = v.campaign_id
LEFT JOIN reviews w ON w.id = v.latest_review
LEFT JOIN users p ON p.key = w.reviewer_key
WHERE v.key IN (SELECT value FROM json_each(?))
"""

_SERVICE_TESTS = """
SELECT visit_key, operator, handset, sim_slot, result, proof, technology, waited_s,
  airplane_toggled, networks_heard, at
FROM service_tests
WHERE visit_key IN (SELECT value FROM json_each(?))
ORDER BY visit_key, number
"""

_READINGS = """
SELECT visit_key, operator, technology, handset, sim_slot, rsrp_dbm, rsrq_db, sinr_db,
  rssi_dbm, rscp_dbm, ecno_db, bars, source, raw_text, at
FROM readings
WHERE visit_key IN (SELECT value FROM json_each(?))
ORDER BY visit_key, number
"""

_PHOTOS = """
SELECT visit_key, sha256, thumbnail_sha256, kind, bytes, width_px, height_px, taken_at
FROM visit_photos
WHERE visit_key IN (SELECT value FROM json_each(?))
ORDER BY visit_key, number
"""

_TRACKS_OF_DAY = """
SELECT t.id, t.day, u.id, u.name, t.changed_at, u.demo
FROM tracks t
JOIN users u ON u.key = t.officer_key
WHERE t.practice = 0
  AND t.withdrawn = 0
  AND t.day = :day
  AND (:campaign IS NULL OR t.campaign_id = :campaign)
  AND (:officer_key IS NULL OR t.officer_key = :officer_key)
  AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = t.campaign_id AND c.practice = 1)
ORDER BY u.id, t.started_at, t.id
"""


class Selection(NamedTuple):
    """The parameters of a selection, as the queries of this module take them."""

    campaign: str | None
    officer_key: int | None
    areas: str | None
    states: str
    first_day: str
    last_day: str


class TrackRow(NamedTuple):
    """The header of one track; its points are in its parts."""

    id: str
    day: str
    officer_id: str
    officer_name: str
    changed_at: Instant
    demo: int


class PartRow(NamedTuple):
    """One part of a track: its number and its packed points."""

    number: int
    columns: bytes


def select_rows(
    filters: ExportFilters,
    *,
    campaign_id: str | None,
    officer_key: int | None,
    area_ids: list[str] | None,
) -> Selection:
    """Return filters in the form the queries take, with ids, key and subtree looked up."""
    return Selection(
        campaign=campaign_id,
        officer_key=officer_key,
        areas=None if area_ids is None else json.dumps(area_ids),
        states=json.dumps(filters.states),
        first_day=filters.first_day.isoformat() if filters.first_day else "",
        last_day=filters.last_day.isoformat() if filters.last_day else "9999-12-31",
    )


def list_office_brands(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the brands of the operators the office added, by key."""
    return dict(map(tuple, connection.execute("SELECT key, brand FROM office_operators")))


def count_visits(connection: sqlite3.Connection, selection: Selection) -> int:
    """Return how many visits an export will hold."""
    count: int = connection.execute(
        f"SELECT count(*) {_SELECTED} AND v.day BETWEEN :first_day AND :last_day",
        selection._asdict(),
    ).fetchone()[0]
    return count


def iter_visits(
    connection: sqlite3.Connection, selection: Selection, paths: dict[str, AreaPath]
) -> Iterator[ExportedVisit]:
    """Yield the chosen visits in order, at most `CHUNK` of them in memory."""
    parameters: dict[str, Any] = selection._asdict()
    for (day,) in connection.execute(_VISIT_DAYS, parameters).fetchall():
        keys = [row[0] for row in connection.execute(_KEYS_OF_DAY, {**parameters, "day": day})]
        for start in range(0, len(keys), CHUNK):
            yield from _read_visits(connection, keys[start : start + CHUNK], paths)


def _read_visits(
    connection: sqlite3.Connection, keys: list[int], paths: dict[str, AreaPath]
) -> list[ExportedVisit]:
    chosen = (json.dumps(keys),)
    cursor = connection.cursor()
    cursor.row_factory = None
    visits: dict[int, ExportedVisit] = {}
    for key, companions, failing, *columns in cursor.execute(_VISITS, chosen):
        columns += (_list(companions), _list(failing))
        visit = ExportedVisit(*columns)
        visit.demo = bool(visit.demo)
        visit.area = paths.get(visit.area_id or visit.claimed_nagari_id or "", visit.area)
        visits[key] = visit
    tests: dict[int, list[ServiceTest]] = defaultdict(list)
    for key, *columns in cursor.execute(_SERVICE_TESTS, chosen):
        test = ServiceTest(*columns)
        test.networks_heard = _list(columns[8])
        tests[key].append(test)
    readings: dict[int, list[Reading]] = defaultdict(list)
    for key, *columns in cursor.execute(_READINGS, chosen):
        readings[key].append(Reading(*columns))
    photos: dict[int, list[Photo]] = defaultdict(list)
    for key, *columns in cursor.execute(_PHOTOS, chosen):
        photos[key].append(Photo(*columns))
    for key, visit in visits.items():
        visit.service_tests = tests[key]
        visit.readings = readings[key]
        visit.photos = photos[key]
    return [visits[key] for key in keys]


def _list(text: str) -> list[str]:
    return [] if text == "[]" else [str(item) for item in json.loads(text)]


def iter_tracks(connection: sqlite3.Connection, selection: Selection) -> Iterator[TrackRow]:
    """Yield the headers of the chosen tracks in order; place and state do not choose here."""
    parameters: dict[str, Any] = selection._asdict()
    for (day,) in connection.execute(_TRACK_DAYS, parameters).fetchall():
        rows = connection.execute(_TRACKS_OF_DAY, {**parameters, "day": day}).fetchall()
        yield from (TrackRow(*row) for row in rows)


def iter_parts(connection: sqlite3.Connection, track_id: str) -> Iterator[PartRow]:
    """Yield the parts of a track that have arrived, in order, one in memory."""
    rows = connection.execute(
        "SELECT number, columns FROM track_parts WHERE track_id = ? ORDER BY number", (track_id,)
    )
    yield from (PartRow(*row) for row in rows)
