"""What the office's pages of areas show: the tree, one area with all about it, its neighbours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from survey.domain.areas import LEVELS, Area, Point, effective_point, list_ancestors
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.store.area_baselines import list_baselines, list_listed_area_ids
from survey.store.area_boundaries import find_boundary, find_boundary_source
from survey.store.areas import count_visits, list_areas, list_parents, list_visited_area_ids
from survey.store.assignments import Assignment, list_open_assignments
from survey.store.campaigns import Campaign, list_campaigns, list_campaigns_of_target
from survey.store.connection import Store

LISTED_METRIC: Final = "blankspot_listed"
"""The baseline that names single jorong."""

COUNTED_VISITS: Final = 1_000
"""A page looks at so many visits of an area at most, and says "1.000+" beyond."""


@dataclass(slots=True)
class Branch:
    """One area of the tree with what lies right under it and what there is below in all."""

    area: Area
    children: list[Branch] = field(default_factory=list)
    jorong: int = 0
    visited: int = 0
    listed_as_of: str | None = None


@dataclass(frozen=True, slots=True)
class AreasPage:
    """The whole tree; `root` is None before the first load."""

    root: Branch | None
    nagari: int
    baselines: list[sqlite3.Row]


@dataclass(frozen=True, slots=True)
class AreaPage:
    """One area: `path` from the kabupaten down, `parents` oldest first, `children` by name."""

    area: Area
    path: list[Area]
    parents: list[tuple[Area, Instant]]
    point: Point | None
    point_of: Area | None
    boundary: dict[str, Any] | None
    boundary_source: str | None
    around: dict[str, Any] | None
    children: list[Branch]
    merged_here: list[Area]
    baselines: list[sqlite3.Row]
    visits: dict[str, int]
    campaigns: list[Campaign]
    assignments: list[Assignment]


def browse_areas(store: Store) -> AreasPage:
    """Return all live areas as a tree, with the regency's published counts."""
    connection = store.reader()
    areas = list_areas(connection)
    branches = _grow(connection, areas)
    root = next((b for b in branches.values() if b.area.level == "kabupaten"), None)
    return AreasPage(
        root,
        sum(branch.area.level == "nagari" for branch in branches.values()),
        list_baselines(connection, root.area.id) if root else [],
    )


def browse_area(store: Store, area_id: str) -> AreaPage:
    """Return one area with everything about it; an unknown one raises `area.not_found`."""
    connection = store.reader()
    areas = list_areas(connection)
    area = areas.get(area_id)
    if area is None:
        raise Problem("area.not_found")
    above = list(list_ancestors(areas, area_id))
    branch = _grow(connection, areas).get(area_id)
    point = effective_point(areas, area_id)
    holders = (a for a in (area, *above) if a.latitude_deg is not None)
    wanted = set(list_campaigns_of_target(connection, area_id))
    return AreaPage(
        area=area,
        path=[*above[::-1], area],
        parents=[
            (areas[parent], since)
            for parent, since in list_parents(connection, area_id)
            if parent in areas
        ],
        point=point,
        point_of=next(holders, None),
        boundary=find_boundary(connection, area_id),
        boundary_source=find_boundary_source(connection, area_id),
        around=next(filter(None, (find_boundary(connection, a.id) for a in above)), None),
        children=branch.children if branch else [],
        merged_here=[a for a in areas.values() if a.merged_into == area_id],
        baselines=list_baselines(connection, area_id),
        visits=count_visits(connection, area_id, COUNTED_VISITS),
        campaigns=[c for c in list_campaigns(connection) if c.id in wanted],
        assignments=list_open_assignments(connection, area_id=area_id),
    )


def _grow(connection: sqlite3.Connection, areas: dict[str, Area]) -> dict[str, Branch]:
    """Return a branch for each live area by id, each hung under its parent."""
    listed = list_listed_area_ids(connection, LISTED_METRIC)
    visited = list_visited_area_ids(connection)
    branches = {
        area.id: Branch(area, listed_as_of=listed.get(area.id))
        for area in areas.values()
        if area.is_live
    }
    for branch in branches.values():
        parent = branches.get(branch.area.parent_id or "")
        if parent is not None:
            parent.children.append(branch)
        if branch.area.level == "jorong":
            for above in (branch.area, *list_ancestors(areas, branch.area.id)):
                if above.id in branches:
                    branches[above.id].jorong += 1
                    branches[above.id].visited += branch.area.id in visited
    for branch in branches.values():
        branch.children.sort(key=lambda child: LEVELS.index(child.area.level))
    return branches


def list_jorong_in(store: Store, place: str) -> list[str]:
    """Return the live jorong in an area, or itself; `listed` is those on the published list.

    An unknown place raises `area.not_found`.
    """
    connection = store.reader()
    areas = list_areas(connection)
    if place == "listed":
        return sorted(
            {area.id for i in list_listed_area_ids(connection, LISTED_METRIC)
             for area in _successors(areas, i)}
        )  # fmt: skip
    if place not in areas:
        raise Problem("area.not_found")
    return [
        area.id
        for area in areas.values()
        if area.is_live
        and area.level == "jorong"
        and (area.id == place or any(a.id == place for a in list_ancestors(areas, area.id)))
    ]


def _successors(areas: dict[str, Area], area_id: str) -> Iterator[Area]:
    """Yield the live area that stands for an id now, or nothing."""
    seen: set[str] = set()
    area = areas.get(area_id)
    while area is not None and area.merged_into is not None and area.id not in seen:
        seen.add(area.id)
        area = areas.get(area.merged_into)
    if area is not None and area.is_live:
        yield area
