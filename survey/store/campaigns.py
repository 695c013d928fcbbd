"""Campaigns and their target areas."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from survey.domain.instants import Instant
from survey.domain.problems import Problem

_SELECT = """
SELECT id, name, starts_on, ends_on, closed_at, practice, demo, rule_version, note FROM campaigns
"""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One round of survey; days are calendar days of the office, both included."""

    id: str
    name: str
    starts_on: str | None = None
    ends_on: str | None = None
    closed_at: Instant | None = None
    practice: bool = False
    demo: bool = False
    rule_version: int | None = None
    note: str | None = None


def _campaign(row: sqlite3.Row) -> Campaign:
    return Campaign(**{**dict(row), "practice": bool(row["practice"]), "demo": bool(row["demo"])})


def find_campaign(connection: sqlite3.Connection, campaign_id: str) -> Campaign | None:
    """Return the campaign with this id, or None."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (campaign_id,)).fetchone()
    return _campaign(row) if row else None


def get_campaign(connection: sqlite3.Connection, campaign_id: str) -> Campaign:
    """Return the campaign with this id, else raise `campaign.not_found`."""
    campaign = find_campaign(connection, campaign_id)
    if campaign is None:
        raise Problem("campaign.not_found")
    return campaign


def list_campaigns(connection: sqlite3.Connection) -> list[Campaign]:
    """Return all campaigns: open before closed, the newest first, practice last."""
    rows = connection.execute(
        f"{_SELECT} ORDER BY practice, closed_at IS NOT NULL, ifnull(starts_on, '9999') DESC,"
        " name COLLATE NOCASE"
    )
    return [_campaign(row) for row in rows]


def save_campaign(connection: sqlite3.Connection, campaign: Campaign) -> None:
    """Insert a campaign or write all its columns anew."""
    connection.execute(
        """
        INSERT INTO campaigns (id, name, starts_on, ends_on, closed_at, practice, demo,
          rule_version, note)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, starts_on = excluded.starts_on,
          ends_on = excluded.ends_on, closed_at = excluded.closed_at,
          rule_version = excluded.rule_version, note = excluded.note
        """,
        (
            campaign.id,
            campaign.name,
            campaign.starts_on,
            campaign.ends_on,
            campaign.closed_at,
            int(campaign.practice),
            int(campaign.demo),
            campaign.rule_version,
            campaign.note,
        ),
    )


def list_target_ids(connection: sqlite3.Connection, campaign_id: str) -> list[str]:
    """Return the ids of the areas a campaign wants visited."""
    rows = connection.execute(
        "SELECT area_id FROM campaign_areas WHERE campaign_id = ? ORDER BY area_id",
        (campaign_id,),
    )
    return [row["area_id"] for row in rows]


def list_campaigns_of_target(connection: sqlite3.Connection, area_id: str) -> list[str]:
    """Return the ids of the campaigns that want an area visited."""
    rows = connection.execute(
        "SELECT campaign_id FROM campaign_areas WHERE area_id = ?", (area_id,)
    )
    return [row["campaign_id"] for row in rows]


def add_targets(connection: sqlite3.Connection, campaign_id: str, area_ids: Iterable[str]) -> None:
    """Add areas to a campaign; those it has already stay."""
    connection.executemany(
        "INSERT INTO campaign_areas (campaign_id, area_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(campaign_id, area_id) for area_id in area_ids],
    )


def remove_target(connection: sqlite3.Connection, campaign_id: str, area_id: str) -> None:
    """Take an area out of a campaign."""
    connection.execute(
        "DELETE FROM campaign_areas WHERE campaign_id = ? AND area_id = ?",
        (campaign_id, area_id),
    )


def count_target_visits(
    connection: sqlite3.Connection, campaign_id: str, area_id: str, most: int
) -> dict[str, int]:
    """Return how many visits of a target are in each state, looking at `most` of them at most."""
    rows = connection.execute(
        """
        SELECT state, count(*) AS number FROM (
          SELECT state FROM visits
          WHERE area_id = ? AND campaign_id = ? AND practice = 0 LIMIT ?)
        GROUP BY state
        """,
        (area_id, campaign_id, most),
    )
    return {row["state"]: row["number"] for row in rows}
