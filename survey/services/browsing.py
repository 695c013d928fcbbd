"""The queue as the office looks at it: cards under a filter, what filters offer, who is next.

Reads only; which words and colours a card has is the door's business. One visit with
everything around it is in services/visit_pages.py.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from survey.domain.areas import Area, find_ancestor
from survey.domain.classes import class_of_operator, read_cuts
from survey.domain.visit import ServiceTest
from survey.store.areas import find_area, list_areas
from survey.store.campaigns import Campaign, list_campaigns
from survey.store.conflicts import count_open_conflicts
from survey.store.connection import Store, snapshot
from survey.store.queue import (
    COUNT_LIMIT,
    Queue,
    QueueFilter,
    count_by_state,
    list_officers,
    list_results,
)
from survey.store.rules import find_latest_rule

PAGE_CARDS = 50


@dataclass(frozen=True, slots=True)
class CardResult:
    """What one operator gave at a visit: its best result and class, by its service tests."""

    operator: str | None
    result: str | None
    letter: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """One line of the queue: the visit's row and what its operators gave."""

    row: sqlite3.Row
    results: list[CardResult]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue; `next_seq` is where the next one begins, None at the end."""

    cards: list[Card]
    count: int
    more_than_counted: bool
    next_seq: int | None


@dataclass(frozen=True, slots=True)
class QueueChoices:
    """What the queue's filters offer; `nagari` has (kecamatan name, nagari of it) pairs."""

    kecamatan: list[Area]
    nagari: list[tuple[str, list[Area]]]
    officers: list[sqlite3.Row]
    campaigns: list[Campaign]


def browse_queue(
    store: Store, chosen: QueueFilter, before_seq: int | None = None, limit: int = PAGE_CARDS
) -> QueuePage:
    """Return a page of the queue under a filter, newest change first."""
    with snapshot(store.reader()) as connection:
        queue = Queue(connection, chosen)
        rows = queue.list_cards(before_seq, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        count, more_than_counted = queue.count()
        results = _read_results(connection, [row["key"] for row in rows])
        return QueuePage(
            [Card(row, results.get(row["key"], [])) for row in rows],
            count,
            more_than_counted,
            rows[-1]["changed_seq"] if more else None,
        )


def _read_results(
    connection: sqlite3.Connection, visit_keys: list[int]
) -> dict[int, list[CardResult]]:
    """Return the results of each operator of some visits, its best test first."""
    rule = find_latest_rule(connection)
    cuts = read_cuts(json.loads(rule["content"]) if rule else {})
    tests: dict[int, dict[str | None, list[ServiceTest]]] = {}
    for row in list_results(connection, visit_keys):
        test = ServiceTest(
            operator=row["operator"],
            handset=row["handset"],
            sim_slot=row["sim_slot"],
            result=row["result"],
            technology=row["technology"],
        )
        tests.setdefault(row["visit_key"], {}).setdefault(test.operator, []).append(test)
    return {
        key: [
            CardResult(
                operator,
                max(of_operator, key=_rank).result,
                class_of_operator(operator, of_operator, [], cuts) if operator else None,
            )
            for operator, of_operator in operators.items()
        ]
        for key, operators in tests.items()
    }


def _rank(test: ServiceTest) -> int:
    order = ("none", "emergency_only", "voice", "voice_sms", "data")
    return order.index(test.result) if test.result in order else -1


def find_beside(store: Store, chosen: QueueFilter, seq: int) -> tuple[str | None, str | None]:
    """Return the ids of the visits above and below a position of the queue, None at its ends."""
    with snapshot(store.reader()) as connection:
        queue = Queue(connection, chosen)
        return queue.find_previous(seq), queue.find_next(seq)


def count_states(store: Store, states: tuple[str, ...]) -> dict[str, tuple[int, bool]]:
    """Return how many visits are in each state and whether there are more than counted."""
    counts = count_by_state(store.reader(), states)
    return {state: (min(n, COUNT_LIMIT), n > COUNT_LIMIT) for state, n in counts.items()}


def count_questions(store: Store) -> tuple[int, bool]:
    """Return how many conflicts wait for a supervisor and whether there are more."""
    count = count_open_conflicts(store.reader(), COUNT_LIMIT + 1)
    return min(count, COUNT_LIMIT), count > COUNT_LIMIT


def list_queue_choices(store: Store) -> QueueChoices:
    """Return what the queue's filters offer: live areas, officers, campaigns."""
    with snapshot(store.reader()) as connection:
        areas = list_areas(connection)
        live = [area for area in areas.values() if area.is_live]
        nagari: dict[str, list[Area]] = {}
        for area in live:
            if area.level == "nagari":
                above = find_ancestor(areas, area.id, "kecamatan")
                nagari.setdefault(above.name if above else "", []).append(area)
        return QueueChoices(
            [area for area in live if area.level == "kecamatan"],
            sorted(nagari.items()),
            list_officers(connection),
            _without_practice(list_campaigns(connection)),
        )


def list_visit_campaigns(store: Store) -> list[Campaign]:
    """Return the campaigns that a visit may be put into."""
    return _without_practice(list_campaigns(store.reader()))


def find_area_name(store: Store, area_id: str) -> str | None:
    """Return the name of an area, merged and retired ones too, or None."""
    area = find_area(store.reader(), area_id)
    return area.name if area else None


def _without_practice(campaigns: list[Campaign]) -> list[Campaign]:
    return [campaign for campaign in campaigns if not campaign.practice]
