"""The jorong of a place: by boundary, else by the nearest known point within 5 km.

Only a jorong's own point counts, never its parent's. One finder serves one import; samples are
tied anew when areas, points or boundaries change.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final

from survey.domain.geo import Box, distance_m, point_in_polygon
from survey.domain.instants import add_to_instant, system_now
from survey.domain.limits import AREA_DISTANCE_M
from survey.services.jobs import JOB_KINDS, JobRunner
from survey.store.area_boundaries import find_boundary_text, find_box, list_bounded_ids
from survey.store.areas import list_areas
from survey.store.connection import Store
from survey.store.jobs import enqueue_job
from survey.store.samples import Tie, has_samples, list_places, set_ties

JOB_KIND: Final = "tie_samples"

_BUCKET_DEG: Final = 0.01
_BUCKET_M: Final = 1_100
"""A hundredth of a degree is 1.1 km of latitude, and no more than that of longitude."""

_CHUNK: Final = 5_000
_KEPT_BOUNDARIES: Final = 256


class AreaFinder:
    """Boundaries and points of the live jorong, read once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        live = {
            area.id: area
            for area in list_areas(connection).values()
            if area.level == "jorong" and area.is_live
        }
        self._boxes: list[tuple[str, Box]] = []
        for area_id in sorted(live.keys() & list_bounded_ids(connection)):
            box = find_box(connection, area_id)
            if box is not None:
                self._boxes.append((area_id, box))
        self._boundary = _boundary_reader(connection)
        self._buckets: dict[tuple[int, int], list[tuple[str, float, float]]] = defaultdict(list)
        for area_id, area in sorted(live.items()):
            if area.latitude_deg is not None and area.longitude_deg is not None:
                place = (area_id, area.latitude_deg, area.longitude_deg)
                self._buckets[_bucket(*place[1:])].append(place)
        self._before: tuple[float, float] | None = None
        self._tie = Tie()

    def find(self, latitude_deg: float, longitude_deg: float) -> Tie:
        """Return the jorong of a place, an empty tie when none is near."""
        if (latitude_deg, longitude_deg) != self._before:  # a log stands still for many rows
            self._before = latitude_deg, longitude_deg
            self._tie = self._within(*self._before) or self._nearest(*self._before)
        return self._tie

    def _within(self, latitude: float, longitude: float) -> Tie | None:
        for area_id, box in self._boxes:
            if box.holds(latitude, longitude):
                boundary = self._boundary(area_id)
                if boundary is not None and point_in_polygon(boundary, latitude, longitude):
                    return Tie(area_id, "boundary", 0)
        return None

    def _nearest(self, latitude: float, longitude: float) -> Tie:
        """Look in rings of buckets around the place until no nearer point can be left."""
        row, column = _bucket(latitude, longitude)
        shrink = max(math.cos(math.radians(latitude)), 0.01)
        rings = math.ceil(AREA_DISTANCE_M / (_BUCKET_M * shrink))
        best, best_id = float(AREA_DISTANCE_M), ""
        for ring in range(min(rings, 100) + 1):
            if (ring - 1) * _BUCKET_M * shrink > best:
                break
            for key in _ring(row, column, ring):
                for area_id, point_latitude, point_longitude in self._buckets.get(key, ()):
                    away = distance_m(latitude, longitude, point_latitude, point_longitude)
                    if away < best or (away == best and (not best_id or area_id < best_id)):
                        best, best_id = away, area_id
        return Tie(best_id, "nearest", round(best)) if best_id else Tie()


def _boundary_reader(connection: sqlite3.Connection) -> Callable[[str], Any]:
    @lru_cache(maxsize=_KEPT_BOUNDARIES)
    def read(area_id: str) -> Any:
        text = find_boundary_text(connection, area_id)
        return json.loads(text) if text is not None else None

    return read


def _bucket(latitude: float, longitude: float) -> tuple[int, int]:
    return math.floor(latitude / _BUCKET_DEG), math.floor(longitude / _BUCKET_DEG)


def _ring(row: int, column: int, ring: int) -> list[tuple[int, int]]:
    """Return the buckets at a distance of so many buckets."""
    if ring == 0:
        return [(row, column)]
    edge = range(-ring, ring + 1)
    sides = [(row + side, column + step) for side in (-ring, ring) for step in edge]
    inner = range(-ring + 1, ring)
    return sides + [(row + step, column + side) for side in (-ring, ring) for step in inner]


def tie_samples(store: Store, progress: Callable[[int], None] | None = None) -> int:
    """Tie every sample to the jorong of today and return how many moved; twice does no harm."""
    finder = AreaFinder(store.reader())
    moved = done = key = 0
    while places := list_places(store.reader(), key, _CHUNK):
        key = places[-1][0]
        changed = [
            (one, found)
            for one, latitude, longitude, tie in places
            if (found := finder.find(latitude, longitude)) != tie
        ]
        if changed:
            store.write(partial(set_ties, ties=changed))
        moved += len(changed)
        done += len(places)
        if progress is not None:
            progress(done)
    return moved


def tie_later(connection: sqlite3.Connection) -> None:
    """Ask for all samples to be tied anew, because an area, its point or boundary changed.

    A minute later: a supervisor who approves ten visits asks for it ten times.
    """
    if has_samples(connection):
        enqueue_job(connection, JOB_KIND, "", add_to_instant(system_now(), seconds=60))


def run_job(runner: JobRunner, _: str) -> None:
    """Tie all samples anew."""
    tie_samples(runner.store)


JOB_KINDS[JOB_KIND] = run_job
