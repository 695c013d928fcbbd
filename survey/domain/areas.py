"""Areas: the four levels, which may stand under which, and where an area is.

The regency itself is data: no code or name of one stands here. Knows nothing of storage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal, NamedTuple

from survey.domain.labels import N_

Level = Literal["kabupaten", "kecamatan", "nagari", "jorong"]

LEVELS: Final = ("kabupaten", "kecamatan", "nagari", "jorong")
STANDINGS: Final = ("official", "unofficial", "claimed")
POINT_SOURCES: Final = ("reference", "office", "visits")

PARENT_LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "kabupaten": (),
    "kecamatan": ("kabupaten",),
    "nagari": ("kecamatan",),
    "jorong": ("nagari", "kecamatan"),
}
"""What may stand over each level; a jorong whose nagari is unknown stands under a kecamatan."""

CENTRE_ACCURACY_M: Final = 50
"""An area learns its point from positions at least this accurate."""

_CODES: Final = {
    "kabupaten": re.compile(r"\d\d\.\d\d"),
    "kecamatan": re.compile(r"\d\d\.\d\d\.\d\d"),
    "nagari": re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}"),
}
_BPS_CODES: Final = {
    "kabupaten": re.compile(r"\d{4}"),
    "kecamatan": re.compile(r"\d{7}"),
    "nagari": re.compile(r"\d{10}"),
}
_NUMBERED_ID = re.compile(r".+/[jnk](\d+)")
_ID_LETTERS: Final = {"jorong": "j", "nagari": "n", "kecamatan": "k"}


@dataclass(frozen=True, slots=True)
class Area:
    """One area as it stands now; ids of merged and retired areas stay known for ever."""

    id: str
    level: str
    name: str
    parent_id: str | None
    kemendagri_code: str | None = None
    bps_code: str | None = None
    postcode: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    point_source: str | None = None
    standing: str = "official"
    merged_into: str | None = None
    retired_at: str | None = None
    note: str | None = None
    source: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def is_live(self) -> bool:
        """Tell whether the area stands for itself: neither merged nor retired."""
        return self.merged_into is None and self.retired_at is None


class Point(NamedTuple):
    """Where an area is: its own point, or its parent's (shown with "≈")."""

    latitude_deg: float
    longitude_deg: float
    of: Literal["own", "parent"]


def is_code_of_level(code: str, level: str) -> bool:
    """Tell whether a Kemendagri code has the form of a level; a jorong has none."""
    pattern = _CODES.get(level)
    return pattern is not None and pattern.fullmatch(code) is not None


def is_bps_code_of_level(code: str, level: str) -> bool:
    """Tell whether a BPS code has the form of a level; a jorong has none."""
    pattern = _BPS_CODES.get(level)
    return pattern is not None and pattern.fullmatch(code) is not None


def format_area_id(root_id: str, level: str, number: int) -> str:
    """Return the opaque id of an area without a code: it begins with the kabupaten's."""
    return f"{root_id}/{_ID_LETTERS[level]}{number:04d}"


def number_of_id(area_id: str) -> int:
    """Return the number in an opaque id, 0 for an id that is a code."""
    match = _NUMBERED_ID.fullmatch(area_id)
    return int(match[1]) if match else 0


def list_ancestors(areas: Mapping[str, Area], area_id: str) -> Iterator[Area]:
    """Yield the areas above one, the nearest first; a broken or circular chain just ends."""
    seen = {area_id}
    parent_id = areas[area_id].parent_id
    while parent_id is not None and parent_id in areas and parent_id not in seen:
        seen.add(parent_id)
        yield areas[parent_id]
        parent_id = areas[parent_id].parent_id


def find_ancestor(areas: Mapping[str, Area], area_id: str, level: str) -> Area | None:
    """Return the area of a level that an area lies in or is, or None."""
    if areas[area_id].level == level:
        return areas[area_id]
    return next((area for area in list_ancestors(areas, area_id) if area.level == level), None)


def effective_point(areas: Mapping[str, Area], area_id: str) -> Point | None:
    """Return an area's own point, else the nearest one above it, else None."""
    area = areas[area_id]
    if area.latitude_deg is not None and area.longitude_deg is not None:
        return Point(area.latitude_deg, area.longitude_deg, "own")
    for parent in list_ancestors(areas, area_id):
        if parent.latitude_deg is not None and parent.longitude_deg is not None:
            return Point(parent.latitude_deg, parent.longitude_deg, "parent")
    return None


def middle_of(positions: list[tuple[float, float]]) -> tuple[float, float] | None:
    """Return the median latitude and longitude of positions, None when there are none."""
    if not positions:
        return None
    return (
        round(median(latitude for latitude, _ in positions), 6),
        round(median(longitude for _, longitude in positions), 6),
    )


def may_learn_point(area: Area) -> bool:
    """Tell whether visits may give an area its point: never over the office's or reference's."""
    return area.point_source in (None, "visits")


def merge_hindrance(source: Area, target: Area) -> str | None:
    """Return why two areas cannot be merged (a msgid), or None when they can."""
    if source.id == target.id:
        return N_("An area cannot be merged into itself.")
    if source.level != target.level:
        return N_("Only areas of the same level can be merged.")
    if source.level == "kabupaten":
        return N_("The kabupaten cannot be merged.")
    if not source.is_live:
        return N_("This area was merged or retired already.")
    if not target.is_live:
        return N_("The other area was merged or retired; take the one that replaced it.")
    return None
