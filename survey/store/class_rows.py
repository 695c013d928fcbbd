"""Reading for classes: the stands of some jorong at once, as the domain takes them.

Head revisions only, never practice. The caller decides about the snapshot and about how many
areas are read at once, which bounds the memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from survey.domain.instants import Instant
from survey.domain.stands import Stand
from survey.domain.visit import Reading, ServiceTest

_CHOSEN = """
  FROM visits v
  WHERE v.practice = 0
    AND v.state IN (SELECT value FROM json_each(:states))
    AND (:campaign IS NULL OR v.campaign_id = :campaign)
    AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = v.campaign_id AND c.practice = 1)
"""

_VISITS = f"""
SELECT v.key, v.area_id, v.changed_at, v.id, v.day, v.place_kind, v.setting, v.power
{_CHOSEN}
    AND v.area_id IN (SELECT value FROM json_each(:areas))
ORDER BY v.area_id, v.key
"""

_SERVICE_TESTS = """
SELECT visit_key, operator, handset, sim_slot, result, proof, technology, networks_heard
FROM service_tests
WHERE visit_key IN (SELECT value FROM json_each(?))
"""

_READINGS = """
SELECT visit_key, operator, technology, handset, sim_slot, rsrp_dbm, rssi_dbm, rscp_dbm
FROM readings
WHERE visit_key IN (SELECT value FROM json_each(?))
"""


class StandRow(NamedTuple):
    """A stand, the area that its visit names, and when the visit changed last."""

    area_id: str
    changed_at: Instant
    stand: Stand


def list_operator_keys(connection: sqlite3.Connection) -> list[str]:
    """Return the keys of the operators the office added and has not retired."""
    rows = connection.execute(
        "SELECT key FROM office_operators WHERE retired_at IS NULL ORDER BY key"
    )
    return [row[0] for row in rows]


def count_stands(
    connection: sqlite3.Connection, states: Iterable[str], campaign_id: str | None
) -> int:
    """Return how many visits count, those without a jorong too."""
    parameters = {"states": json.dumps(list(states)), "campaign": campaign_id}
    count: int = connection.execute(f"SELECT count(*) {_CHOSEN}", parameters).fetchone()[0]
    return count


def list_stands(
    connection: sqlite3.Connection,
    area_ids: Iterable[str],
    states: Iterable[str],
    campaign_id: str | None,
) -> list[StandRow]:
    """Return the stands of some areas, by area."""
    cursor = connection.cursor()
    cursor.row_factory = None
    parameters = {
        "areas": json.dumps(list(area_ids)),
        "states": json.dumps(list(states)),
        "campaign": campaign_id,
    }
    visits = cursor.execute(_VISITS, parameters).fetchall()
    keys = (json.dumps([row[0] for row in visits]),)
    tests: dict[int, list[ServiceTest]] = defaultdict(list)
    for key, *columns, heard in cursor.execute(_SERVICE_TESTS, keys):
        test = ServiceTest(*columns)
        if heard != "[]":
            test.networks_heard = [str(name) for name in json.loads(heard)]
        tests[key].append(test)
    readings: dict[int, list[Reading]] = defaultdict(list)
    for key, operator, technology, handset, sim_slot, rsrp, rssi, rscp in cursor.execute(
        _READINGS, keys
    ):
        readings[key].append(
            Reading(
                operator,
                technology,
                handset,
                sim_slot,
                rsrp_dbm=rsrp,
                rssi_dbm=rssi,
                rscp_dbm=rscp,
            )
        )
    return [
        StandRow(
            area_id,
            changed_at,
            Stand(visit_id, day, place_kind, setting, power, tests[key], readings[key]),
        )
        for key, area_id, changed_at, visit_id, day, place_kind, setting, power in visits
    ]
