"""Questions that compare visits: same place, speed, shared photos; areas and campaigns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from survey.services.layering import lay_correction
from survey.services.projecting import project_area, rebuild
from survey.settings import Settings
from survey.store.area_boundaries import set_boundary
from survey.store.connection import Store
from tests.factories import NOW, FixedClock, make_envelope, make_visit_payload
from tests.office_kit import Office, open_office

A_METRE = 1 / 111_195
HASH, OTHER_HASH = "ab" * 32, "cd" * 32


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


def position(metres_north: float = 0, **changes: Any) -> dict[str, Any]:
    place = {
        "latitude_deg": -1.5 + metres_north * A_METRE,
        "longitude_deg": 101.2,
        "accuracy_m": 5,
        "method": "averaged",
    }
    return {**place, **changes}


def stand(office: Office, metres_north: float, time: str = "01:00:00", **changes: Any) -> str:
    """Let a visit come in that stood so far north at a time of 4 May, true clock."""
    changes.setdefault("position", position(metres_north))
    changes.setdefault("clock", {"server_offset_ms": 0})
    visit_id: str = office.receive(saved_at=f"2026-05-04T{time}.000Z", **changes)["id"]
    return visit_id


def flags(office: Office, visit_id: str, *codes: str) -> list[tuple[str, dict[str, Any]]]:
    rows = office.store.reader().execute(
        """
        SELECT flags.code, flags.evidence FROM flags JOIN visits ON visits.key = flags.visit_key
        WHERE visits.id = ? ORDER BY flags.number
        """,
        (visit_id,),
    )
    found = [(row[0], json.loads(row[1])) for row in rows]
    return [flag for flag in found if not codes or flag[0] in codes]


def write(office: Office, sql: str, *values: object) -> None:
    office.store.write(lambda connection: connection.execute(sql, values).fetchall())


# --- the same place


@pytest.mark.parametrize(("metres", "asked"), [(99, True), (100, True), (101, False)])
def test_a_second_visit_of_a_jorong_and_day_nearby(
    office: Office, metres: int, asked: bool
) -> None:
    first = stand(office, 0)
    second = stand(office, metres - 0.01, "03:00:00")
    found = flags(office, second, "visit.same_place")
    assert bool(found) == asked
    if asked:
        (_, evidence) = found[0]
        assert evidence == {"visit_id": first, "distance_m": metres, "limit_m": 100}
    assert flags(office, first, "visit.same_place") == []


def test_another_jorong_day_officer_or_practice_is_no_second_visit(office: Office) -> None:
    stand(office, 0)
    others = [
        stand(office, 0, area={"id": office.jorong[1], "claimed": None}),
        stand(office, 0, practice=True),
        office.receive(saved_at="2026-05-03T01:00:00.000Z", position=position())["id"],
    ]
    for visit_id in others:
        assert flags(office, visit_id, "visit.same_place") == []


def test_a_visit_without_jorong_or_position_is_nowhere_twice(office: Office) -> None:
    nowhere = {"id": None, "claimed": None}
    for changes in ({"area": nowhere}, {"position": None}):
        stand(office, 0, **changes)
        assert flags(office, stand(office, 0, **changes), "visit.same_place") == []


def test_visits_of_one_batch_are_compared_too(office: Office) -> None:
    payloads = [
        {
            **office.receive(position=None),
            "position": position(),
            "id": f"0197000{n}-0000-7000-8000-000000000001",
        }
        for n in (1, 2)
    ]
    office.send(*map(make_envelope, payloads))
    assert [bool(flags(office, each["id"], "visit.same_place")) for each in payloads] == [
        False,
        True,
    ]


# --- speed


@pytest.mark.parametrize(("seconds", "asked"), [(199, True), (201, False)])
def test_consecutive_visits_faster_than_anybody(office: Office, seconds: int, asked: bool) -> None:
    first = stand(office, 0, "01:00:00")
    second = stand(office, 10_010, f"01:{seconds // 60:02d}:{seconds % 60:02d}")
    found = flags(office, second, "visit.speed")
    assert bool(found) == asked
    if asked:
        assert found[0][1]["visit_id"] == first
        assert found[0][1]["seconds"] == seconds


def test_a_visit_is_compared_with_its_neighbours_in_time_whatever_came_first(
    office: Office,
) -> None:
    last = stand(office, 50_000, "03:00:10")
    stand(office, 0, "01:00:00")
    between = stand(office, 0, "03:00:00")
    assert [evidence["visit_id"] for _, evidence in flags(office, between, "visit.speed")] == [last]


def test_a_kilometre_is_no_question_of_speed(office: Office) -> None:
    stand(office, 0)
    assert flags(office, stand(office, 1_000), "visit.speed") == []


def test_poor_positions_are_no_question_of_speed(office: Office) -> None:
    stand(office, 0, position=position(accuracy_m=1_500))
    assert flags(office, stand(office, 2_400), "visit.speed") == []


# --- photos


def photos(*hashes: str) -> list[dict[str, Any]]:
    return [{"sha256": each, "thumbnail_sha256": None, "kind": "site"} for each in hashes]


def test_a_photo_that_another_visit_had_first(office: Office) -> None:
    first = stand(office, 0, photos=photos(HASH))
    second = stand(office, 500, photos=photos(OTHER_HASH, HASH))
    assert flags(office, second, "photo.shared") == [
        ("photo.shared", {"sha256": HASH, "visit_id": first})
    ]
    assert flags(office, first, "photo.shared") == []


# --- a day with more visits than anybody makes


def test_only_the_last_arrivals_of_a_day_are_compared_in_a_batch_and_in_a_rebuild(
    office: Office,
) -> None:
    payloads = [
        make_visit_payload(
            area={"id": office.jorong[0], "claimed": None},
            saved_at=f"2026-05-04T01:{number:02d}:00.000Z",
            clock={"server_offset_ms": 0},
            position=position(number * 200),
        )
        for number in range(45)
    ]
    for payload, like in ((payloads[31], payloads[0]), (payloads[40], payloads[11])):
        payload["position"] = like["position"]
    office.send(*map(make_envelope, payloads[:35]))
    office.send(*map(make_envelope, payloads[35:]))
    asked = [bool(flags(office, each["id"], "visit.same_place")) for each in payloads]
    # The 32nd stands where the 1st stood, 31 arrivals before: forgotten. The 41st remembers.
    assert [number for number, found in enumerate(asked) if found] == [40]
    before = [flags(office, each["id"]) for each in payloads]
    rebuild(office.store, NOW)
    assert [flags(office, each["id"]) for each in payloads] == before


# --- corrections change what came after


def test_a_correction_asks_anew_what_came_after_it(office: Office) -> None:
    first = office.receive(
        saved_at="2026-05-04T01:00:00.000Z", position=position(), photos=photos(HASH)
    )
    second = stand(office, 20, "03:00:00", photos=photos(HASH))
    assert len(flags(office, second, "visit.same_place", "photo.shared")) == 2
    away = office.correct(first, position=position(5_000), photos=photos(OTHER_HASH))
    assert flags(office, second, "visit.same_place", "photo.shared") == []
    office.correct(away, position=position(10), photos=photos(HASH))
    assert len(flags(office, second, "visit.same_place", "photo.shared")) == 2


def test_a_layer_on_the_jorong_asks_anew_what_came_after_it(office: Office) -> None:
    first, second = stand(office, 0), stand(office, 20, "03:00:00")
    row = office.row(first)
    lay_correction(
        office.store,
        first,
        "area_id",
        office.jorong[1],
        "salah pilih",
        office.supervisor,
        row["changed_seq"],
        office.clock.tick(),
    )
    assert flags(office, second, "visit.same_place") == []


# --- areas and campaigns


def test_an_area_far_away_by_its_own_point_never_by_its_parents(office: Office) -> None:
    area_id = office.jorong[0]
    write(
        office,
        """
        UPDATE areas SET latitude_deg = 5, longitude_deg = 120, point_source = 'office'
        WHERE id = (SELECT parent_id FROM areas WHERE id = ?)
        """,
        area_id,
    )
    visit_id = stand(office, 0)
    assert flags(office, visit_id, "area.far") == []
    write(
        office,
        "UPDATE areas SET latitude_deg = 5, longitude_deg = 120 WHERE id = ?",
        area_id,
    )
    office.store.write(lambda connection: project_area(connection, [area_id]))
    ((_, evidence),) = flags(office, visit_id, "area.far")
    assert evidence["distance_m"] > evidence["limit_m"] == 5_000


def test_a_boundary_of_the_area_above_asks_when_the_jorong_has_none(office: Office) -> None:
    area_id = office.jorong[0]
    ring = [[100, 0], [101, 0], [101, 1], [100, 1], [100, 0]]
    parent = (
        office.store.reader()
        .execute("SELECT parent_id FROM areas WHERE id = ?", (area_id,))
        .fetchone()[0]
    )

    def bound(connection: Any) -> None:
        geometry = json.dumps({"type": "Polygon", "coordinates": [ring]})
        set_boundary(connection, parent, geometry, "test")

    office.store.write(bound)
    visit_id = stand(office, 0)
    assert len(flags(office, visit_id, "area.outside")) == 1


def test_an_unknown_area_is_a_question_and_no_area(office: Office) -> None:
    visit_id = stand(office, 0, area={"id": "13.11/j9999", "claimed": None})
    row = office.row(visit_id)
    assert (row["area_id"], row["chosen_area_id"]) == (None, "13.11/j9999")
    assert flags(office, visit_id, "area.unknown")[0][1] == {"area_id": "13.11/j9999"}


def test_a_merged_area_counts_for_its_successor(office: Office) -> None:
    old, new = office.jorong[:2]
    write(office, "UPDATE areas SET merged_into = ? WHERE id = ?", new, old)
    visit_id = stand(office, 0, area={"id": old, "claimed": None})
    row = office.row(visit_id)
    assert (row["area_id"], row["chosen_area_id"]) == (new, old)
    assert flags(office, visit_id, "area.unknown") == []


def test_an_unknown_campaign_refuses_nothing_and_the_practice_one_is_practice(
    office: Office,
) -> None:
    unknown = stand(office, 0, campaign_id="2031-round")
    assert office.row(unknown)["campaign_id"] == "2031-round"
    assert len(flags(office, unknown, "campaign.unknown")) == 1
    practice_id = (
        office.store.reader().execute("SELECT id FROM campaigns WHERE practice = 1").fetchone()[0]
    )
    practice = stand(office, 0, campaign_id=practice_id)
    assert office.row(practice)["practice"] == 1
    assert flags(office, practice, "campaign.unknown") == []


# --- time


@pytest.mark.parametrize(
    ("saved_at", "offset_ms", "occurred_at", "code"),
    [
        ("2026-05-04T02:00:00.000Z", 0, "2026-05-04T02:00:00.000Z", None),
        ("2026-05-04T02:00:00.000Z", None, "2026-05-04T02:00:00.000Z", None),
        ("2026-05-04T02:00:00.000Z", -850, "2026-05-04T01:59:59.150Z", None),
        ("1980-01-01T00:00:00.000Z", 1.461e12, "2026-04-18T17:20:00.000Z", None),
        ("1980-01-01T00:00:00.000Z", 0, "now", "time.absurd"),
        ("2019-12-31T23:59:59.999Z", 0, "now", "time.absurd"),
        ("2020-01-01T00:00:00.000Z", 0, "2020-01-01T00:00:00.000Z", None),
        ("2099-01-01T00:00:00.000Z", 0, "now", "time.absurd"),
        ("9999-12-31T23:59:59.999Z", 3.9e12, "now", "time.absurd"),
        ("0001-01-01T00:00:00.000Z", -3.9e12, "now", "time.absurd"),
        ("2026-05-04T03:10:01.000Z", 0, "2026-05-04T03:10:01.000Z", None),
        ("2026-05-04T03:10:01.001Z", 0, "now", "time.absurd"),
        (None, 0, "2026-05-04T01:30:00.000Z", None),
    ],
)
def test_when_it_happened_by_the_servers_clock(
    office: Office,
    saved_at: str | None,
    offset_ms: float | None,
    occurred_at: str,
    code: str | None,
) -> None:
    payload = office.receive(
        saved_at=saved_at,
        started_at="2026-05-04T01:30:00.000Z",
        clock={"server_offset_ms": offset_ms},
    )
    row = office.row(payload["id"])
    assert row["received_at"] == "2026-05-04T03:00:01.000Z"
    expected = row["received_at"] if occurred_at == "now" else occurred_at
    assert row["occurred_at"] == expected
    found = flags(office, payload["id"], "time.absurd", "time.unknown")
    assert [each for each, _ in found] == ([code] if code else [])


def test_a_visit_without_any_time_has_that_of_its_arrival(office: Office) -> None:
    payload = office.receive(saved_at=None, started_at=None)
    assert office.row(payload["id"])["occurred_at"] == "2026-05-04T03:00:01.000Z"
    assert len(flags(office, payload["id"], "time.unknown")) == 1


@pytest.mark.parametrize(
    ("saved_at", "day"),
    [("2026-05-03T16:59:59.999Z", "2026-05-03"), ("2026-05-03T17:00:00.000Z", "2026-05-04")],
)
def test_the_day_is_that_of_the_office(office: Office, saved_at: str, day: str) -> None:
    payload = office.receive(saved_at=saved_at, clock={"server_offset_ms": 0})
    assert office.row(payload["id"])["day"] == day
