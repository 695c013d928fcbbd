"""What may happen to areas: loading the reference, searching, adding, merging, learning.

The office's lists and boundaries come in by services/area_importing.py.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from survey.domain.area_search import Suggestion, search_names
from survey.domain.areas import (
    CENTRE_ACCURACY_M,
    PARENT_LEVELS,
    Area,
    Point,
    may_learn_point,
    merge_hindrance,
    middle_of,
)
from survey.domain.areas import effective_point as find_effective_point
from survey.domain.instants import Instant
from survey.domain.labels import N_
from survey.domain.problems import FieldError, Problem
from survey.domain.spelling import plain_name
from survey.services.area_projecting import follow_point
from survey.services.projecting import project_area
from survey.services.reference_areas import load_reference_areas
from survey.services.sample_areas import tie_later
from survey.store.areas import (
    add_parent,
    find_area,
    find_next_area_id,
    find_root_area,
    get_area,
    list_areas,
    list_centre_positions,
    list_children,
    list_visit_officers,
    move_area,
    save_area,
    set_aliases,
)
from survey.store.assignments import find_open_assignment, list_open_assignments, save_assignment
from survey.store.audit import append_audit
from survey.store.campaigns import add_targets, list_campaigns_of_target, remove_target
from survey.store.changes import record_change
from survey.store.connection import Store

__all__ = [
    "add_area",
    "effective_point",
    "learn_point",
    "load_reference_areas",
    "merge_areas",
    "search_areas",
]


def effective_point(connection: sqlite3.Connection, area_id: str) -> Point | None:
    """Return where an area is: its own point, else its parent's (`of` tells), else None."""
    areas = list_areas(connection)
    if area_id not in areas:
        raise Problem("area.not_found")
    return find_effective_point(areas, area_id)


def search_areas(
    store: Store, text: str, limit: int = 20, level: str | None = None
) -> list[Suggestion]:
    """Return the areas that answer to a text: exact, other spelling, beginning, nearly alike."""
    areas = list_areas(store.reader()).values()
    return search_names(
        (area for area in areas if level is None or area.level == level), text, limit
    )


def add_area(
    store: Store, *, name: str, level: str, parent_id: str, actor: str, now: Instant
) -> str:
    """Add a jorong, or a nagari without a code, by hand and return its new id.

    Raises `area.bad_parent`, `area.name_taken` (same name as spelled under that parent).
    """
    name = " ".join(name.split())

    def write(connection: sqlite3.Connection) -> str:
        parent = get_area(connection, parent_id)
        if not parent.is_live or parent.level not in PARENT_LEVELS.get(level, ()):
            raise Problem("area.bad_parent")
        if not plain_name(name) or len(name) > 200:
            raise Problem("field.invalid", [FieldError("name", N_("Please give a name."))])
        if any(
            plain_name(child.name) == plain_name(name) and child.level == level
            for child in list_children(connection, parent_id)
        ):
            raise Problem("area.name_taken")
        root = find_root_area(connection)
        if root is None:
            raise Problem("area.no_root")
        area_id = find_next_area_id(connection, root["id"], level)
        save_area(connection, Area(area_id, level, name, parent_id, source=f"office: {actor}"))
        add_parent(connection, area_id, parent_id, now)
        append_audit(connection, now, actor, "area.added", area_id, name)
        record_change(connection, "area", area_id)
        return area_id

    return store.write(write)


def learn_point(connection: sqlite3.Connection, area_id: str) -> Point | None:
    """Give an area the median of its approved centre visits; call after each decision.

    Only positions of 50 m or better count. A point of the office or the reference is kept;
    when no visit is left the area has no point again. Returns the area's own point, or None.
    """
    area = find_area(connection, area_id)
    if area is None:
        return None
    if may_learn_point(area):
        middle = middle_of(list_centre_positions(connection, area_id, CENTRE_ACCURACY_M))
        latitude, longitude = middle if middle else (None, None)
        learned = replace(
            area,
            latitude_deg=latitude,
            longitude_deg=longitude,
            point_source="visits" if middle else None,
        )
        if learned != area:
            save_area(connection, learned)
            record_change(connection, "area", area_id)
            follow_point(connection, area, learned)
        area = learned
    if area.latitude_deg is None or area.longitude_deg is None:
        return None
    return Point(area.latitude_deg, area.longitude_deg, "own")


def merge_areas(store: Store, source_id: str, target_id: str, actor: str, now: Instant) -> None:
    """Let one area go into another of its level: payloads stay, everything else follows.

    Visits count for the target, children move under it, its names grow by the source's, open
    assignments and targets move. Raises `area.not_found`, `area.merge_impossible`.
    """

    def write(connection: sqlite3.Connection) -> None:
        source, target = get_area(connection, source_id), get_area(connection, target_id)
        hindrance = merge_hindrance(source, target)
        if hindrance is not None:
            raise Problem("area.merge_impossible", [FieldError("into", hindrance)])
        visits = list_visit_officers(connection, source_id)
        children = list_children(connection, source_id)
        for child in children:
            move_area(connection, child, target_id, now)
            record_change(connection, "area", child.id)
        save_area(connection, replace(source, merged_into=target_id))
        spelled = {plain_name(name) for name in (target.name, *target.aliases)}
        grown = [n for n in (source.name, *source.aliases) if plain_name(n) not in spelled]
        set_aliases(connection, target_id, (*target.aliases, *grown), f"merged: {source_id}")
        project_area(connection, [source_id, *(child.id for child in children)])
        for visit_id, officer_key in visits:
            record_change(connection, "visit", visit_id, user_key=officer_key)
        _move_campaigns(connection, source_id, target_id, now)
        learn_point(connection, target_id)
        tie_later(connection)
        append_audit(connection, now, actor, "area.merged", source_id, target_id)
        record_change(connection, "area", source_id, deleted=True)
        record_change(connection, "area", target_id)

    store.write(write)


def _move_campaigns(
    connection: sqlite3.Connection, source_id: str, target_id: str, now: Instant
) -> None:
    """Let targets and open assignments of a merged area go to its successor."""
    for campaign_id in list_campaigns_of_target(connection, source_id):
        remove_target(connection, campaign_id, source_id)
        add_targets(connection, campaign_id, [target_id])
        record_change(connection, "campaign", campaign_id)
    for assignment in list_open_assignments(connection, area_id=source_id):
        keys = [officer.key for officer in assignment.officers]
        other = find_open_assignment(connection, assignment.campaign_id, target_id)
        if other is None:
            save_assignment(connection, replace(assignment, area_id=target_id), keys)
            changed = assignment.id
        else:
            save_assignment(connection, replace(assignment, cancelled_at=now), keys)
            for key in keys:
                record_change(connection, "assignment", assignment.id, user_key=key, deleted=True)
            keys = sorted({*keys, *(officer.key for officer in other.officers)})
            save_assignment(connection, other, keys)
            changed = other.id
        for key in keys:
            record_change(connection, "assignment", changed, user_key=key)
