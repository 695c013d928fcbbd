"""Finds areas by id, code and name while an import is planned. Knows nothing of storage."""

from __future__ import annotations

from collections.abc import Iterable

from survey.domain.areas import PARENT_LEVELS, Area, find_ancestor, list_ancestors
from survey.domain.spelling import fold_name, plain_name


class AreaIndex:
    """The areas as they would be, by id, code and name; `put` adds or replaces one.

    A name that an area had stays findable, so an older spelling still leads to it.
    """

    def __init__(self, areas: Iterable[Area]) -> None:
        self.areas: dict[str, Area] = {}
        self._by_code: dict[str, str] = {}
        self._by_plain: dict[tuple[str, str], dict[str, None]] = {}
        self._by_folded: dict[tuple[str, str], dict[str, None]] = {}
        for area in areas:
            self.put(area)

    def put(self, area: Area) -> None:
        """Add an area or replace the one of its id."""
        self.areas[area.id] = area
        for code in (area.kemendagri_code, area.bps_code):
            if code is not None:
                self._by_code[code] = area.id
        for name in (area.name, *area.aliases):
            self._by_plain.setdefault((area.level, plain_name(name)), {})[area.id] = None
            self._by_folded.setdefault((area.level, fold_name(name)), {})[area.id] = None

    def find(self, key: str) -> Area | None:
        """Return the area with this id, Kemendagri code or BPS code, or None."""
        return self.areas.get(key) or self.areas.get(self._by_code.get(key, ""))

    def named(self, level: str, name: str, *, folded: bool = False) -> list[Area]:
        """Return the areas of a level with a name or alias as spelled, or spelled alike."""
        found = (
            self._by_folded.get((level, fold_name(name)))
            if folded
            else self._by_plain.get((level, plain_name(name)))
        )
        return [
            self.areas[area_id] for area_id in found or () if not self.areas[area_id].merged_into
        ]

    def kecamatan_of(self, area_id: str | None) -> str | None:
        """Return the id of the kecamatan that an area lies in or is, or None."""
        if area_id is None or area_id not in self.areas:
            return None
        found = find_ancestor(self.areas, area_id, "kecamatan")
        return found.id if found else None

    def find_parents(self, level: str, text: str) -> list[Area]:
        """Return the live areas that a text may mean as parent of a level: one is an answer.

        The text is an id, a code, a name, or a path of names such as "Sangir > Lubuk Gadang".
        """
        known = self.find(text)
        if known is not None:
            fits = known.is_live and known.level in PARENT_LEVELS[level]
            return [known] if fits else []
        *above, name = (part.strip() for part in text.split(">"))
        for folded in (False, True):
            for parent_level in PARENT_LEVELS[level]:
                found = [
                    area
                    for area in self.named(parent_level, name, folded=folded)
                    if area.is_live and self.lies_in(area.id, above)
                ]
                if found:
                    return found
        return []

    def lies_in(self, area_id: str, above: Iterable[str]) -> bool:
        """Tell whether each of the texts (id, code or name) is something above an area."""
        ancestors = list(list_ancestors(self.areas, area_id))
        return all(
            any(
                text in (area.id, area.kemendagri_code, area.bps_code)
                or fold_name(text) in map(fold_name, (area.name, *area.aliases))
                for area in ancestors
            )
            for text in above
        )
