"""Keeps the questions on visits true when an area's point, boundary, parent or name changes.

A learned point is followed at once, because few visits are ever concerned; what an import
changed is followed in the background, area by area, because it may concern every visit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial
from typing import Final

from survey.domain.areas import Area
from survey.domain.geo import distance_m
from survey.domain.instants import Instant
from survey.domain.limits import AREA_DISTANCE_M
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.services.projecting import project_visits
from survey.services.sample_areas import tie_later
from survey.store.areas import list_visit_positions
from survey.store.jobs import enqueue_job
from survey.store.visits import list_ids_of_areas

JOB_KIND: Final = "project_area"

CHUNK_VISITS: Final = 100
"""Visits of one transaction: phones that send meanwhile wait no longer than that."""


def follow_point(connection: sqlite3.Connection, before: Area, after: Area) -> None:
    """Project anew the visits that are, or were, far from their area's own point."""
    points = [
        (area.latitude_deg, area.longitude_deg)
        for area in (before, after)
        if area.latitude_deg is not None and area.longitude_deg is not None
    ]
    far = [
        visit_id
        for visit_id, latitude, longitude in list_visit_positions(connection, after.id)
        if any(distance_m(latitude, longitude, *point) > AREA_DISTANCE_M for point in points)
    ]
    project_visits(connection, far)
    tie_later(connection)


def follow_later(connection: sqlite3.Connection, area_ids: Iterable[str], now: Instant) -> None:
    """Ask for the visits of some areas, and of all in them, to be projected anew."""
    for area_id in area_ids:
        enqueue_job(connection, JOB_KIND, area_id, now)
    tie_later(connection)


def run_job(runner: JobRunner, area_id: str) -> None:
    """Project the visits of an area anew, a few a transaction; twice does no harm."""
    visit_ids = list_ids_of_areas(runner.store.reader(), [area_id])
    for start in range(0, len(visit_ids), CHUNK_VISITS):
        chunk = visit_ids[start : start + CHUNK_VISITS]
        runner.store.write(partial(project_visits, visit_ids=chunk))


JOB_KINDS[JOB_KIND] = run_job
