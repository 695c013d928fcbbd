"""What a visit is seen against: areas with their boundaries, campaigns. Read once a batch."""

from __future__ import annotations

import json
import sqlite3
from functools import lru_cache
from typing import Any, Final

from survey.domain.flag_rules import AreaFacts
from survey.store.area_boundaries import find_boundary_text
from survey.store.surroundings import Place, find_campaign_practice, find_place

BOUNDED_LEVELS: Final = ("jorong", "nagari", "kecamatan")
"""A boundary of these is worth asking about; the regency's is too coarse."""


@lru_cache(maxsize=128)
def _parse_boundary(text: str) -> Any:
    return json.loads(text)


class Surroundings:
    """Lookups of areas and campaigns within one transaction, each made once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._places: dict[str, Place | None] = {}
        self._campaigns: dict[str, bool | None] = {}
        self._facts: dict[str, AreaFacts] = {}

    def resolve_area(self, area_id: str | None) -> str | None:
        """Return the area that stands for an id today, merges followed; None when unknown."""
        seen: set[str] = set()
        while area_id is not None and area_id not in seen:
            place = self._find_place(area_id)
            if place is None:
                return None
            if place.merged_into is None:
                return area_id
            seen.add(area_id)
            area_id = place.merged_into
        return None

    def campaign_practice(self, campaign_id: str) -> bool | None:
        """Return whether a campaign is practice; None when it is not known."""
        if campaign_id not in self._campaigns:
            found = find_campaign_practice(self._connection, campaign_id)
            self._campaigns[campaign_id] = found
        return self._campaigns[campaign_id]

    def _find_place(self, area_id: str) -> Place | None:
        if area_id not in self._places:
            self._places[area_id] = find_place(self._connection, area_id)
        return self._places[area_id]

    def area_facts(self, area_id: str) -> AreaFacts:
        """Return an area's own point and the nearest boundary that should hold its visits."""
        facts = self._facts.get(area_id)
        if facts is None:
            place = bounded = self._find_place(area_id)
            if place is None:
                return AreaFacts(area_id)
            while bounded is not None and bounded.box is None:
                bounded = self._find_place(bounded.parent_id) if bounded.parent_id else None
            if bounded is None or bounded.level not in BOUNDED_LEVELS:
                facts = AreaFacts(area_id, place.latitude_deg, place.longitude_deg)
            else:
                text = find_boundary_text(self._connection, bounded.id)
                facts = AreaFacts(
                    area_id,
                    place.latitude_deg,
                    place.longitude_deg,
                    _parse_boundary(text) if text else None,
                    bounded.box,
                    bounded.name,
                )
            self._facts[area_id] = facts
        return facts
