"""Campaigns: the practice one, new ones, their targets and their end."""

from __future__ import annotations

import json

import pytest

from survey.domain.campaigns import PRACTICE_CAMPAIGN_ID
from survey.domain.problems import Problem
from survey.services.assigning import assign_areas
from survey.services.campaigns import (
    add_campaign_targets,
    close_campaign,
    create_campaign,
    ensure_first_campaigns,
    list_targets,
    remove_campaign_target,
)
from survey.store.campaigns import get_campaign, list_campaigns, list_target_ids
from survey.store.connection import Store
from survey.store.rules import find_latest_rule, get_rule_content, insert_rule
from tests.area_places import changed_subjects, feed_position, put_user, put_visit
from tests.factories import NOW


@pytest.fixture
def campaign_id(store: Store) -> str:
    return create_campaign(
        store,
        name="Ronde 1",
        starts_on="2026-05-01",
        ends_on="2026-05-31",
        area_ids=["13.11/j0001", "13.11/j0042"],
        actor="admin",
        now=NOW,
    )


def test_every_instance_has_the_practice_campaign_and_the_first_rules(store: Store) -> None:
    campaign = get_campaign(store.reader(), PRACTICE_CAMPAIGN_ID)
    assert (campaign.name, campaign.practice, campaign.closed_at) == ("Latihan", True, None)
    rule = find_latest_rule(store.reader())
    assert rule is not None
    assert rule["version"] == 1
    content = json.loads(rule["content"])
    assert content["accuracy_target_m"] == 10
    assert {"absensi-online", "nagari-sigap"} <= {s["id"] for s in content["public_services"]}
    assert all(service["name"] for service in content["public_services"])


def test_phones_learn_the_practice_campaign_and_the_rules(store: Store) -> None:
    assert (PRACTICE_CAMPAIGN_ID, 0) in changed_subjects(store, "campaign")
    assert changed_subjects(store, "rule") == [("1", 0)]


def test_making_the_first_campaigns_again_changes_nothing(store: Store) -> None:
    before = feed_position(store)
    ensure_first_campaigns(store, NOW)
    assert feed_position(store) == before


def test_rules_of_the_office_are_not_replaced_by_the_first(store: Store) -> None:
    version = store.write(lambda c: insert_rule(c, {"accuracy_target_m": 15}, "admin", NOW))
    ensure_first_campaigns(store, NOW)
    assert version == 2
    assert get_rule_content(store.reader(), 2) == {"accuracy_target_m": 15}


def test_an_unknown_version_of_the_rules_is_a_problem(store: Store) -> None:
    with pytest.raises(Problem) as caught:
        get_rule_content(store.reader(), 99)
    assert caught.value.code == "rule.not_found"


def test_a_new_campaign_has_the_rules_of_its_day_and_reaches_the_phones(
    store: Store, campaign_id: str
) -> None:
    campaign = get_campaign(store.reader(), campaign_id)
    assert (campaign.name, campaign.rule_version) == ("Ronde 1", 1)
    assert list_target_ids(store.reader(), campaign_id) == ["13.11/j0001", "13.11/j0042"]
    assert (campaign_id, 0) in changed_subjects(store, "campaign")


@pytest.mark.parametrize(
    ("name", "starts_on", "ends_on", "field"),
    [
        ("  ", None, None, "name"),
        ("x" * 201, None, None, "name"),
        ("Ronde", "2026-02-30", None, "starts_on"),
        ("Ronde", None, "besok", "ends_on"),
        ("Ronde", "2026-05-02", "2026-05-01", "ends_on"),
    ],
)
def test_a_faulty_campaign_names_its_field(
    store: Store, name: str, starts_on: str | None, ends_on: str | None, field: str
) -> None:
    with pytest.raises(Problem) as caught:
        create_campaign(
            store, name=name, starts_on=starts_on, ends_on=ends_on, actor="admin", now=NOW
        )
    assert [error.field for error in caught.value.errors] == [field]


def test_a_campaign_of_one_day_is_right(store: Store) -> None:
    assert create_campaign(
        store, name="Hari", starts_on="2026-05-01", ends_on="2026-05-01", actor="a", now=NOW
    )


@pytest.mark.parametrize("area_id", ["13.11.01.2001", "13.11/j9999"])
def test_only_a_jorong_can_be_a_target(store: Store, campaign_id: str, area_id: str) -> None:
    with pytest.raises(Problem) as caught:
        add_campaign_targets(store, campaign_id, [area_id], "admin", NOW)
    assert caught.value.code == "area.not_found"


def test_adding_a_target_twice_is_adding_it_once(store: Store, campaign_id: str) -> None:
    add_campaign_targets(store, campaign_id, ["13.11/j0001", "13.11/j0005"], "admin", NOW)
    assert len(list_target_ids(store.reader(), campaign_id)) == 3


def test_a_target_is_taken_out(store: Store, campaign_id: str) -> None:
    remove_campaign_target(store, campaign_id, "13.11/j0001", "admin", NOW)
    assert list_target_ids(store.reader(), campaign_id) == ["13.11/j0042"]


def test_an_assigned_target_stays_until_its_assignment_is_cancelled(
    store: Store, campaign_id: str
) -> None:
    assign_areas(
        store,
        campaign_id=campaign_id,
        area_ids=["13.11/j0001"],
        officer_ids=[put_user(store, "budi", "officer")],
        due_on=None,
        letter_number=None,
        actor="admin",
        now=NOW,
    )
    with pytest.raises(Problem) as caught:
        remove_campaign_target(store, campaign_id, "13.11/j0001", "admin", NOW)
    assert caught.value.code == "campaign.target_assigned"


def test_a_closed_campaign_takes_no_targets_until_it_is_opened_again(
    store: Store, campaign_id: str
) -> None:
    close_campaign(store, campaign_id, True, "admin", NOW)
    assert get_campaign(store.reader(), campaign_id).closed_at == NOW
    with pytest.raises(Problem) as caught:
        add_campaign_targets(store, campaign_id, ["13.11/j0005"], "admin", NOW)
    assert caught.value.code == "campaign.closed"
    close_campaign(store, campaign_id, False, "admin", NOW)
    add_campaign_targets(store, campaign_id, ["13.11/j0005"], "admin", NOW)


def test_closing_twice_tells_the_phones_once(store: Store, campaign_id: str) -> None:
    close_campaign(store, campaign_id, True, "admin", NOW)
    before = feed_position(store)
    close_campaign(store, campaign_id, True, "admin", "2026-06-01T00:00:00.000Z")
    assert feed_position(store) == before


def test_the_practice_campaign_is_fixed(store: Store) -> None:
    for act in (
        lambda: close_campaign(store, PRACTICE_CAMPAIGN_ID, True, "admin", NOW),
        lambda: add_campaign_targets(store, PRACTICE_CAMPAIGN_ID, ["13.11/j0001"], "a", NOW),
    ):
        with pytest.raises(Problem) as caught:
            act()
        assert caught.value.code == "campaign.practice_fixed"


def test_an_unknown_campaign_is_a_problem(store: Store) -> None:
    with pytest.raises(Problem) as caught:
        close_campaign(store, "no such", True, "admin", NOW)
    assert caught.value.code == "campaign.not_found"


def test_campaigns_are_listed_open_first_and_practice_last(store: Store, campaign_id: str) -> None:
    later = create_campaign(
        store, name="Ronde 2", starts_on="2026-06-01", ends_on=None, actor="a", now=NOW
    )
    close_campaign(store, later, True, "admin", NOW)
    assert [c.id for c in list_campaigns(store.reader())] == [
        campaign_id,
        later,
        PRACTICE_CAMPAIGN_ID,
    ]


def test_progress_counts_visits_of_the_campaign_by_target(store: Store, campaign_id: str) -> None:
    officer = put_user(store, "budi", "officer")
    for state in ("approved", "received", "rejected", "withdrawn"):
        put_visit(store, officer, "13.11/j0001", state=state, campaign_id=campaign_id)
    put_visit(store, officer, "13.11/j0001", state="approved")
    put_visit(store, officer, "13.11/j0001", practice=1, campaign_id=campaign_id)
    targets = {t.area.id: (t.visits, t.approved) for t in list_targets(store, campaign_id)}
    assert targets == {"13.11/j0001": (2, 1), "13.11/j0042": (0, 0)}
