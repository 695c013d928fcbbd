"""The queue under every filter equals a plain reading of the rows, in order and page by page."""

from __future__ import annotations

import itertools
import random
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey.domain.review import STATES
from survey.store import queue
from survey.store.connection import connect
from survey.store.migrations import migrate
from survey.store.queue import Queue, QueueFilter, count_by_state, list_officers

AT = "2026-05-06T00:00:00.000Z"
PARENTS = {
    "99.01": ("kabupaten", None),
    "99.01.01": ("kecamatan", "99.01"),
    "99.01.02": ("kecamatan", "99.01"),
    "99.01.01.2001": ("nagari", "99.01.01"),
    "99.01.02.2001": ("nagari", "99.01.02"),
    "99.01/j0001": ("jorong", "99.01.01.2001"),
    "99.01/j0002": ("jorong", "99.01.01.2001"),
    "99.01/j0003": ("jorong", "99.01.02.2001"),
    "99.01/j0004": ("jorong", "99.01.02"),
}
JORONG = [area_id for area_id, (level, _) in PARENTS.items() if level == "jorong"]
DAYS = ("2026-05-01", "2026-05-02", "2026-05-05")
FLAGS = ("position.manual", "clock.offset")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A store with 300 visits of every kind, in an order of changes that is not that of keys."""
    path: Path = tmp_path_factory.mktemp("queue") / "survey.db"
    opened = connect(path)
    migrate(opened)
    opened.execute("PRAGMA foreign_keys = OFF")
    opened.execute("BEGIN")
    opened.executemany(
        "INSERT INTO users (key, id, username, name, created_at) VALUES (?, ?, ?, ?, ?)",
        [(key, str(uuid.UUID(int=key)), f"u{key}", f"Petugas {key}", AT) for key in (1, 2, 3)],
    )
    opened.execute("INSERT INTO user_roles VALUES (3, 'officer')")
    opened.executemany(
        "INSERT INTO areas (id, level, name, folded_name, parent_id, standing)"
        " VALUES (?, ?, ?, ?, ?, 'official')",
        [(area_id, level, area_id, "", above) for area_id, (level, above) in PARENTS.items()],
    )
    opened.executemany("INSERT INTO campaigns (id, name) VALUES (?, ?)", [("c1", "1"), ("c2", "2")])
    chance = random.Random(5)
    order = chance.sample(range(1, 301), 300)
    for key, seq in enumerate(order, start=1):
        _insert(opened, key, seq, chance)
    opened.execute("COMMIT")
    yield opened
    opened.close()


def _insert(opened: sqlite3.Connection, key: int, seq: int, chance: random.Random) -> None:
    area = chance.choice([*JORONG, "99.01.01.2001", None])
    visit_id = str(uuid.UUID(int=key << 64))
    opened.execute(
        """
        INSERT INTO visits (key, id, officer_key, head_key, revision, state, changed_seq,
          changed_at, first_received_at, received_at, practice, campaign_id, area_id,
          claimed_nagari_id, occurred_at, day)
        VALUES (:key, :id, :officer, :key, 1, :state, :seq, :at, :at, :at, :practice, :campaign,
          :area, :nagari, :at, :day)
        """,
        {
            "key": key,
            "id": visit_id,
            "officer": chance.choice((1, 2)),
            "state": chance.choice(STATES),
            "seq": seq,
            "at": AT,
            "practice": int(chance.random() < 0.1),
            "campaign": chance.choice(("c1", "c2", None)),
            "area": area,
            "nagari": chance.choice(("99.01.02.2001", None)) if area is None else None,
            "day": chance.choice(DAYS),
        },
    )
    for number, code in enumerate(FLAGS):
        if chance.random() < 0.3:
            opened.execute("INSERT INTO flags VALUES (?, ?, ?, '{}')", (key, number, code))
    if chance.random() < 0.1:
        opened.execute(
            "INSERT INTO conflicts (visit_id, revision_key, cause, opened_at, choice, settled_at)"
            " VALUES (?, ?, 'base_not_head', ?, ?, ?)",
            (visit_id, key, AT, *chance.choice([(None, None), ("keep_head", AT)])),
        )


def read_plainly(connection: sqlite3.Connection, chosen: QueueFilter) -> list[str]:
    """Return the ids under a filter, newest change first, by looking at every row."""

    def lies_in(area_id: str | None) -> bool:
        while area_id is not None and area_id != chosen.area_id:
            area_id = PARENTS[area_id][1]
        return area_id is not None

    flagged = {tuple(row) for row in connection.execute("SELECT visit_key, code FROM flags")}
    disputed = {
        row[0] for row in connection.execute("SELECT visit_id FROM conflicts WHERE choice IS NULL")
    }
    found: list[Any] = []
    for row in connection.execute("SELECT * FROM visits"):
        fits = (
            row["practice"] == chosen.practice,
            not chosen.states or row["state"] in chosen.states,
            chosen.area_id is None or lies_in(row["area_id"] or row["claimed_nagari_id"]),
            chosen.officer_key in (None, row["officer_key"]),
            chosen.campaign_id in (None, row["campaign_id"]),
            (chosen.first_day or "") <= row["day"] <= (chosen.last_day or "9"),
            chosen.flag is None or (row["key"], chosen.flag) in flagged,
            not chosen.unmapped or row["area_id"] is None,
            not chosen.conflict or row["id"] in disputed,
        )
        if all(fits):
            found.append(row)
    return [row["id"] for row in sorted(found, key=lambda row: -row["changed_seq"])]


ALONE = [
    {},
    {"states": ("received", "edited")},
    {"states": ("approved",)},
    {"area_id": "99.01"},
    {"area_id": "99.01.02"},
    {"area_id": "99.01.01.2001"},
    {"area_id": "99.01/j0003"},
    {"officer_key": 2},
    {"officer_key": 3},
    {"campaign_id": "c1"},
    {"campaign_id": "none such"},
    {"first_day": "2026-05-02"},
    {"last_day": "2026-05-02"},
    {"first_day": "2026-05-02", "last_day": "2026-05-04"},
    {"flag": FLAGS[0]},
    {"flag": "none.such"},
    {"unmapped": True},
    {"conflict": True},
    {"practice": True},
]
PAIRS = [
    {**one, **other} for one, other in itertools.combinations(ALONE, 2) if not set(one) & set(other)
]


@pytest.mark.parametrize("wanted", [*ALONE, *PAIRS], ids=str)
def test_queue_equals_a_plain_reading(
    connection: sqlite3.Connection, wanted: dict[str, Any]
) -> None:
    chosen = QueueFilter(**wanted)
    expected = read_plainly(connection, chosen)
    asked = Queue(connection, chosen)
    assert [row["id"] for row in asked.list_cards(None, 1_000)] == expected
    assert asked.count() == (len(expected), False)


@pytest.mark.parametrize("wanted", ALONE, ids=str)
def test_pages_follow_each_other_without_gap_or_repeat(
    connection: sqlite3.Connection, wanted: dict[str, Any]
) -> None:
    chosen = QueueFilter(**wanted)
    asked = Queue(connection, chosen)
    read: list[str] = []
    before = None
    while page := asked.list_cards(before, 7):
        assert len(page) <= 7
        read += [row["id"] for row in page]
        before = page[-1]["changed_seq"]
    assert read == read_plainly(connection, chosen)


@pytest.mark.parametrize("wanted", [*ALONE, PAIRS[0], PAIRS[-1]], ids=str)
def test_next_and_previous_walk_the_same_way(
    connection: sqlite3.Connection, wanted: dict[str, Any]
) -> None:
    chosen = QueueFilter(**wanted)
    asked = Queue(connection, chosen)
    cards = asked.list_cards(None, 1_000)
    ids = [row["id"] for row in cards]
    for place, row in enumerate(cards):
        above = ids[place - 1] if place else None
        below = ids[place + 1] if place + 1 < len(ids) else None
        assert asked.find_previous(row["changed_seq"]) == above
        assert asked.find_next(row["changed_seq"]) == below


@pytest.mark.parametrize("limit", ["KEYS_LIMIT", "DAYS_LIMIT", "COUNT_LIMIT"])
def test_filters_too_wide_to_drive_are_checked_row_by_row(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(queue, limit, 2)
    for wanted in (*ALONE, *PAIRS[:40]):
        chosen = QueueFilter(**wanted)
        cards = Queue(connection, chosen).list_cards(None, 1_000)
        assert [row["id"] for row in cards] == read_plainly(connection, chosen)


@pytest.mark.parametrize(("extra", "more"), [(-1, True), (0, False), (1, False)])
def test_count_stops_just_below_on_and_above_its_limit(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, extra: int, more: bool
) -> None:
    total = len(read_plainly(connection, QueueFilter()))
    monkeypatch.setattr(queue, "COUNT_LIMIT", total + extra)
    assert Queue(connection, QueueFilter()).count() == (min(total, total + extra), more)


def test_count_says_at_least_when_it_looked_at_enough_rows(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SCAN_LIMIT", 50)
    count, more = Queue(connection, QueueFilter(officer_key=1, campaign_id="c1")).count()
    assert more
    assert 0 < count < 50


def test_driver_is_the_narrowest_filter(connection: sqlite3.Connection) -> None:
    wide, narrow = QueueFilter(campaign_id="c1"), QueueFilter(campaign_id="c1", officer_key=3)
    assert Queue(connection, wide)._index == "visits_by_campaign"
    assert Queue(connection, narrow)._index == "visits_by_officer"


def test_counts_by_state_leave_practice_out(connection: sqlite3.Connection) -> None:
    counts = count_by_state(connection, STATES)
    assert counts == {
        state: len(read_plainly(connection, QueueFilter(states=(state,)))) for state in STATES
    }


def test_officers_are_those_with_the_role_or_with_visits(connection: sqlite3.Connection) -> None:
    names = [row["name"] for row in list_officers(connection)]
    assert names == ["Petugas 1", "Petugas 2", "Petugas 3"]


def test_card_names_its_place_its_questions_and_its_conflict(
    connection: sqlite3.Connection,
) -> None:
    cards = Queue(connection, QueueFilter(area_id="99.01/j0001")).list_cards(None, 50)
    assert {(c["area_name"], c["parent_name"], c["grandparent_name"]) for c in cards} == {
        ("99.01/j0001", "99.01.01.2001", "99.01.01")
    }
    straight = Queue(connection, QueueFilter(area_id="99.01/j0004")).list_cards(None, 50)
    assert {(c["parent_name"], c["grandparent_name"]) for c in straight} == {("99.01.02", None)}
    disputed = Queue(connection, QueueFilter(conflict=True)).list_cards(None, 50)
    assert all(card["conflict"] for card in disputed)
    flagged = Queue(connection, QueueFilter(flag=FLAGS[0])).list_cards(None, 500)
    assert {card["flags"] for card in flagged} == {1, 2}
