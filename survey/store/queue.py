"""The supervisors' queue: filtered visits, newest change first, read page by page.

With a million visits a page must stay quick, so the narrowest filter drives: its index gives
the newest rows of each of its values in order, and the other filters are checked on those.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

COUNT_LIMIT: Final = 10_000
"""Nobody reads a count beyond this; the page says "10,000+"."""

SCAN_LIMIT: Final = COUNT_LIMIT + 1
"""Rows looked at for a count; beyond it the count is "at least"."""

DAYS_LIMIT: Final = 400
"""A longer range of days is checked row by row instead of driving."""

KEYS_LIMIT: Final = 5_000
"""A flag on more visits than this is checked row by row instead of driving."""

NEWEST: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What is asked of the queue; None or empty means no bound. Days are local, both included.

    `area_id` stands for everything below it too; a claimed area counts under its nagari.
    """

    states: tuple[str, ...] = ()
    area_id: str | None = None
    officer_key: int | None = None
    campaign_id: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    flag: str | None = None
    unmapped: bool = False
    conflict: bool = False
    practice: bool = False


@dataclass(frozen=True, slots=True)
class _Driver:
    """Where rows come from: `source` is a FROM clause giving visits w, under `condition`."""

    index: str
    condition: str
    values: list[Any]


_BELOW = """
WITH RECURSIVE below (id) AS (
  SELECT :area UNION SELECT areas.id FROM areas JOIN below ON areas.parent_id = below.id
) SELECT id FROM below
"""

# Steps from one day to the next on the index instead of reading every row.
_DAYS = """
WITH RECURSIVE days (day) AS (
  SELECT min(day) FROM visits WHERE day >= :first_day
  UNION ALL
  SELECT (SELECT min(v.day) FROM visits v WHERE v.day > days.day) FROM days
  WHERE days.day IS NOT NULL
)
SELECT day FROM days WHERE day <= :last_day LIMIT :limit
"""

_CARD = """
SELECT v.key, v.id, v.state, v.changed_seq, v.changed_at, v.day, v.occurred_at, v.received_at,
  v.revision, v.practice, v.latitude_deg, v.accuracy_m, v.position_method, v.place_kind,
  v.claimed_name, v.area_id, v.incomplete_reason,
  u.id AS officer_id, u.name AS officer_name,
  a.name AS area_name, a.level AS area_level, p.name AS parent_name, g.name AS grandparent_name,
  n.name AS claimed_nagari_name, c.name AS campaign_name, c.demo OR u.demo AS demo,
  (SELECT count(*) FROM visit_photos f WHERE f.visit_key = v.key) AS photos,
  (SELECT count(*) FROM flags f WHERE f.visit_key = v.key) AS flags,
  EXISTS (SELECT 1 FROM conflicts f WHERE f.visit_id = v.id AND f.choice IS NULL) AS conflict
FROM visits v
JOIN users u ON u.key = v.officer_key
LEFT JOIN areas a ON a.id = v.area_id
LEFT JOIN areas p ON p.id = a.parent_id AND p.level <> 'kabupaten'
LEFT JOIN areas g ON g.id = p.parent_id AND g.level <> 'kabupaten'
LEFT JOIN areas n ON n.id = v.claimed_nagari_id
LEFT JOIN campaigns c ON c.id = v.campaign_id
"""


class Queue:
    """One filter made ready on one connection: its driver chosen, its parameters bound."""

    def __init__(self, connection: sqlite3.Connection, chosen: QueueFilter) -> None:
        self._connection = connection
        self._parameters: dict[str, Any] = {
            "practice": int(chosen.practice),
            "states": json.dumps(chosen.states),
            "officer": chosen.officer_key,
            "campaign": chosen.campaign_id,
            "first_day": chosen.first_day or "",
            "last_day": chosen.last_day or "9",
            "flag": chosen.flag,
            "areas": "[]",
        }
        if chosen.area_id is not None:
            below = [row[0] for row in connection.execute(_BELOW, {"area": chosen.area_id})]
            self._parameters["areas"] = json.dumps(below)
        self._conditions = _write_conditions(chosen)
        driver = self._choose_driver(chosen)
        self._index = driver.index
        self._drive = driver.condition
        self._parameters["values"] = json.dumps(driver.values)

    def list_cards(self, before_seq: int | None, limit: int) -> list[sqlite3.Row]:
        """Return what a queue's line shows of the visits before a position, newest first."""
        keys = self._list_keys("<", before_seq or NEWEST, limit)
        return self._connection.execute(
            _CARD + "WHERE v.key IN (SELECT value FROM json_each(?)) ORDER BY v.changed_seq DESC",
            (json.dumps(keys),),
        ).fetchall()

    def find_next(self, seq: int) -> str | None:
        """Return the id of the visit below a position: the next older change, or None."""
        return self._find_id("<", seq)

    def find_previous(self, seq: int) -> str | None:
        """Return the id of the visit above a position: the next newer change, or None."""
        return self._find_id(">", seq)

    def count(self) -> tuple[int, bool]:
        """Return how many visits there are and whether there may be more than that."""
        row = self._connection.execute(
            f"""
            SELECT count(*), coalesce(sum(fits), 0) FROM (
              SELECT {self._conditions} AS fits
              FROM json_each(:values) d CROSS JOIN visits w INDEXED BY {self._index}
              WHERE {self._drive} LIMIT :scan)
            """,
            {**self._parameters, "scan": SCAN_LIMIT},
        ).fetchone()
        looked_at, fitting = row
        return min(fitting, COUNT_LIMIT), looked_at >= SCAN_LIMIT or fitting > COUNT_LIMIT

    def _find_id(self, side: str, seq: int) -> str | None:
        keys = self._list_keys(side, seq, 1)
        if not keys:
            return None
        row = self._connection.execute("SELECT id FROM visits WHERE key = ?", keys).fetchone()
        found: str = row[0]
        return found

    def _list_keys(self, side: str, seq: int, limit: int) -> list[int]:
        direction = "DESC" if side == "<" else "ASC"
        rows = self._connection.execute(
            f"""
            SELECT v.key FROM json_each(:values) d CROSS JOIN visits v ON v.key IN (
              SELECT w.key FROM visits w INDEXED BY {self._index}
              WHERE {self._drive} AND w.changed_seq {side} :seq AND {self._conditions}
              ORDER BY w.changed_seq {direction} LIMIT :limit)
            ORDER BY v.changed_seq {direction} LIMIT :limit
            """,
            {**self._parameters, "seq": seq, "limit": limit},
        )
        return [row[0] for row in rows]

    def _choose_driver(self, chosen: QueueFilter) -> _Driver:
        """Return the driver with the fewest rows, counting none further than COUNT_LIMIT."""
        drivers = self._list_drivers(chosen)
        if len(drivers) == 1:
            return drivers[0]
        return min(drivers, key=lambda driver: (self._measure(driver), len(driver.values)))

    def _measure(self, driver: _Driver) -> int:
        row = self._connection.execute(
            f"""
            SELECT count(*) FROM (
              SELECT 1 FROM json_each(:values) d CROSS JOIN visits w INDEXED BY {driver.index}
              WHERE {driver.condition} LIMIT :limit)
            """,
            {**self._parameters, "values": json.dumps(driver.values), "limit": COUNT_LIMIT},
        ).fetchone()
        count: int = row[0]
        return count

    def _list_drivers(self, chosen: QueueFilter) -> list[_Driver]:
        drivers = []
        if chosen.conflict:
            drivers.append(_Driver(_BY_ID, "w.id = d.value", self._list_visits_in_conflict()))
        if chosen.flag is not None:
            flagged = self._list_flagged_visits(chosen.flag)
            if flagged is not None:
                drivers.append(_Driver(_BY_ID, "w.id = d.value", flagged))
        if chosen.officer_key is not None:
            drivers.append(_by("officer_key", "visits_by_officer", [chosen.officer_key]))
        if chosen.campaign_id is not None:
            drivers.append(_by("campaign_id", "visits_by_campaign", [chosen.campaign_id]))
        if chosen.unmapped:
            drivers.append(_by("area_id", "visits_by_area", [None]))
        elif chosen.area_id is not None:
            below = json.loads(self._parameters["areas"])
            drivers.append(_by("area_id", "visits_by_area", [*below, None]))
        if chosen.first_day is not None or chosen.last_day is not None:
            days = self._list_days()
            if len(days) <= DAYS_LIMIT:
                drivers.append(_by("day", "visits_by_day", days))
        if chosen.states:
            drivers.append(
                _Driver(
                    "visits_by_state",
                    "w.practice = :practice AND w.state = d.value",
                    list(chosen.states),
                )
            )
        return drivers or [_Driver("visits_by_change", "w.practice = d.value", [chosen.practice])]

    def _list_visits_in_conflict(self) -> list[str]:
        rows = self._connection.execute(
            "SELECT DISTINCT visit_id FROM conflicts WHERE choice IS NULL"
        )
        return [row[0] for row in rows]

    def _list_flagged_visits(self, code: str) -> list[str] | None:
        """Return the visits with a flag, or None when they are too many to drive by."""
        rows = self._connection.execute(
            """
            SELECT DISTINCT v.id FROM flags f JOIN visits v ON v.key = f.visit_key
            WHERE f.code = ? LIMIT ?
            """,
            (code, KEYS_LIMIT + 1),
        ).fetchall()
        return [row[0] for row in rows] if len(rows) <= KEYS_LIMIT else None

    def _list_days(self) -> list[str]:
        rows = self._connection.execute(_DAYS, {**self._parameters, "limit": DAYS_LIMIT + 1})
        return [row[0] for row in rows]


_BY_ID: Final = "sqlite_autoindex_visits_1"
"""The index behind UNIQUE (id)."""


def _by(column: str, index: str, values: list[Any]) -> _Driver:
    """Return a driver over equality with each value; IS so that a null is found too."""
    return _Driver(index, f"w.{column} IS d.value", values)


def _write_conditions(chosen: QueueFilter) -> str:
    """Return the filters as one SQL expression over the visit w."""
    conditions = ["w.practice = :practice"]
    if chosen.states:
        conditions.append("w.state IN (SELECT value FROM json_each(:states))")
    if chosen.officer_key is not None:
        conditions.append("w.officer_key = :officer")
    if chosen.campaign_id is not None:
        conditions.append("w.campaign_id = :campaign")
    if chosen.area_id is not None:
        conditions.append(
            "(w.area_id IN (SELECT value FROM json_each(:areas)) OR (w.area_id IS NULL"
            " AND w.claimed_nagari_id IN (SELECT value FROM json_each(:areas))))"
        )
    if chosen.unmapped:
        conditions.append("w.area_id IS NULL")
    if chosen.first_day is not None or chosen.last_day is not None:
        conditions.append("w.day BETWEEN :first_day AND :last_day")
    if chosen.flag is not None:
        conditions.append(
            "EXISTS (SELECT 1 FROM flags f WHERE f.visit_key = w.key AND f.code = :flag)"
        )
    if chosen.conflict:
        conditions.append(
            "EXISTS (SELECT 1 FROM conflicts f WHERE f.visit_id = w.id AND f.choice IS NULL)"
        )
    return " AND ".join(conditions)


def list_results(connection: sqlite3.Connection, visit_keys: list[int]) -> list[Mapping[str, Any]]:
    """Return operator, result and technology of every service test of some visits."""
    return connection.execute(
        """
        SELECT visit_key, operator, handset, sim_slot, result, technology FROM service_tests
        WHERE visit_key IN (SELECT value FROM json_each(?)) ORDER BY visit_key, number
        """,
        (json.dumps(visit_keys),),
    ).fetchall()


def count_by_state(connection: sqlite3.Connection, states: tuple[str, ...]) -> dict[str, int]:
    """Return how many visits that are no practice are in each state, up to one over the limit."""
    return {
        state: connection.execute(
            """
            SELECT count(*) FROM (
              SELECT 1 FROM visits WHERE practice = 0 AND state = ? LIMIT ?)
            """,
            (state, COUNT_LIMIT + 1),
        ).fetchone()[0]
        for state in states
    }


def list_officers(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return key, id and name of those who are officers or sent visits, by name."""
    return connection.execute(
        """
        SELECT key, id, name FROM users
        WHERE EXISTS (SELECT 1 FROM user_roles r WHERE r.user_key = users.key
            AND r.role = 'officer')
          OR EXISTS (SELECT 1 FROM visits v WHERE v.officer_key = users.key)
        ORDER BY name COLLATE NOCASE, key
        """
    ).fetchall()
