"""The feed: everything once, in pages, with tombstones, own things only."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from survey.settings import Settings
from survey.store.changes import record_change
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def read_all(client: FlaskClient, phone: Enrolled, cursor: str = "", limit: int = 7):  # type: ignore[no-untyped-def]
    changes = []
    while True:
        page = client.get(
            f"/api/v1/changes?cursor={cursor}&limit={limit}", headers=phone.headers
        ).json
        changes += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            return changes, cursor


def test_a_new_phone_learns_every_area_once(client: FlaskClient, phone: Enrolled) -> None:
    changes, _ = read_all(client, phone)
    areas = [change["id"] for change in changes if change["kind"] == "area"]
    assert len(areas) == len(set(areas))
    assert sum(area.count(".") == 3 for area in areas) == 39
    assert {"rule", "campaign"} <= {change["kind"] for change in changes}


def test_pages_of_any_size_tell_the_same(client: FlaskClient, phone: Enrolled) -> None:
    small, cursor = read_all(client, phone, limit=7)
    large, same_cursor = read_all(client, phone, limit=500)
    assert small == large
    assert cursor == same_cursor


def test_nothing_new_gives_an_empty_page(client: FlaskClient, phone: Enrolled) -> None:
    _, cursor = read_all(client, phone)
    changes, again = read_all(client, phone, cursor)
    assert (changes, again) == ([], cursor)


def test_an_own_visit_comes_back_with_its_payload(client: FlaskClient, phone: Enrolled) -> None:
    envelope = make_envelope(make_visit_payload())
    _, cursor = read_all(client, phone)
    client.post("/api/v1/records", json={"records": [envelope]}, headers=phone.headers)
    changes, _ = read_all(client, phone, cursor)
    visits = [change["data"] for change in changes if change["kind"] == "visit"]
    assert [(visit["id"], visit["head"], visit["state"], visit["payload"]) for visit in visits] == [
        (envelope["id"], envelope["sha256"], "received", envelope["payload"])
    ]
    assert [visit["schema"] for visit in visits] == [1]


def test_another_officers_visit_is_never_told(
    client: FlaskClient, store: Store, settings: Settings, phone: Enrolled
) -> None:
    client.post(
        "/api/v1/records",
        json={"records": [make_envelope(make_visit_payload())]},
        headers=phone.headers,
    )
    other = enrol_officer(store, settings, "budi")
    changes, _ = read_all(client, other)
    assert "visit" not in {change["kind"] for change in changes}


def test_what_is_gone_comes_as_a_tombstone(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    _, cursor = read_all(client, phone)
    store.write(lambda connection: record_change(connection, "assignment", "gone", deleted=True))
    changes, _ = read_all(client, phone, cursor)
    assert changes == [{"kind": "assignment", "id": "gone", "deleted": True, "data": None}]
