"""The office's pages of campaigns: rounds, targets, assignments, and who may do what."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.domain.exports import pseudonym
from survey.services.assigning import assign_areas
from survey.services.campaigns import close_campaign, create_campaign
from survey.store.assignments import list_open_assignments
from survey.store.campaigns import get_campaign, list_campaigns, list_target_ids
from survey.store.connection import Store
from tests.area_places import put_user, put_visit
from tests.factories import NOW
from tests.people_kit import add_person, post, sign_in_as

FAR, NEAR = "13.11/j0001", "13.11/j0055"


@pytest.fixture
def admin(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_person(store, "boss", "admin"))


@pytest.fixture
def supervisor(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_person(store, "awas", "supervisor"))


@pytest.fixture
def viewer(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_person(store, "tamu", "viewer"))


@pytest.fixture
def campaign_id(store: Store) -> str:
    return create_campaign(
        store,
        name="Ronde 1",
        starts_on="2026-05-01",
        ends_on="2026-05-31",
        area_ids=[FAR, NEAR],
        actor="admin",
        now=NOW,
    )


def text_of(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return html.unescape(response.get_data(as_text=True))


def assign(store: Store, campaign_id: str, officer: str, due_on: str | None = None) -> str:
    (assignment_id,) = assign_areas(
        store,
        campaign_id=campaign_id,
        area_ids=[FAR],
        officer_ids=[officer],
        due_on=due_on,
        letter_number="094/17",
        actor="admin",
        now=NOW,
    )
    return assignment_id


# --- rounds -------------------------------------------------------------------------------


def test_a_new_instance_shows_the_practice_campaign_only(viewer: FlaskClient) -> None:
    page = text_of(viewer, "/campaigns")
    assert "Belum ada kampanye." in page
    assert "tidak masuk hitungan" in page


def test_an_admin_starts_a_round(admin: FlaskClient, store: Store) -> None:
    data = {"name": "Ronde 2", "starts_on": "2026-06-01", "ends_on": "2026-06-30", "note": " hulu "}
    response = post(admin, "/campaigns", data)
    campaign = next(one for one in list_campaigns(store.reader()) if one.name == "Ronde 2")
    assert (response.status_code, response.location) == (303, f"/campaigns/{campaign.id}")
    assert (campaign.starts_on, campaign.ends_on, campaign.note) == (
        "2026-06-01",
        "2026-06-30",
        "hulu",
    )
    assert "1 Juni 2026 sampai 30 Juni 2026" in text_of(admin, f"/campaigns/{campaign.id}")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": ""}, "Mohon diisi"),
        ({"name": "   "}, "Mohon"),
        ({"name": "A", "starts_on": "2026-06-02", "ends_on": "2026-06-01"}, "lebih awal"),
        ({"name": "x" * 201}, "terlalu panjang"),
    ],
)
def test_a_faulty_round_is_said_on_its_field(
    admin: FlaskClient, store: Store, data: dict[str, str], said: str
) -> None:
    response = post(admin, "/campaigns", data)
    assert response.status_code == 422
    assert said in html.unescape(response.get_data(as_text=True))
    assert len(list_campaigns(store.reader())) == 1


def test_a_round_is_closed_and_opened_again(
    admin: FlaskClient, store: Store, campaign_id: str
) -> None:
    assert post(admin, f"/campaigns/{campaign_id}/close").status_code == 303
    assert get_campaign(store.reader(), campaign_id).closed_at == NOW
    page = text_of(admin, f"/campaigns/{campaign_id}")
    assert "Ditutup" in page
    assert "Tugaskan" not in page
    post(admin, f"/campaigns/{campaign_id}/open")
    assert get_campaign(store.reader(), campaign_id).closed_at is None


def test_the_practice_campaign_cannot_be_touched(admin: FlaskClient) -> None:
    assert post(admin, "/campaigns/latihan/close").status_code == 409
    page = text_of(admin, "/campaigns/latihan")
    assert "Petugas berlatih di sini" in page
    assert '<form method="post" action="/campaigns/latihan' not in page


def test_an_unknown_round_is_not_found(viewer: FlaskClient) -> None:
    assert viewer.get("/campaigns/no-such").status_code == 404


# --- targets ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "count"), [("listed", 18), ("13.11.06", 2), ("13.11.06.2001", 1), ("13.11/j0005", 1)]
)
def test_targets_are_added_one_or_many_at_once(
    admin: FlaskClient, store: Store, place: str, count: int
) -> None:
    campaign_id = create_campaign(
        store, name="Baru", starts_on=None, ends_on=None, actor="a", now=NOW
    )
    assert post(admin, f"/campaigns/{campaign_id}/targets", {"place": place}).status_code == 303
    assert len(list_target_ids(store.reader(), campaign_id)) == count


def test_an_unknown_place_adds_nothing(admin: FlaskClient, campaign_id: str) -> None:
    response = post(admin, f"/campaigns/{campaign_id}/targets", {"place": "99"})
    assert response.status_code == 404
    assert "Wilayah ini tidak dikenal." in html.unescape(response.get_data(as_text=True))


def test_a_target_is_taken_out(admin: FlaskClient, store: Store, campaign_id: str) -> None:
    assert post(admin, f"/campaigns/{campaign_id}/targets/{FAR}/remove").status_code == 303
    assert list_target_ids(store.reader(), campaign_id) == [NEAR]


# --- assignments --------------------------------------------------------------------------


def test_a_supervisor_sends_officers_to_several_jorong(
    supervisor: FlaskClient, store: Store, campaign_id: str
) -> None:
    budi, sari = put_user(store, "budi", "officer"), put_user(store, "sari", "officer")
    data = {
        "areas": [FAR, NEAR],
        "officers": [budi, sari],
        "due_on": "2026-05-20",
        "letter_number": "094/17/Kominfo-2026",
        "note": "Bawa SIM cadangan",
    }
    response = post(supervisor, f"/campaigns/{campaign_id}/assignments", data)
    assert response.status_code == 303
    first, second = list_open_assignments(store.reader(), campaign_id=campaign_id)
    assert {first.area_id, second.area_id} == {FAR, NEAR}
    assert [o.id for o in first.officers] == [budi, sari]
    assert (first.due_on, first.note) == ("2026-05-20", "Bawa SIM cadangan")
    page = text_of(supervisor, f"/campaigns/{campaign_id}")
    assert "20 Mei 2026" in page
    assert "094/17/Kominfo-2026" in page


@pytest.mark.parametrize(
    ("left_out", "said"),
    [("areas", "paling sedikit satu jorong"), ("officers", "paling sedikit satu petugas")],
)
def test_an_assignment_needs_a_jorong_and_an_officer(
    supervisor: FlaskClient, store: Store, campaign_id: str, left_out: str, said: str
) -> None:
    data: dict[str, Any] = {"areas": [FAR], "officers": [put_user(store, "budi", "officer")]}
    del data[left_out]
    response = post(supervisor, f"/campaigns/{campaign_id}/assignments", data)
    page = html.unescape(response.get_data(as_text=True))
    assert response.status_code == 422
    assert said in page
    assert " checked" in page, "what was chosen is still chosen"


def test_somebody_who_is_no_officer_cannot_be_sent(
    supervisor: FlaskClient, store: Store, campaign_id: str
) -> None:
    data = {"areas": [FAR], "officers": [put_user(store, "lain", "viewer")]}
    response = post(supervisor, f"/campaigns/{campaign_id}/assignments", data)
    assert response.status_code == 422
    assert "Lain bukan petugas" in html.unescape(response.get_data(as_text=True))


def test_an_assignment_is_cancelled(
    supervisor: FlaskClient, store: Store, campaign_id: str
) -> None:
    assignment_id = assign(store, campaign_id, put_user(store, "budi", "officer"))
    response = post(supervisor, f"/assignments/{assignment_id}/cancel")
    assert (response.status_code, response.location) == (303, f"/campaigns/{campaign_id}")
    assert list_open_assignments(store.reader()) == []


def test_an_unknown_assignment_is_not_found(supervisor: FlaskClient) -> None:
    assert post(supervisor, "/assignments/no-such/cancel").status_code == 404


def test_progress_is_told_in_numbers(viewer: FlaskClient, store: Store, campaign_id: str) -> None:
    officer = put_user(store, "budi", "officer")
    assign(store, campaign_id, officer)
    put_visit(store, officer, FAR, campaign_id=campaign_id, state="approved")
    page = text_of(viewer, f"/campaigns/{campaign_id}")
    numbers = re.findall(r'<p class="stat"><span>(\d+)</span><span>([^<]+)</span>', page)
    assert [int(number) for number, _ in numbers] == [2, 1, 1, 1]
    assert f"campaign={campaign_id}&nagari={FAR}" in page


def test_an_assignment_past_its_day_without_a_visit_is_overdue(
    viewer: FlaskClient, store: Store, campaign_id: str
) -> None:
    officer = put_user(store, "budi", "officer")
    assign(store, campaign_id, officer, "2026-05-04")
    assert "lewat waktu" not in text_of(viewer, f"/campaigns/{campaign_id}")
    assign(store, campaign_id, officer, "2026-05-03")
    assert "lewat waktu" in text_of(viewer, f"/campaigns/{campaign_id}")
    put_visit(store, officer, FAR, campaign_id=campaign_id)
    assert "lewat waktu" not in text_of(viewer, f"/campaigns/{campaign_id}")


# --- roles and names ----------------------------------------------------------------------


def test_a_viewer_sees_an_alias_instead_of_the_officers_name(
    viewer: FlaskClient, supervisor: FlaskClient, store: Store, campaign_id: str
) -> None:
    budi = put_user(store, "budi", "officer")
    assign(store, campaign_id, budi)
    seen = text_of(viewer, f"/campaigns/{campaign_id}")
    assert "Budi" not in seen
    assert pseudonym(budi) in seen
    assert "Budi" in text_of(supervisor, f"/campaigns/{campaign_id}")


def changes(campaign_id: str) -> list[tuple[str, frozenset[str]]]:
    both, admin = frozenset({"admin", "supervisor"}), frozenset({"admin"})
    return [
        ("/campaigns", admin),
        (f"/campaigns/{campaign_id}/targets", admin),
        (f"/campaigns/{campaign_id}/targets/{FAR}/remove", admin),
        (f"/campaigns/{campaign_id}/close", admin),
        (f"/campaigns/{campaign_id}/open", admin),
        (f"/campaigns/{campaign_id}/assignments", both),
        ("/assignments/no-such/cancel", both),
    ]


@pytest.mark.parametrize("role", ["viewer", "supervisor", "admin"])
def test_who_may_change_campaigns(app: Flask, store: Store, campaign_id: str, role: str) -> None:
    client = sign_in_as(app, add_person(store, "orang", role))
    for path, roles in changes(campaign_id):
        assert (post(client, path).status_code == 403) is (role not in roles), path


def test_an_officer_finds_the_way_to_the_phone_only(
    app: Flask, store: Store, campaign_id: str
) -> None:
    client = sign_in_as(app, add_person(store, "petugas", "officer"))
    for path in ("/campaigns", f"/campaigns/{campaign_id}", "/areas"):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/campaigns", "/campaigns/latihan"])
def test_nobody_sees_campaigns_without_signing_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 302


def test_targets_of_a_closed_round_stay_visible(
    viewer: FlaskClient, store: Store, campaign_id: str
) -> None:
    close_campaign(store, campaign_id, True, "admin", NOW)
    assert "Simancuang" in text_of(viewer, f"/campaigns/{campaign_id}")
