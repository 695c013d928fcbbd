"""What an import would do: every line matched with an area, new, changed, same or faulty.

Nothing is changed here; the plan is carried out whole or not at all. A blank cell changes
nothing, and what the office sends is official.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from survey.domain.area_index import AreaIndex
from survey.domain.area_lines import AreaFile, AreaLine, BoundaryLine, Fault
from survey.domain.area_matching import PlacedLine, match_lines
from survey.domain.areas import LEVELS, Area, format_area_id, number_of_id
from survey.domain.geo import point_in_polygon
from survey.domain.labels import N_
from survey.domain.spelling import fold_name, plain_name

Kind = Literal["new", "changed", "same"]


@dataclass(frozen=True, slots=True)
class Change:
    """One area of an import: as it is, as it would be, and which fields differ."""

    row: int
    kind: Kind
    before: Area | None
    after: Area
    fields: tuple[str, ...] = ()
    boundary: str | None = None


@dataclass(slots=True)
class Plan:
    """All of an import: `notices` are worth a look, `faults` forbid it."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        """Return how many areas are new, changed or same."""
        return sum(change.kind == kind for change in self.changes)

    @property
    def is_right(self) -> bool:
        """Tell whether nothing is wrong, so that it may be carried out."""
        return not self.faults


def plan_import(
    areas: Mapping[str, Area],
    file: AreaFile,
    source: str,
    find_boundary_text: Callable[[str], str | None],
) -> Plan:
    """Return what a file would do to the areas; `source` is kept with what it changes."""
    plan = Plan(faults=list(file.faults))
    index = AreaIndex(areas.values())
    if file.boundaries:
        _plan_boundaries(plan, index, file.boundaries, find_boundary_text)
    else:
        _ListPlanner(plan, index, source).run(file.lines)
    plan.changes.sort(key=lambda change: change.row)
    plan.faults.sort(key=lambda fault: fault.row)
    return plan


class _ListPlanner:
    """Plans a list of areas level by level, so that a parent may stand in the same file."""

    def __init__(self, plan: Plan, index: AreaIndex, source: str) -> None:
        self.plan = plan
        self.index = index
        self.source = source
        self.numbers: dict[str, int] = {}

    def run(self, lines: Sequence[AreaLine]) -> None:
        for level in LEVELS:
            placed = [
                PlacedLine(line, parent_id)
                for line in lines
                if line.level == level
                for parent_id in self._place(line)
            ]
            matched = match_lines(self.index, placed, self.plan.faults, self.plan.notices)
            for place in placed:
                if place.line.row in matched:
                    self._plan_line(place, matched[place.line.row])

    def _fault(self, line: AreaLine, column: str, message: str, **params: object) -> None:
        self.plan.faults.append(Fault(line.row, column, message, params))

    def _place(self, line: AreaLine) -> Iterable[str | None]:
        """Yield the parent's id of a line (None for a kabupaten), or nothing after a fault."""
        if line.level == "kabupaten":
            return (None,)
        text = line.parent
        if text is None:
            known = next(
                (
                    a
                    for key in (line.id, line.kemendagri_code)
                    if key and (a := self.index.find(key))
                ),
                None,
            )
            text = known.parent_id if known else _code_above(line.kemendagri_code)
        if text is None and line.level == "kecamatan":
            text = next((a.id for a in self.index.areas.values() if a.parent_id is None), None)
        if text is None:
            self._fault(line, "parent", N_("The parent is missing."))
            return ()
        found = self.index.find_parents(line.level, text)
        if len(found) == 1:
            return (found[0].id,)
        if found:
            paths = ", ".join(f"{area.name} ({area.id})" for area in found[:5])
            message = N_("Several areas may be meant: {areas}. Write the code or a path.")
            self._fault(line, "parent", message, areas=paths)
        else:
            message = N_("No area of a fitting level is called {name}.")
            self._fault(line, "parent", message, name=text)
        return ()

    def _plan_line(self, place: PlacedLine, before: Area | None) -> None:
        line = place.line
        if before is None:
            new_id = self._new_id(line)
            if new_id is None:
                return
            base = Area(new_id, line.level, line.name, place.parent_id)
        else:
            base = before
        after = _write_over(base, line, place.parent_id)
        for column in ("kemendagri_code", "bps_code"):
            code = getattr(after, column)
            holder = self.index.find(code) if code else None
            if holder is not None and (before is None or holder.id != before.id):
                message = N_("This code belongs to {name} ({id}).")
                self._fault(line, column, message, name=holder.name, id=holder.id)
                return
        changed = _differences(before, after)
        if before is None or changed:
            after = replace(after, source=self.source)
        kind: Kind = "changed" if changed else "same"
        if before is None or before.retired_at is not None:
            kind = "new"
        self.index.put(after)
        self.plan.changes.append(Change(line.row, kind, before, after, changed))

    def _new_id(self, line: AreaLine) -> str | None:
        if line.kemendagri_code is not None:
            return line.kemendagri_code
        root = next((a for a in self.index.areas.values() if a.parent_id is None), None)
        if line.level == "kabupaten" or root is None:
            self._fault(line, "kemendagri_code", N_("The kabupaten needs its Kemendagri code."))
            return None
        prefix = format_area_id(root.id, line.level, 0)[:-4]
        if line.level not in self.numbers:
            known = (i for i in self.index.areas if i.startswith(prefix))
            self.numbers[line.level] = max(map(number_of_id, known), default=0)
        self.numbers[line.level] += 1
        return format_area_id(root.id, line.level, self.numbers[line.level])


def _code_above(code: str | None) -> str | None:
    return code.rpartition(".")[0] if code else None


def _write_over(area: Area, line: AreaLine, parent_id: str | None) -> Area:
    """Return an area as a line would have it; what the line leaves blank stays."""
    names = {plain_name(line.name): ""}
    for alias in (*area.aliases, area.name, *line.aliases):
        names.setdefault(plain_name(alias), alias)
    after = replace(
        area,
        name=line.name,
        parent_id=parent_id,
        kemendagri_code=line.kemendagri_code or area.kemendagri_code,
        bps_code=line.bps_code or area.bps_code,
        standing="official",
        retired_at=None,
        note=line.note or area.note,
        aliases=tuple(sorted(filter(None, names.values()))),
    )
    if line.latitude_deg is None:
        return after
    point = (line.latitude_deg, line.longitude_deg)
    if point == (area.latitude_deg, area.longitude_deg):
        return after
    return replace(after, latitude_deg=point[0], longitude_deg=point[1], point_source="office")


def _differences(before: Area | None, after: Area) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(f.name for f in fields(Area) if getattr(before, f.name) != getattr(after, f.name))


def _plan_boundaries(
    plan: Plan,
    index: AreaIndex,
    lines: Sequence[BoundaryLine],
    find_boundary_text: Callable[[str], str | None],
) -> None:
    rows: dict[str, int] = {}
    for line in lines:
        found = _find_bounded(index, line)
        if len(found) != 1:
            message = (
                N_("Several areas may be meant: {areas}. Write the code or a path.")
                if found
                else N_("No area has this code or name: {name}.")
            )
            shown = ", ".join((*line.codes, *filter(None, (line.name,))))
            names = ", ".join(f"{area.name} ({area.id})" for area in found[:5])
            plan.faults.append(Fault(line.row, "", message, {"name": shown, "areas": names}))
            continue
        area = found[0]
        if area.id in rows:
            message = N_("This is the same area as in row {row}.")
            plan.faults.append(Fault(line.row, "", message, {"row": rows[area.id]}))
            continue
        rows[area.id] = line.row
        if line.name is not None and fold_name(line.name) not in map(
            fold_name, (area.name, *area.aliases)
        ):
            message = N_("The file calls it {name}, here it is {area}.")
            params = {"name": line.name, "area": area.name}
            plan.notices.append(Fault(line.row, "name", message, params))
        if _lies_outside(area, line):
            message = N_("The known point of {area} lies outside this boundary.")
            plan.notices.append(Fault(line.row, "geometry", message, {"area": area.name}))
        known = find_boundary_text(area.id)
        kind: Kind = "new" if known is None else "changed"
        kind = "same" if known == line.text else kind
        changed = () if kind == "same" else ("boundary",)
        plan.changes.append(Change(line.row, kind, area, area, changed, line.text))


def _lies_outside(area: Area, line: BoundaryLine) -> bool:
    if area.latitude_deg is None or area.longitude_deg is None:
        return False
    return not point_in_polygon(line.geometry, area.latitude_deg, area.longitude_deg)


def _find_bounded(index: AreaIndex, line: BoundaryLine) -> list[Area]:
    """Return the live areas a feature may mean: by code or id, else by name within its parent."""
    for code in line.codes:
        area = index.find(code)
        if area is not None:
            return [area] if area.is_live else []
    if line.name is None:
        return []
    levels = (line.level,) if line.level else LEVELS
    for folded in (False, True):
        found = [
            area
            for level in levels
            for area in index.named(level, line.name, folded=folded)
            if area.is_live and index.lies_in(area.id, filter(None, (line.parent,)))
        ]
        if found:
            return found
    return []
