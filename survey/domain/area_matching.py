"""Which existing area each line of a list means: by id, by code, then by name.

Names are matched in passes, the surest first and all lines in each, so that a line never takes
an area that another line names exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from survey.domain.area_index import AreaIndex
from survey.domain.area_lines import AreaLine, Fault
from survey.domain.areas import Area
from survey.domain.labels import N_
from survey.domain.spelling import plain_name


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line whose parent is known; None for a kabupaten."""

    line: AreaLine
    parent_id: str | None


Candidates = Callable[[AreaIndex, PlacedLine], list[Area]]


def match_lines(
    index: AreaIndex,
    placed: Sequence[PlacedLine],
    faults: list[Fault],
    notices: list[Fault],
) -> dict[int, Area | None]:
    """Return the area of each line by row, None for a new one; a faulty line is left out.

    All lines are of one level. What is wrong or doubtful goes into `faults` and `notices`.
    """
    matched: dict[int, Area | None] = {}
    open_lines = []
    seen: dict[tuple[str | None, str], int] = {}
    for place in placed:
        line = place.line
        first = seen.setdefault((place.parent_id, plain_name(line.name)), line.row)
        if first != line.row:
            message = N_("This is the same area as in row {row}.")
            faults.append(Fault(line.row, "name", message, {"row": first}))
            continue
        area, fault = _find_named_by_code(index, line)
        if fault is not None:
            faults.append(fault)
        elif area is not None:
            matched[line.row] = area
        else:
            open_lines.append(place)
    _refuse_doubles(matched, faults)
    taken = {area.id for area in matched.values() if area is not None}
    for candidates in _PASSES:
        open_lines = _match_by_name(index, candidates, open_lines, matched, taken)
    _notice_other_names(placed, matched, notices)
    for place in open_lines:
        matched[place.line.row] = None
        _notice_likeness(index, place, notices)
    return matched


def _find_named_by_code(index: AreaIndex, line: AreaLine) -> tuple[Area | None, Fault | None]:
    found: Area | None = None
    for column in ("id", "kemendagri_code", "bps_code"):
        key = getattr(line, column)
        area = index.find(key) if key else None
        if area is None:
            if column == "id" and key and key != line.kemendagri_code:
                message = N_("This id is not known. Leave it empty for a new area.")
                return None, Fault(line.row, column, message)
            continue
        if found is not None and area.id != found.id:
            message = N_("This code belongs to {name} ({id}).")
            params = {"name": area.name, "id": area.id}
            return None, Fault(line.row, column, message, params)
        if area.merged_into is not None:
            message = N_("This area was merged into {id}.")
            return None, Fault(line.row, column, message, {"id": area.merged_into})
        if area.level != line.level:
            message = N_("This is the {level} {name}.")
            params = {"level": area.level, "name": area.name}
            return None, Fault(line.row, column, message, params)
        found = area
    if found is None and line.level == "kabupaten":
        root = next((a for a in index.areas.values() if a.level == "kabupaten"), None)
        if root is not None and plain_name(root.name) == plain_name(line.name):
            return root, None
        if root is not None:
            message = N_("This instance serves {name} ({id}) only.")
            params = {"name": root.name, "id": root.id}
            return None, Fault(line.row, "kemendagri_code", message, params)
    return found, None


def _refuse_doubles(matched: dict[int, Area | None], faults: list[Fault]) -> None:
    rows: dict[str, int] = {}
    for row, area in list(matched.items()):
        if area is None:
            continue
        first = rows.setdefault(area.id, row)
        if first != row:
            message = N_("This is the same area as in row {row}.")
            faults.append(Fault(row, "id", message, {"row": first}))
            del matched[row]


def _match_by_name(
    index: AreaIndex,
    candidates: Candidates,
    places: Sequence[PlacedLine],
    matched: dict[int, Area | None],
    taken: set[str],
) -> list[PlacedLine]:
    """Match the lines that mean exactly one area which no other line means; return the rest."""
    meant = {
        place.line.row: [area for area in candidates(index, place) if area.id not in taken]
        for place in places
    }
    claims: dict[str, int] = {}
    for areas in meant.values():
        for area in areas:
            claims[area.id] = claims.get(area.id, 0) + 1
    rest = []
    for place in places:
        areas = meant[place.line.row]
        if len(areas) == 1 and claims[areas[0].id] == 1:
            matched[place.line.row] = areas[0]
            taken.add(areas[0].id)
        else:
            rest.append(place)
    return rest


def _own_name(index: AreaIndex, place: PlacedLine) -> list[Area]:
    name = plain_name(place.line.name)
    return [
        area
        for area in _same_parent(index, place, folded=False)
        if area.is_live and plain_name(area.name) == name
    ]


def _other_name(index: AreaIndex, place: PlacedLine) -> list[Area]:
    return [area for area in _same_parent(index, place, folded=False) if area.is_live]


def _spelled_alike(index: AreaIndex, place: PlacedLine) -> list[Area]:
    return [area for area in _same_parent(index, place, folded=True) if area.is_live]


def _retired(index: AreaIndex, place: PlacedLine) -> list[Area]:
    return _same_parent(index, place, folded=False)


def _same_parent(index: AreaIndex, place: PlacedLine, *, folded: bool) -> list[Area]:
    named = index.named(place.line.level, place.line.name, folded=folded)
    return [area for area in named if area.parent_id == place.parent_id]


def _sample_name(index: AreaIndex, place: PlacedLine) -> list[Area]:
    return _in_sample(index, place, folded=False)


def _sample_spelled_alike(index: AreaIndex, place: PlacedLine) -> list[Area]:
    return _in_sample(index, place, folded=True)


def _in_sample(index: AreaIndex, place: PlacedLine, *, folded: bool) -> list[Area]:
    """Return jorong of the same kecamatan that are not official yet: their nagari may be wrong."""
    if place.line.level != "jorong":
        return []
    kecamatan = index.kecamatan_of(place.parent_id)
    return [
        area
        for area in index.named("jorong", place.line.name, folded=folded)
        if area.is_live and area.standing != "official" and index.kecamatan_of(area.id) == kecamatan
    ]


_PASSES: tuple[Candidates, ...] = (
    _own_name,
    _other_name,
    _spelled_alike,
    _sample_name,
    _sample_spelled_alike,
    _retired,
)


def _notice_other_names(
    placed: Sequence[PlacedLine], matched: dict[int, Area | None], notices: list[Fault]
) -> None:
    for place in placed:
        line, area = place.line, matched.get(place.line.row)
        if area is not None and plain_name(area.name) != plain_name(line.name):
            message = N_("{name} is taken to be {area}, which gets this name.")
            params = {"name": line.name, "area": f"{area.name} ({area.id})"}
            notices.append(Fault(line.row, "name", message, params))


def _notice_likeness(index: AreaIndex, place: PlacedLine, notices: list[Fault]) -> None:
    line = place.line
    kecamatan = index.kecamatan_of(place.parent_id)
    alike = [
        area
        for area in index.named(line.level, line.name, folded=True)
        if area.is_live and index.kecamatan_of(area.id) == kecamatan
    ]
    if alike:
        message = N_("It is taken as new, but looks like {areas}. Merge them if they are the same.")
        names = ", ".join(f"{area.name} ({area.id})" for area in alike[:5])
        notices.append(Fault(line.row, "name", message, {"areas": names}))
