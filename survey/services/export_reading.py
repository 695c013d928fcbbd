"""What an export holds: filters looked up, visits with classes, tracks, nothing personal unasked.

Reads through one connection, whose snapshot the caller holds. Knows no file format.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import Final

from survey.domain.areas import list_ancestors
from survey.domain.class_rules import ClassRules
from survey.domain.classes import class_of_operator
from survey.domain.exports import (
    AreaName,
    AreaPath,
    ExportedVisit,
    ExportFilters,
    Extent,
    Segment,
    pseudonym,
)
from survey.domain.labels import N_
from survey.domain.privacy import list_fields
from survey.domain.problems import FieldError, Problem
from survey.domain.review import STATES
from survey.formats.tracks import read_segments
from survey.services.rules import read_rules_in_force
from survey.store import exports
from survey.store.areas import list_areas, resolve_area_id
from survey.store.campaigns import list_campaigns
from survey.store.users import find_user, find_user_by_name, list_users

Progress = Callable[[int, int], None]
"""Called with visits read and visits in all, now and then."""

PROGRESS_EVERY: Final = 500
_PERSONAL: Final = list_fields("visits", "personal")


@dataclass(slots=True)
class Reading:
    """One export while it is read; `extent` grows with what went through."""

    connection: sqlite3.Connection
    filters: ExportFilters
    selection: exports.Selection
    paths: dict[str, AreaPath]
    demo: bool
    personal: bool
    rules: ClassRules
    progress: Progress | None = None
    extent: Extent = field(default_factory=Extent)
    _officer_days: set[tuple[str, str]] = field(default_factory=set)

    def visits(self) -> Iterator[ExportedVisit]:
        """Yield the chosen visits in order with the class of each operator."""
        total = exports.count_visits(self.connection, self.selection) if self.progress else 0
        for visit in exports.iter_visits(self.connection, self.selection, self.paths):
            visit.operator_classes = _classes(visit, self.rules.cuts_dbm)
            visit.rule_version = self.rules.version
            visit.demo = visit.demo or self.demo
            self.extent.add_visit(visit)
            self._officer_days.add((visit.officer_id, visit.day))
            if not self.personal:
                _hide_personal(visit)
            if self.progress and self.extent.visits % PROGRESS_EVERY == 0:
                self.progress(self.extent.visits, total)
            yield visit

    def tracks(self) -> Iterator[tuple[str, Iterator[Segment]]]:
        """Yield name and segments of one track an officer and day; call after `visits`.

        With a place or state asked for, only the walks to the visits that were chosen.
        """
        rows = exports.iter_tracks(self.connection, self.selection)
        for (day, officer_id), group in groupby(rows, lambda row: (row.day, row.officer_id)):
            chosen = (officer_id, day) in self._officer_days
            if chosen or not self.filters.by_place_or_state:
                tracks = list(group)
                officer = tracks[0].officer_name if self.personal else pseudonym(officer_id)
                yield f"{day} {officer}", self._segments(tracks)

    def _segments(self, tracks: list[exports.TrackRow]) -> Iterator[Segment]:
        found = False
        for track in tracks:
            for segment in _read_track(self.connection, track.id):
                self.extent.tracks += not found
                found = True
                self.extent.add_change(track.changed_at)
                self.extent.add_segment(segment)
                yield segment


def start_reading(
    connection: sqlite3.Connection,
    filters: ExportFilters,
    *,
    demo: bool,
    personal: bool,
    progress: Progress | None,
) -> Reading:
    """Look the filters up and return what reads them.

    Raises area.not_found, user.not_found, campaign.not_found or field.invalid.
    """
    _check(filters)
    paths = _area_paths(connection)
    area_ids = None
    if filters.area is not None:
        if filters.area not in paths:
            raise Problem("area.not_found")
        target = paths[filters.area].ids[-1]
        area_ids = [area for area, path in paths.items() if target in path.ids]
    selection = exports.select_rows(
        filters,
        campaign_id=_find_campaign_id(connection, filters.campaign),
        officer_key=_find_officer_key(connection, filters.officer),
        area_ids=area_ids,
    )
    rules = read_rules_in_force(connection)
    return Reading(connection, filters, selection, paths, demo, personal, rules, progress)


def _check(filters: ExportFilters) -> None:
    if not filters.states or not set(filters.states) <= set(STATES):
        raise Problem("field.invalid", [FieldError("state", N_("This state is not known."))])
    first, last = filters.first_day, filters.last_day
    if first and last and first > last:
        message = N_("The first day lies after the last.")
        raise Problem("field.invalid", [FieldError("from", message)])


def _find_officer_key(connection: sqlite3.Connection, officer: str | None) -> int | None:
    if officer is None:
        return None
    user = find_user(connection, officer) or find_user_by_name(connection, officer)
    if user is None:
        raise Problem("user.not_found")
    return user.key


def _find_campaign_id(connection: sqlite3.Connection, campaign: str | None) -> str | None:
    """Return the id of a campaign given by id or by a name that only one has."""
    if campaign is None:
        return None
    named = [one for one in list_campaigns(connection) if campaign in (one.id, one.name)]
    named = [one for one in named if one.id == campaign] or named
    if len(named) != 1:
        raise Problem("campaign.not_found")
    if named[0].practice:
        message = N_("Practice visits are never exported.")
        raise Problem("field.invalid", [FieldError("campaign", message)])
    return named[0].id


def _area_paths(connection: sqlite3.Connection) -> dict[str, AreaPath]:
    """Return the path of every area by id; a merged area has the path of its successor."""
    areas = list_areas(connection)
    paths = {}
    for area_id, area in areas.items():
        merged = area.merged_into is not None
        standing = (merged and resolve_area_id(connection, area_id)) or area_id
        line = [areas[standing], *list_ancestors(areas, standing)]
        levels = {
            level.level: AreaName(level.id, level.name, level.kemendagri_code) for level in line
        }
        paths[area_id] = AreaPath(**levels)
    return paths


def _classes(visit: ExportedVisit, cuts: Mapping[str, float]) -> dict[str, str]:
    keys = {test.operator for test in visit.service_tests}
    keys |= {reading.operator for reading in visit.readings}
    classes = {}
    for key in keys:
        letter = key and class_of_operator(key, visit.service_tests, visit.readings, cuts)
        if key and letter:
            classes[key] = letter
    return dict(sorted(classes.items()))


def _hide_personal(visit: ExportedVisit) -> None:
    """Empty what the domain marks as personal, and the names of people."""
    for name in _PERSONAL:
        setattr(visit, name, [] if name == "companions" else None)
    visit.officer_username = visit.officer_name = visit.reviewer_name = None


def _read_track(connection: sqlite3.Connection, track_id: str) -> Iterator[Segment]:
    """Yield the segments of a track; a part that has not arrived is a gap too."""
    place = count()
    parts = exports.iter_parts(connection, track_id)
    for _, run in groupby(parts, lambda part: part.number - next(place)):
        yield from read_segments(part.columns for part in run)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form can offer to choose from, as (value, label)."""

    campaigns: list[tuple[str, str]]
    areas: list[tuple[str, str]]
    officers: list[tuple[str, str]]


def list_choices(connection: sqlite3.Connection, *, personal: bool) -> Choices:
    """Return the campaigns, areas and officers an export can be narrowed to.

    Areas come in the order of the hierarchy, deeper ones indented; officers by name, or by
    pseudonym where personal data is not for the asker.
    """
    areas = list_areas(connection)
    lines = []
    for area in areas.values():
        if area.is_live:
            path = [area, *list_ancestors(areas, area.id)][::-1]
            indent = "\u2003" * (len(path) - 1)
            lines.append(([level.name for level in path], area.id, f"{indent}{area.name}"))
    officers = [
        (user.id, user.name if personal else pseudonym(user.id))
        for user in list_users(connection)
        if "officer" in user.roles
    ]
    return Choices(
        campaigns=[(one.id, one.name) for one in list_campaigns(connection) if not one.practice],
        areas=[(area_id, label) for _, area_id, label in sorted(lines)],
        officers=sorted(officers, key=lambda officer: officer[1].casefold()),
    )
