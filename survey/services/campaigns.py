"""What may happen to campaigns: the first ones, a new one, its targets, its end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from survey.domain.areas import Area
from survey.domain.campaigns import PRACTICE_CAMPAIGN_ID, list_campaign_faults
from survey.domain.identifiers import new_id
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.rules import ensure_first_rule
from survey.store.areas import get_area, list_areas, resolve_area_id
from survey.store.assignments import Assignment, find_open_assignment, list_open_assignments
from survey.store.audit import append_audit
from survey.store.campaigns import (
    Campaign,
    add_targets,
    count_target_visits,
    find_campaign,
    get_campaign,
    list_target_ids,
    remove_target,
    save_campaign,
)
from survey.store.changes import record_change
from survey.store.connection import Store
from survey.store.rules import find_latest_rule

COUNTED_VISITS = 500
"""Progress looks at so many visits of a target at most: it tells "500+" beyond."""


@dataclass(frozen=True, slots=True)
class Target:
    """One jorong of a campaign with who goes there and what came in."""

    area: Area
    assignment: Assignment | None
    states: dict[str, int]

    @property
    def visits(self) -> int:
        """Visits that count: neither rejected nor withdrawn."""
        return sum(n for state, n in self.states.items() if state not in ("rejected", "withdrawn"))

    @property
    def approved(self) -> int:
        """Visits a supervisor approved."""
        return self.states.get("approved", 0)


def ensure_first_campaigns(store: Store, now: Instant) -> None:
    """Make the practice campaign and the first rules when they are missing; again: no change."""

    def write(connection: sqlite3.Connection) -> None:
        ensure_first_rule(connection, now)
        if find_campaign(connection, PRACTICE_CAMPAIGN_ID) is None:
            save_campaign(connection, Campaign(PRACTICE_CAMPAIGN_ID, "Latihan", practice=True))
            record_change(connection, "campaign", PRACTICE_CAMPAIGN_ID)

    store.write(write)


def create_campaign(
    store: Store,
    *,
    name: str,
    starts_on: str | None,
    ends_on: str | None,
    actor: str,
    now: Instant,
    note: str | None = None,
    area_ids: Sequence[str] = (),
    demo: bool = False,
) -> str:
    """Start a round of survey and return its id; days are ISO texts. Raises `field.invalid`."""
    faults = list_campaign_faults(name, starts_on, ends_on)
    if faults:
        raise Problem("field.invalid", faults)

    def write(connection: sqlite3.Connection) -> str:
        rule = find_latest_rule(connection)
        campaign = Campaign(
            new_id(),
            name.strip(),
            starts_on,
            ends_on,
            demo=demo,
            rule_version=rule["version"] if rule else None,
            note=note,
        )
        save_campaign(connection, campaign)
        _add_targets(connection, campaign.id, area_ids)
        append_audit(connection, now, actor, "campaign.created", campaign.id, campaign.name)
        record_change(connection, "campaign", campaign.id)
        return campaign.id

    return store.write(write)


def _add_targets(connection: sqlite3.Connection, campaign_id: str, area_ids: Sequence[str]) -> None:
    for area_id in area_ids:
        area = get_area(connection, resolve_area_id(connection, area_id) or area_id)
        if area.level != "jorong" or not area.is_live:
            raise Problem("area.not_found")
        add_targets(connection, campaign_id, [area.id])


def get_open_campaign(connection: sqlite3.Connection, campaign_id: str) -> Campaign:
    """Return a campaign that may still be changed; the practice one and a closed one may not."""
    campaign = get_campaign(connection, campaign_id)
    if campaign.practice:
        raise Problem("campaign.practice_fixed")
    if campaign.closed_at is not None:
        raise Problem("campaign.closed")
    return campaign


def add_campaign_targets(
    store: Store, campaign_id: str, area_ids: Sequence[str], actor: str, now: Instant
) -> None:
    """Add jorong to an open campaign; those it has already stay."""

    def write(connection: sqlite3.Connection) -> None:
        get_open_campaign(connection, campaign_id)
        _add_targets(connection, campaign_id, area_ids)
        append_audit(
            connection, now, actor, "campaign.targets_added", campaign_id, "\n".join(area_ids)
        )
        record_change(connection, "campaign", campaign_id)

    store.write(write)


def remove_campaign_target(
    store: Store, campaign_id: str, area_id: str, actor: str, now: Instant
) -> None:
    """Take a jorong out of an open campaign; an assigned one raises `campaign.target_assigned`."""

    def write(connection: sqlite3.Connection) -> None:
        get_open_campaign(connection, campaign_id)
        if find_open_assignment(connection, campaign_id, area_id) is not None:
            raise Problem("campaign.target_assigned")
        remove_target(connection, campaign_id, area_id)
        append_audit(connection, now, actor, "campaign.target_removed", campaign_id, area_id)
        record_change(connection, "campaign", campaign_id)

    store.write(write)


def close_campaign(store: Store, campaign_id: str, closed: bool, actor: str, now: Instant) -> None:
    """Close a campaign, or open it again; visits that name it are taken in all the same."""

    def write(connection: sqlite3.Connection) -> None:
        campaign = get_campaign(connection, campaign_id)
        if campaign.practice:
            raise Problem("campaign.practice_fixed")
        if (campaign.closed_at is not None) == closed:
            return
        save_campaign(connection, replace(campaign, closed_at=now if closed else None))
        action = "campaign.closed" if closed else "campaign.reopened"
        append_audit(connection, now, actor, action, campaign_id, campaign.name)
        record_change(connection, "campaign", campaign_id)

    store.write(write)


def list_targets(store: Store, campaign_id: str) -> list[Target]:
    """Return the targets of a campaign with their assignment and visits, by kecamatan and name."""
    connection = store.reader()
    areas = list_areas(connection)
    assignments = {
        assignment.area_id: assignment
        for assignment in list_open_assignments(connection, campaign_id=campaign_id)
    }
    return [
        Target(
            areas[area_id],
            assignments.get(area_id),
            count_target_visits(connection, campaign_id, area_id, COUNTED_VISITS),
        )
        for area_id in sorted(
            list_target_ids(connection, campaign_id),
            key=lambda i: (areas[i].parent_id or "", areas[i].name.lower(), i),
        )
    ]
