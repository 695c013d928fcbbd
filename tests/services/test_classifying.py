"""Which visits give the class of a jorong, by whose rules, and what is left out."""

from __future__ import annotations

import pytest

from survey.domain.identifiers import new_id
from survey.domain.problems import Problem
from survey.services.areas import merge_areas
from survey.services.classifying import AreaClass, Classification, start_classifying
from survey.settings import Settings
from survey.store.campaigns import Campaign, save_campaign
from survey.store.connection import Store, snapshot
from survey.store.rules import insert_rule
from tests.factories import NOW, FixedClock, make_service_test
from tests.office_kit import Office, claimed_area, open_office


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


def look(
    office: Office, *, area: str | None = None, campaign: str | None = None, preview: bool = False
) -> tuple[Classification, dict[str, AreaClass], int | None]:
    with snapshot(office.store.reader()) as connection:
        found = start_classifying(connection, area=area, campaign=campaign, preview=preview)
        rows = {row.area.id: row for row in found.rows()}
        return found, rows, found.count_without_jorong()


def receive(office: Office, result: str, **changes: object) -> str:
    """Let a visit with one test of XL come in and return its id."""
    tests = [make_service_test("xl", result)]
    visit_id: str = office.receive(service_tests=tests, readings=[], **changes)["id"]
    return visit_id


def letter(office: Office, **asked: object) -> str | None:
    return look(office, **asked)[1][office.jorong[0]].classes.letter  # type: ignore[arg-type]


def test_only_approved_visits_are_official_and_received_ones_a_preview(office: Office) -> None:
    visit_id = receive(office, "data")
    assert (letter(office), letter(office, preview=True)) == (None, "D")
    office.decide(visit_id, "approved")
    assert (letter(office), letter(office, preview=True)) == ("D", "D")


@pytest.mark.parametrize("away", ["rejected", "withdrawn"])
def test_rejected_and_withdrawn_visits_give_no_class(office: Office, away: str) -> None:
    visit_id = receive(office, "data")
    if away == "rejected":
        office.decide(visit_id, "rejected", "salah tempat")
    else:
        office.withdraw(visit_id)
    assert letter(office, preview=True) is None


def test_practice_visits_give_no_class(office: Office) -> None:
    receive(office, "data", practice=True)
    assert letter(office, preview=True) is None


def test_every_live_jorong_is_there_and_one_that_nobody_visited_is_not_measured(
    office: Office,
) -> None:
    receive(office, "none")
    found, rows, without = look(office, preview=True)
    assert sorted(rows) == office.jorong
    assert (found.jorong, found.visits, without) == (len(office.jorong), 1, 0)
    assert {row.classes.standing for row in rows.values()} == {"unmeasured", "provisional"}
    assert rows[office.jorong[1]].podes.strength is None


def test_a_visit_without_a_jorong_is_counted_and_not_classified(office: Office) -> None:
    receive(office, "data", area=claimed_area("Muaro"))
    found, _, without = look(office, preview=True)
    assert (found.visits, without) == (0, 1)


def test_without_controls_no_class_is_final_and_each_says_so(office: Office) -> None:
    receive(office, "data")
    _, rows, _ = look(office, preview=True)
    for row in rows[office.jorong[0]].classes.operators:
        if row.letter:
            assert row.standing == "provisional"
            assert "controls" in [one.code for one in row.missing]


def test_visits_of_a_merged_jorong_count_for_the_one_that_stands(office: Office) -> None:
    old, new = office.jorong[:2]
    receive(office, "data")
    merge_areas(office.store, old, new, "cli", NOW)
    _, rows, _ = look(office, preview=True)
    assert old not in rows
    assert rows[new].classes.letter == "D"


def test_an_area_asked_for_holds_only_what_lies_in_it(office: Office) -> None:
    _, rows, without = look(office, area=office.jorong[0])
    assert list(rows) == [office.jorong[0]]
    assert without is None
    parent = rows[office.jorong[0]].path[-1].id
    _, below, _ = look(office, area=parent)
    assert office.jorong[0] in below
    assert all(parent in [one.id for one in row.path] for row in below.values())
    assert set(below) < set(office.jorong)


def test_a_campaign_has_its_own_visits_and_its_own_rules(office: Office) -> None:
    campaign = Campaign(new_id(), "Ronde 1", rule_version=1)

    def prepare(connection: object) -> None:
        save_campaign(connection, campaign)  # type: ignore[arg-type]
        insert_rule(connection, {"class_share": 1, "minimum_visits": 5}, "cli", NOW)  # type: ignore[arg-type]

    office.store.write(prepare)
    receive(office, "data")
    receive(office, "none", campaign_id=campaign.id)
    assert letter(office, campaign="Ronde 1", preview=True) == "A"
    assert letter(office, preview=True) == "A"
    assert look(office, campaign=campaign.id)[0].rules.version == 1
    rules = look(office)[0].rules
    assert (rules.version, rules.share, rules.minimum_stands) == (2, 1.0, 5)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"area": "13.99"}, "area.not_found"),
        ({"campaign": "Ronde 9"}, "campaign.not_found"),
        ({"campaign": "practice"}, "field.invalid"),
    ],
)
def test_what_is_not_known_is_said(office: Office, asked: dict[str, str], code: str) -> None:
    if asked.get("campaign") == "practice":
        row = office.store.reader().execute("SELECT id FROM campaigns WHERE practice = 1")
        asked = {"campaign": row.fetchone()["id"]}
    with pytest.raises(Problem) as caught:
        look(office, **asked)  # type: ignore[arg-type]
    assert caught.value.code == code
