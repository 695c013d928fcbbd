"""What a visit is seen against: areas with their boundaries, campaigns. Read once a batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from survey.domain.flag_rules import AreaFacts
from survey.store.area_boundaries import find_boundary_text
from survey.store.surroundings import Place, list_campaign_practice, list_places

BOUNDED_LEVELS: Final = ("jorong", "nagari", "kecamatan")
"""A boundary of these is worth asking about; the regency's is too coarse."""


@lru_cache(maxsize=128)
def _parse_boundary(text: str) -> Any:
    return json.loads(text)


class Surroundings:
    """Lookups of areas and campaigns within one transaction, each made once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._places: dict[str, Place] = {}
        self._campaigns: dict[str, bool] = {}
        self._asked: set[str] = set()
        self._facts: dict[str, AreaFacts] = {}

    def prepare(self, area_ids: Iterable[str], campaign_ids: Iterable[str]) -> None:
        """Read what will be asked for, in one query each."""
        areas = set(area_ids) - self._asked
        if areas:
            self._places.update(list_places(self._connection, areas))
            self._asked |= areas
        campaigns = set(campaign_ids) - self._asked
        if campaigns:
            self._campaigns.update(list_campaign_practice(self._connection, campaigns))
            self._asked |= campaigns

    def resolve_area(self, area_id: str | None) -> str | None:
        """Return the area that stands for an id today, merges followed; None when unknown."""
        if area_id is None:
            return None
        if area_id not in self._asked:
            self.prepare([area_id], ())
        seen = set()
        while area_id is not None and area_id not in seen:
            seen.add(area_id)
            place = self._places.get(area_id)
            if place is None:
                return None
            if place.merged_into is None:
                return area_id
            area_id = place.merged_into
        return None

    def campaign_practice(self, campaign_id: str) -> bool | None:
        """Return whether a campaign is practice; None when it is not known."""
        if campaign_id not in self._asked:
            self.prepare((), [campaign_id])
        return self._campaigns.get(campaign_id)

    def area_facts(self, area_id: str) -> AreaFacts:
        """Return an area's own point and the nearest boundary that should hold its visits."""
        facts = self._facts.get(area_id)
        if facts is None:
            place = self._places[area_id]
            bounded: Place | None = place
            while bounded is not None and bounded.box is None:
                bounded = self._places.get(bounded.parent_id or "")
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
