"""The class of every jorong: official from approved visits, a preview from received ones too.

Reads one part of the jorong after another, so that memory does not grow with their number. The
rules are those of the campaign asked for, else the ones in force, and go out with the result.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from survey.domain.areas import Area, list_ancestors
from survey.domain.class_rules import ClassRules, read_class_rules
from survey.domain.exports import EXPORTED_STATES
from survey.domain.instants import Instant
from survey.domain.jorong_classes import JorongClass, classify
from survey.domain.labels import N_
from survey.domain.not_spots import NotSpot, Podes, not_spots_of, podes_of
from survey.domain.operators import OPERATOR_KEYS
from survey.domain.problems import FieldError, Problem
from survey.domain.stands import Stand
from survey.services.rules import read_rules_in_force
from survey.store.areas import list_areas, resolve_area_id
from survey.store.campaigns import Campaign, list_campaigns
from survey.store.class_rows import count_stands, list_operator_keys, list_stands
from survey.store.rules import get_rule_content

OFFICIAL_STATES: Final = ("approved",)
PREVIEW_STATES: Final = EXPORTED_STATES
"""What exports hold: everything but rejected and withdrawn."""

AREAS_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class AreaClass:
    """One jorong with its path, its classes, and what others call it."""

    area: Area
    path: tuple[Area, ...]
    classes: JorongClass
    podes: Podes
    not_spots: tuple[NotSpot, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the result as JSON has it."""
        return {
            "area_id": self.area.id,
            "name": self.area.name,
            "path": [{"id": area.id, "name": area.name} for area in self.path],
            **asdict(self.classes),
            "podes": asdict(self.podes),
            "not_spots": [asdict(one) for one in self.not_spots],
        }


@dataclass(slots=True)
class Classification:
    """One classification while it is read; the counts are whole once `rows` is at its end."""

    connection: sqlite3.Connection
    rules: ClassRules
    official: bool
    area_id: str | None
    campaign_id: str | None
    operators: tuple[str, ...]
    as_of: Instant | None = None
    visits: int = 0
    jorong: int = 0
    _areas: dict[str, Area] = field(default_factory=dict)

    @property
    def states(self) -> tuple[str, ...]:
        """The states of the visits that count."""
        return OFFICIAL_STATES if self.official else PREVIEW_STATES

    def rows(self) -> Iterator[AreaClass]:
        """Yield every live jorong that was asked for, by name, measured or not."""
        chosen = self._list_jorong()
        sources: dict[str, list[str]] = defaultdict(list)
        for area_id, area in self._areas.items():
            standing = area_id
            if area.merged_into is not None:
                standing = resolve_area_id(self.connection, area_id) or area_id
            sources[standing].append(area_id)
        for start in range(0, len(chosen), AREAS_AT_ONCE):
            part = chosen[start : start + AREAS_AT_ONCE]
            target_of = {source: area.id for area in part for source in sources[area.id]}
            stands: dict[str, list[Stand]] = defaultdict(list)
            for row in list_stands(self.connection, target_of, self.states, self.campaign_id):
                stands[target_of[row.area_id]].append(row.stand)
                self.as_of = max(self.as_of or row.changed_at, row.changed_at)
                self.visits += 1
            for area in part:
                self.jorong += 1
                yield self._classify(area, stands[area.id])

    def count_without_jorong(self) -> int | None:
        """Return how many visits no jorong holds; None when only one area was asked for.

        Call after `rows`: visits at a claimed area, a nagari or a retired jorong.
        """
        if self.area_id is not None:
            return None
        return count_stands(self.connection, self.states, self.campaign_id) - self.visits

    def _list_jorong(self) -> list[Area]:
        self._areas = list_areas(self.connection)
        return [
            area
            for area in self._areas.values()
            if area.level == "jorong"
            and area.is_live
            and (
                self.area_id in (None, area.id)
                or any(one.id == self.area_id for one in list_ancestors(self._areas, area.id))
            )
        ]

    def _classify(self, area: Area, stands: list[Stand]) -> AreaClass:
        found = classify(stands, self.operators, self.rules)
        path = tuple(list_ancestors(self._areas, area.id))[::-1]
        return AreaClass(area, path, found, podes_of(found, self.rules), not_spots_of(found))


def start_classifying(
    connection: sqlite3.Connection,
    *,
    area: str | None = None,
    campaign: str | None = None,
    preview: bool = False,
) -> Classification:
    """Look up what is asked for; campaign by id or by a name that only one has.

    Raises area.not_found, campaign.not_found, rule.not_found or field.invalid. Read within one
    snapshot.
    """
    area_id = None
    if area is not None:
        area_id = resolve_area_id(connection, area)
        if area_id is None:
            raise Problem("area.not_found")
    chosen = _find_campaign(connection, campaign) if campaign is not None else None
    return Classification(
        connection=connection,
        rules=_read_rules(connection, chosen),
        official=not preview,
        area_id=area_id,
        campaign_id=chosen.id if chosen else None,
        operators=(*OPERATOR_KEYS, *list_operator_keys(connection)),
    )


def _find_campaign(connection: sqlite3.Connection, wanted: str) -> Campaign:
    named = [one for one in list_campaigns(connection) if wanted in (one.id, one.name)]
    named = [one for one in named if one.id == wanted] or named
    if len(named) != 1:
        raise Problem("campaign.not_found")
    if named[0].practice:
        message = N_("Practice visits give no class.")
        raise Problem("field.invalid", [FieldError("campaign", message)])
    return named[0]


def _read_rules(connection: sqlite3.Connection, campaign: Campaign | None) -> ClassRules:
    if campaign is not None and campaign.rule_version is not None:
        version = campaign.rule_version
        return read_class_rules(version, get_rule_content(connection, version))
    return read_rules_in_force(connection)
