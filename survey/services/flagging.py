"""Questions that compare a visit with others, and the flags' rows.

A visit is compared only with visits that arrived before it, so that a new visit never changes
another's flags; a correction re-asks those that came after it. Equal after a rebuild.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from survey.domain.flags import Flag
from survey.domain.geo import distance_m
from survey.domain.limits import SAME_PLACE_M, SPEED_M_S
from survey.store.visits import (
    Neighbour,
    VisitRow,
    VisitRows,
    list_first_holders,
    list_followers,
    list_later_holders,
    list_neighbours,
)

NEIGHBOURS: Final = 30
"""Most visits of one officer and day that a visit is compared with: the last to arrive."""

SPEED_DISTANCE_M: Final = 1_000
"""Nearer visits never raise a question of speed: positions and clocks are not that exact."""

SPEED_DISTANCE_DEG: Final = SPEED_DISTANCE_M / 112_000


class Neighbourhood:
    """The visits that arrived before those of one batch, read once a day and officer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._days: dict[tuple[int, str], list[Neighbour]] = {}
        self._holders: dict[str, tuple[int, str]] = {}

    def prepare_photos(self, hashes: Iterable[str]) -> None:
        """Look up who had some photos first."""
        unknown = list(set(hashes))
        if unknown:
            self._holders.update(list_first_holders(self._connection, unknown))

    def flag(self, rows: VisitRows) -> list[Flag]:
        """Return the questions that a visit raises beside those that arrived before it."""
        visit = rows.visit
        before = self._before(visit)
        flags = _flag_shared_photos(rows, self._holders)
        if visit.latitude_deg is not None and visit.longitude_deg is not None:
            here = (visit.latitude_deg, visit.longitude_deg)
            flags += _flag_same_place(visit, here, before)
            flags += _flag_speed(visit, here, before)
        return flags

    def add(self, rows: VisitRows) -> None:
        """Let the visits that follow in this batch be compared with this one."""
        visit = rows.visit
        day = self._before(visit)
        day.insert(
            0,
            Neighbour(
                visit.key,
                visit.id,
                visit.occurred_at,
                visit.practice,
                visit.area_id,
                visit.latitude_deg,
                visit.longitude_deg,
                visit.accuracy_m,
            ),
        )
        del day[NEIGHBOURS:]
        for photo in rows.photos:
            self._holders.setdefault(photo[2], (visit.key, visit.id))

    def _before(self, visit: VisitRow) -> list[Neighbour]:
        group = (visit.officer_key, visit.day)
        day = self._days.get(group)
        if day is None:
            day = list_neighbours(
                self._connection, visit.officer_key, visit.day, visit.key, NEIGHBOURS
            )
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
    visit: VisitRow, here: tuple[float, float], before: Sequence[Neighbour]
) -> list[Flag]:
    if visit.area_id is None:
        return []
    area_id, practice = visit.area_id, visit.practice
    for other in before:
        if other.area_id != area_id or other.practice != practice:
            continue
        distance = _distance(here, other)
        if distance is not None and distance <= SAME_PLACE_M:
            return [
                Flag(
                    "visit.same_place",
                    {
                        "visit_id": other.id,
                        "distance_m": round(distance),
                        "limit_m": SAME_PLACE_M,
                    },
                )
            ]
    return []


def _flag_speed(
    visit: VisitRow, here: tuple[float, float], before: Sequence[Neighbour]
) -> list[Flag]:
    """Compare with the visits next before and next after in time."""
    last: Neighbour | None = None
    following: Neighbour | None = None
    at = visit.occurred_at
    for other in before:
        if other.practice != visit.practice or other.latitude_deg is None:
            continue
        if other.occurred_at <= at:
            if last is None or other.occurred_at > last.occurred_at:
                last = other
        elif following is None or other.occurred_at < following.occurred_at:
            following = other
    flags = []
    for nearest in (last, following):
        # A degree is at most 112 km; most neighbours are within a kilometre by that alone.
        if nearest is None or nearest.latitude_deg is None or nearest.longitude_deg is None:
            continue
        steps = abs(nearest.latitude_deg - here[0]) + abs(nearest.longitude_deg - here[1])
        flag = _speed_flag(visit, here, nearest) if steps > SPEED_DISTANCE_DEG else None
        if flag is not None:
            flags.append(flag)
    return flags


def _speed_flag(visit: VisitRow, here: tuple[float, float], other: Neighbour) -> Flag | None:
    distance = _distance(here, other)
    if distance is None:
        return None
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


def _distance(here: tuple[float, float], other: Neighbour) -> float | None:
    if other.latitude_deg is None or other.longitude_deg is None:
        return None
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
    days = {(visit.officer_key, visit.day) for visit in (before, after) if visit is not None}
    for officer_key, day in sorted(days):
        ids += list_followers(connection, officer_key, day, keys[0], NEIGHBOURS)
    hashes = sorted(changed_hashes)
    if hashes:
        ids += list_later_holders(connection, hashes, keys[0])
    return list(dict.fromkeys(ids))
