"""The projection of visits: the head of each with tests, readings and photos as rows.

Rows come from services/projecting.py only; whatever stands here can be made again from the
revisions and what the office decided. The visits' key is that of their oldest revision.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from survey.domain.instants import Instant


class VisitRow(NamedTuple):
    """One row of visits, its columns in order; truths are 0 or 1, which SQLite binds fastest."""

    key: int
    id: str
    officer_key: int
    head_key: int
    revision: int
    state: str
    latest_review: str | None
    changed_seq: int
    changed_at: Instant
    first_received_at: Instant
    received_at: Instant
    practice: int
    campaign_id: str | None
    config_version: int | None
    area_id: str | None
    chosen_area_id: str | None
    claimed_name: str | None
    claimed_nagari_id: str | None
    claimed_said_by: str | None
    place_kind: str | None
    setting: str | None
    power: str | None
    usually_signal: str | None
    started_at: str | None
    saved_at: str | None
    occurred_at: Instant
    day: str
    utc_offset_min: int | None
    clock_offset_ms: float | None
    latitude_deg: float | None
    longitude_deg: float | None
    accuracy_m: float | None
    altitude_m: float | None
    fixes: int | None
    position_time: str | None
    position_method: str | None
    position_reason: str | None
    phone_model: str | None
    app_version: str | None
    companions: str
    services_failing: str
    note: str | None
    incomplete_reason: str | None


@dataclass(slots=True)
class VisitRows:
    """A visit with its children; each child row begins with the visit's key and its number."""

    visit: VisitRow
    service_tests: list[tuple[Any, ...]] = field(default_factory=list)
    readings: list[tuple[Any, ...]] = field(default_factory=list)
    photos: list[tuple[Any, ...]] = field(default_factory=list)
    flags: list[tuple[int, int, str, str]] = field(default_factory=list)


class Head(NamedTuple):
    """What intake asks of a visit that is here: its officer and where it stands."""

    key: int
    id: str
    officer_key: int
    sha256: str
    state: str
    latest_review: str | None


SERVICE_TEST_COLUMNS = (
    "visit_key",
    "number",
    "operator",
    "handset",
    "sim_slot",
    "result",
    "proof",
    "technology",
    "waited_s",
    "airplane_toggled",
    "networks_heard",
    "at",
)
READING_COLUMNS = (
    "visit_key",
    "number",
    "operator",
    "technology",
    "handset",
    "sim_slot",
    "rsrp_dbm",
    "rsrq_db",
    "sinr_db",
    "rssi_dbm",
    "rscp_dbm",
    "ecno_db",
    "bars",
    "source",
    "raw_text",
    "at",
)
PHOTO_COLUMNS = (
    "visit_key",
    "number",
    "sha256",
    "thumbnail_sha256",
    "kind",
    "bytes",
    "width_px",
    "height_px",
    "taken_at",
    "exif_time",
    "exif_latitude_deg",
    "exif_longitude_deg",
    "camera_model",
)


def _insert(table: str, columns: Sequence[str]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"


_INSERT_VISIT = _insert("visits", VisitRow._fields)
_REPLACE_VISIT = (
    _INSERT_VISIT
    + " ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in VisitRow._fields[1:])
)
_INSERT_SERVICE_TEST = _insert("service_tests", SERVICE_TEST_COLUMNS)
_INSERT_READING = _insert("readings", READING_COLUMNS)
_INSERT_PHOTO = _insert("visit_photos", PHOTO_COLUMNS)
_INSERT_FLAG = _insert("flags", ("visit_key", "number", "code", "evidence"))
_CHILDREN = ("service_tests", "readings", "visit_photos", "flags")


def insert_visits(connection: sqlite3.Connection, visits: Iterable[VisitRows]) -> None:
    """Insert visits that are not here yet, with all their children."""
    connection.executemany(_INSERT_VISIT, [rows.visit for rows in visits])
    insert_children(connection, visits)


def insert_children(connection: sqlite3.Connection, visits: Iterable[VisitRows]) -> None:
    """Insert tests, readings, photos and flags of visits that have none."""
    for statement, rows in (
        (_INSERT_SERVICE_TEST, [row for visit in visits for row in visit.service_tests]),
        (_INSERT_READING, [row for visit in visits for row in visit.readings]),
        (_INSERT_PHOTO, [row for visit in visits for row in visit.photos]),
        (_INSERT_FLAG, [row for visit in visits for row in visit.flags]),
    ):
        if rows:
            connection.executemany(statement, rows)


def replace_visit(connection: sqlite3.Connection, rows: VisitRows) -> None:
    """Put a visit in the place of what stood under its key, children too."""
    for table in _CHILDREN:
        connection.execute(f"DELETE FROM {table} WHERE visit_key = ?", (rows.visit.key,))
    connection.execute(_REPLACE_VISIT, rows.visit)
    insert_children(connection, [rows])


def delete_visit(connection: sqlite3.Connection, visit_id: str) -> None:
    """Remove a visit from the projection; its children go with it."""
    connection.execute("DELETE FROM visits WHERE id = ?", (visit_id,))


def delete_projection(connection: sqlite3.Connection) -> None:
    """Remove every visit from the projection."""
    for table in (*_CHILDREN, "visits"):
        connection.execute(f"DELETE FROM {table}")


def list_heads(connection: sqlite3.Connection, visit_ids: Sequence[str]) -> Iterator[Head]:
    """Yield where each of some visits stands; those not here are left out."""
    for row in connection.execute(
        """
        SELECT visits.key, visits.id, visits.officer_key, revisions.sha256, visits.state,
          visits.latest_review
        FROM visits JOIN revisions ON revisions.key = visits.head_key
        WHERE visits.id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(visit_ids),),
    ):
        yield Head(*row)


def find_visit_row(connection: sqlite3.Connection, visit_id: str) -> VisitRow | None:
    """Return the row of one visit, or None."""
    row = connection.execute(
        f"SELECT {', '.join(VisitRow._fields)} FROM visits WHERE id = ?", (visit_id,)
    ).fetchone()
    return VisitRow(*row) if row else None


def list_ids_of_areas(connection: sqlite3.Connection, area_ids: Sequence[str]) -> list[str]:
    """Return the ids of the visits that chose or lie in some areas or anything below them."""
    rows = connection.execute(
        """
        WITH RECURSIVE below (id) AS (
          SELECT value FROM json_each(?)
          UNION SELECT areas.id FROM areas JOIN below
            ON areas.parent_id = below.id OR areas.merged_into = below.id
        )
        SELECT id FROM visits
        WHERE area_id IN (SELECT id FROM below) OR chosen_area_id IN (SELECT id FROM below)
        ORDER BY key
        """,
        (json.dumps(area_ids),),
    )
    return [row[0] for row in rows]
