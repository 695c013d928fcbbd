"""Questions that compare a visit with others, and the flags' rows.

A visit is compared only with visits that arrived before it, so that a new visit never changes
another's flags; a correction re-asks those that came after it. Equal after a rebuild.
"""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from survey.domain.flags import EvidenceValue, Flag
from survey.domain.geo import distance_m
from survey.domain.instants import Instant
from survey.domain.limits import SAME_PLACE_M, SPEED_M_S
from survey.store.neighbours import (
    Neighbour,
    list_first_holders,
    list_followers,
    list_later_holders,
    list_neighbours,
)
from survey.store.visits import VisitRow, VisitRows

NEIGHBOURS: Final = 30
"""Most visits of one officer and day that a visit is compared with: the last to arrive."""

SPEED_DISTANCE_M: Final = 1_000
"""Nearer visits never raise a question of speed: positions and clocks are not that exact."""

SPEED_DISTANCE_DEG: Final = SPEED_DISTANCE_M / 112_000
SAME_PLACE_DEG: Final = SAME_PLACE_M / 110_000
"""A degree of latitude is 111 km: what these rule out is sure without a distance."""


class _Day:
    """The last arrivals of one officer's day, by time and by jorong.

    Holds at most `NEIGHBOURS` visits; the one that arrived first makes room.
    """

    def __init__(self, arrivals: Iterable[Neighbour]) -> None:
        self.arrivals: deque[Neighbour] = deque()
        self.by_time: list[tuple[Instant, int, Neighbour]] = []
        self.by_area: dict[str, list[Neighbour]] = {}
        for arrival in arrivals:
            self.add(arrival)

    def add(self, visit: Neighbour) -> None:
        """Add the newest arrival; without a position nothing can be asked of it."""
        if len(self.arrivals) == NEIGHBOURS:
            oldest = self.arrivals.popleft()
            if oldest.latitude_deg is not None:
                self.by_time.remove((oldest.occurred_at, oldest.key, oldest))
                if oldest.area_id is not None:
                    self.by_area[oldest.area_id].remove(oldest)
        self.arrivals.append(visit)
        if visit.latitude_deg is not None:
            insort(self.by_time, (visit.occurred_at, visit.key, visit))
            if visit.area_id is not None:
                self.by_area.setdefault(visit.area_id, []).append(visit)


class Neighbourhood:
    """The visits that arrived before those of one batch, read once a day and officer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._days: dict[tuple[int, str, int], _Day] = {}
        self._holders: dict[str, tuple[int, str]] = {}

    def prepare_photos(self, hashes: Iterable[str]) -> None:
        """Look up who had some photos first."""
        unknown = list(set(hashes))
        if unknown:
            self._holders.update(list_first_holders(self._connection, unknown))

    def flag(self, rows: VisitRows) -> list[Flag]:
        """Return the questions that a visit raises beside those that arrived before it."""
        visit = rows.visit
        flags = _flag_shared_photos(rows, self._holders) if rows.photos else []
        if visit.latitude_deg is not None and visit.longitude_deg is not None:
            day = self._day_of(visit)
            here = (visit.latitude_deg, visit.longitude_deg)
            if visit.area_id is not None:
                _flag_same_place(flags, here, day.by_area.get(visit.area_id, ()))
            _flag_speed(flags, visit, here, day.by_time)
        return flags

    def add(self, rows: VisitRows) -> None:
        """Let the visits that follow in this batch be compared with this one."""
        visit = rows.visit
        self._day_of(visit).add(
            Neighbour(
                visit.key,
                visit.id,
                visit.occurred_at,
                visit.area_id,
                visit.latitude_deg,
                visit.longitude_deg,
                visit.accuracy_m,
            )
        )
        for photo in rows.photos:
            self._holders.setdefault(photo[2], (visit.key, visit.id))

    def _day_of(self, visit: VisitRow) -> _Day:
        group = (visit.officer_key, visit.day, visit.practice)
        day = self._days.get(group)
        if day is None:
            day = _Day(list_neighbours(self._connection, *group, visit.key, NEIGHBOURS))
            self._days[group] = day
        return day


def _flag_shared_photos(rows: VisitRows, holders: dict[str, tuple[int, str]]) -> list[Flag]:
    flags = []
    for photo in rows.photos:
        holder = holders.get(photo[2])
        if holder is not None and holder[0] < rows.visit.key:
            flags.append(Flag("photo.shared", {"sha256": photo[2], "visit_id": holder[1]}))
    return flags


def _flag_same_place(
    flags: list[Flag], here: tuple[float, float], before: Sequence[Neighbour]
) -> None:
    """Ask about the last of the visits of the same jorong that is near."""
    for other in reversed(before):
        # Latitude alone rules most of them out, at a tenth of the cost.
        if abs((other.latitude_deg or 0) - here[0]) > SAME_PLACE_DEG:
            continue
        distance = _distance(here, other)
        if distance <= SAME_PLACE_M:
            evidence: dict[str, EvidenceValue] = {
                "visit_id": other.id,
                "distance_m": round(distance),
                "limit_m": SAME_PLACE_M,
            }
            flags.append(Flag("visit.same_place", evidence))
            return


def _flag_speed(
    flags: list[Flag],
    visit: VisitRow,
    here: tuple[float, float],
    by_time: list[tuple[Instant, int, Neighbour]],
) -> None:
    """Compare with the visits next before and next after in time."""
    place = bisect_left(by_time, (visit.occurred_at, visit.key))
    for _, _, nearest in by_time[max(0, place - 1) : place + 1]:
        flag = _speed_flag(visit, here, nearest)
        if flag is not None:
            flags.append(flag)


def _speed_flag(visit: VisitRow, here: tuple[float, float], other: Neighbour) -> Flag | None:
    if other.latitude_deg is None or other.longitude_deg is None:
        return None
    # A degree is at most 112 km; most neighbours are near by that alone.
    steps = abs(other.latitude_deg - here[0]) + abs(other.longitude_deg - here[1])
    if steps <= SPEED_DISTANCE_DEG:
        return None
    distance = _distance(here, other)
    sure = distance - (visit.accuracy_m or 0) - (other.accuracy_m or 0)
    if sure <= SPEED_DISTANCE_M:
        return None
    between = datetime.fromisoformat(visit.occurred_at) - datetime.fromisoformat(other.occurred_at)
    seconds = max(1.0, abs(between.total_seconds()))
    if sure / seconds <= SPEED_M_S:
        return None
    return Flag(
        "visit.speed",
        {
            "visit_id": other.id,
            "distance_m": round(distance),
            "seconds": round(seconds),
            "speed_m_s": round(sure / seconds),
            "limit_m_s": SPEED_M_S,
        },
    )


def _distance(here: tuple[float, float], other: Neighbour) -> float:
    if other.latitude_deg is None or other.longitude_deg is None:
        return math.inf
    return distance_m(here[0], here[1], other.latitude_deg, other.longitude_deg)


def flag_rows(visit_key: int, flags: Iterable[Flag]) -> list[tuple[int, int, str, str]]:
    """Return flags as rows of the store, evidence as JSON text."""
    return [
        (visit_key, number, flag.code, msgspec.json.encode(flag.evidence).decode())
        for number, flag in enumerate(flags)
    ]


def list_concerned(
    connection: sqlite3.Connection,
    before: VisitRow | None,
    after: VisitRow | None,
    changed_hashes: Iterable[str],
) -> list[str]:
    """Return the ids of visits whose questions a changed visit may alter: later arrivals of
    its officer's day, old and new, and those that share a photo it gained or lost.
    """
    ids: list[str] = []
    keys = [visit.key for visit in (before, after) if visit is not None]
    if not keys:
        return ids
    days = {
        (visit.officer_key, visit.day, visit.practice)
        for visit in (before, after)
        if visit is not None
    }
    for group in sorted(days):
        ids += list_followers(connection, *group, keys[0], NEIGHBOURS)
    hashes = sorted(changed_hashes)
    if hashes:
        ids += list_later_holders(connection, hashes, keys[0])
    return list(dict.fromkeys(ids))
