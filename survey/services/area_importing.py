"""The office's lists and boundaries: planned whole, carried out whole, undone whole.

All checks come first; a file with one fault changes nothing. Reading bytes is the formats'.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from survey.domain.area_lines import AreaFile, Fault
from survey.domain.area_plan import Change, Plan, plan_import
from survey.domain.areas import Area
from survey.domain.identifiers import new_id
from survey.domain.instants import Instant
from survey.domain.labels import N_
from survey.domain.problems import FieldError, Problem
from survey.formats.area_files import read_area_file
from survey.services.area_projecting import follow_later
from survey.services.areas import learn_point
from survey.store.area_boundaries import find_boundary_source, find_boundary_text, set_boundary
from survey.store.area_imports import (
    AreaImport,
    get_import,
    insert_import,
    mark_undone,
    read_import_states,
)
from survey.store.areas import (
    add_parent,
    find_area,
    is_area_used,
    list_areas,
    list_parents,
    save_area,
    set_aliases,
    set_parents,
)
from survey.store.audit import append_audit
from survey.store.changes import record_change
from survey.store.connection import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did; `import_id` is None when everything was there already."""

    plan: Plan
    import_id: str | None


def plan_area_import(store: Store, file_name: str, content: bytes) -> Plan:
    """Return what a file would do, its faults and what is worth a look; changes nothing."""
    return _plan(store.reader(), file_name, read_area_file(content))


def import_areas(store: Store, file_name: str, content: bytes, actor: str, now: Instant) -> Outcome:
    """Carry a CSV or GeoJSON file out in one step; the same file again changes nothing.

    Raises `area.import_unreadable` or `area.import_faulty` with a FieldError for each fault.
    """

    # Read before the transaction: phones that send meanwhile need not wait for it.
    file = read_area_file(content)

    def write(connection: sqlite3.Connection) -> Outcome:
        plan = _plan(connection, file_name, file)
        if not plan.is_right:
            raise problem_of_faults(plan.faults)
        changes = [change for change in plan.changes if change.kind != "same"]
        if not changes:
            return Outcome(plan, None)
        before = {change.after.id: _read_state(connection, change.after.id) for change in changes}
        for change in changes:
            _carry_out(connection, change, file_name, now)
        done = AreaImport(
            id=new_id(),
            at=now,
            actor=actor,
            file_name=file_name,
            sha256=hashlib.sha256(content).hexdigest(),
            new_count=plan.count("new"),
            changed_count=plan.count("changed"),
            same_count=plan.count("same"),
            undone_at=None,
        )
        follow_later(connection, before, now)
        after = {area_id: _digest(_read_state(connection, area_id)) for area_id in before}
        insert_import(connection, done, before, after)
        append_audit(connection, now, actor, "area.imported", done.id, content)
        return Outcome(plan, done.id)

    return store.write(write)


def undo_import(store: Store, import_id: str, actor: str, now: Instant) -> bool:
    """Take an import back in one step; False when it was taken back already.

    What it added is retired, what it changed is as before. Raises `area.import_superseded`,
    naming the areas on which a later change stands, and `area.import_not_found`.
    """

    def write(connection: sqlite3.Connection) -> bool:
        done = get_import(connection, import_id)
        if done.undone_at is not None:
            return False
        before, after = read_import_states(connection, import_id)
        _refuse_superseded(connection, before, after)
        for area_id, state in before.items():
            if state is None:
                area = find_area(connection, area_id)
                if area is not None:
                    save_area(connection, replace(area, retired_at=now))
                record_change(connection, "area", area_id, deleted=True)
            else:
                _restore(connection, state)
                learn_point(connection, area_id)
                record_change(
                    connection, "area", area_id, deleted=state["area"]["retired_at"] is not None
                )
        follow_later(connection, before, now)
        mark_undone(connection, import_id, now)
        append_audit(connection, now, actor, "area.import_undone", import_id)
        return True

    return store.write(write)


def problem_of_faults(faults: list[Fault]) -> Problem:
    """Return the problem that a faulty file is, with the place of each fault."""
    whole_file = all(fault.row == 0 for fault in faults)
    code = "area.import_unreadable" if whole_file else "area.import_faulty"
    return Problem(code, [FieldError(fault.place, fault.text) for fault in faults])


def _plan(connection: sqlite3.Connection, file_name: str, file: AreaFile) -> Plan:
    return plan_import(
        list_areas(connection),
        file,
        source=f"import: {file_name}",
        find_boundary_text=lambda area_id: find_boundary_text(connection, area_id),
    )


def _carry_out(
    connection: sqlite3.Connection, change: Change, file_name: str, now: Instant
) -> None:
    area = change.after
    if change.boundary is not None:
        set_boundary(connection, area.id, change.boundary, file_name)
        return
    save_area(connection, area)
    set_aliases(connection, area.id, area.aliases, f"import: {file_name}")
    moved = change.before is None or change.before.parent_id != area.parent_id
    if moved and area.parent_id is not None:
        add_parent(connection, area.id, area.parent_id, now)
    record_change(connection, "area", area.id)


def _read_state(connection: sqlite3.Connection, area_id: str) -> dict[str, Any] | None:
    """Return all an import may change of an area, as JSON values; None when it is unknown."""
    area = find_area(connection, area_id)
    if area is None:
        return None
    return {
        "area": {**asdict(area), "aliases": list(area.aliases)},
        "parents": [list(parent) for parent in list_parents(connection, area_id)],
        "boundary": find_boundary_text(connection, area_id),
        "boundary_source": find_boundary_source(connection, area_id),
    }


def _digest(state: Mapping[str, Any] | None) -> str:
    """Return the hash of a state without a point learned from visits: that is no later change."""
    if state is not None and state["area"]["point_source"] in (None, "visits"):
        blank = dict.fromkeys(("latitude_deg", "longitude_deg", "point_source"))
        state = {**state, "area": {**state["area"], **blank}}
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def _refuse_superseded(
    connection: sqlite3.Connection,
    before: Mapping[str, dict[str, Any] | None],
    after: Mapping[str, str],
) -> None:
    new = {i for i, state in before.items() if state is None or state["area"]["retired_at"]}
    errors = []
    for area_id, digest in after.items():
        if _digest(_read_state(connection, area_id)) != digest:
            errors.append(FieldError(area_id, N_("It was changed after this import.")))
        elif area_id in new and is_area_used(connection, area_id, but_children=new):
            errors.append(FieldError(area_id, N_("Visits, targets or other areas stand on it.")))
    if errors:
        raise Problem("area.import_superseded", errors)


def _restore(connection: sqlite3.Connection, state: Mapping[str, Any]) -> None:
    area = Area(**{**state["area"], "aliases": tuple(state["area"]["aliases"])})
    save_area(connection, area)
    set_aliases(connection, area.id, area.aliases, area.source)
    set_parents(connection, area.id, [(parent, since) for parent, since in state["parents"]])
    set_boundary(connection, area.id, state["boundary"], state["boundary_source"])
