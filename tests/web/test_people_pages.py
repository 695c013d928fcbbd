"""The admin's pages about people and phones."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.domain.instants import add_to_instant
from survey.services import accounts, enrolling
from survey.services.device_states import note_device_state
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import NOW, FixedClock, new_device_id, new_token
from tests.people_kit import add_person, enrol_phone, post, sign_in_as


@pytest.fixture
def admin(app: Flask, store: Store) -> FlaskClient:
    """A browser in which the first admin is signed in."""
    return sign_in_as(app, accounts.get_user_by_name(store, "admin"))


def text_of(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return html.unescape(response.get_data(as_text=True))


NEW = {"name": "Rina Wati", "username": "rina", "roles": ["supervisor"], "language": "id"}


def test_a_new_member_of_staff_gets_a_link_that_works(
    admin: FlaskClient, app: Flask, store: Store
) -> None:
    response = post(admin, "/people", NEW)
    user = accounts.get_user_by_name(store, "rina")
    assert (response.status_code, response.location) == (303, f"/people/{user.id}")
    page = text_of(admin, f"/people/{user.id}")
    link = re.search(r"http://127\.0\.0\.1:8000(/welcome/[\w-]+)", page)
    assert link is not None
    assert app.test_client().get(link[1]).status_code == 200
    assert link[0] in text_of(admin, f"/people/{user.id}"), "it is still there after a reload"


def test_a_used_link_is_not_shown_any_more(admin: FlaskClient, store: Store) -> None:
    post(admin, "/people", NEW)
    user = accounts.get_user_by_name(store, "rina")
    token = re.search(r"/welcome/([\w-]+)", text_of(admin, f"/people/{user.id}"))
    assert token is not None
    accounts.use_link(store, token[1], "empat kata yang panjang", NOW)
    assert "/welcome/" not in text_of(admin, f"/people/{user.id}")


def test_a_new_officer_gets_no_link_but_may_get_a_code(admin: FlaskClient, store: Store) -> None:
    post(admin, "/people", {**NEW, "roles": ["officer"]})
    user = accounts.get_user_by_name(store, "rina")
    page = text_of(admin, f"/people/{user.id}")
    assert "/welcome/" not in page
    assert "Kode HP baru" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "a b"}, "Nama pengguna terdiri"),
        ({"username": "admin"}, "sudah dipakai"),
        ({"name": ""}, "Mohon diisi"),
        ({"roles": []}, "Pilih paling sedikit satu peran"),
        ({"roles": ["boss"]}, "boss"),
    ],
)
def test_a_faulty_person_is_said_on_the_form(
    admin: FlaskClient, store: Store, change: dict[str, object], said: str
) -> None:
    response = post(admin, "/people", {**NEW, **change})
    assert response.status_code in (409, 422)
    assert said in html.unescape(response.get_data(as_text=True))
    assert len(accounts.list_users(store)) == 1


def test_a_code_page_shows_code_qr_expiry_and_steps(
    admin: FlaskClient, store: Store, settings: Settings
) -> None:
    officer = add_person(store, "sari", "officer")
    response = post(admin, f"/people/{officer.id}/code")
    assert response.location == f"/people/{officer.id}/code"
    page = text_of(admin, response.location)
    code = re.search(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])", page)
    assert code is not None
    assert enrolling.code_is_open(store, settings, code[0], NOW)
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert "11 Mei 2026 10.00" in page
    link = f"http://127.0.0.1:8000/app#enrol={code[0]}"
    assert f'href="{link}"' in page, "the same computer opens it without a camera"
    assert code[0] in text_of(admin, response.location), "it can be printed after a reload"


def test_the_code_page_says_when_the_code_was_used(
    admin: FlaskClient, store: Store, settings: Settings
) -> None:
    officer = add_person(store, "sari", "officer")
    page = text_of(admin, post(admin, f"/people/{officer.id}/code").location)
    code = re.search(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])", page)
    assert code is not None
    enrolling.enrol(
        store,
        settings,
        code=code[0],
        device_id=new_device_id(),
        token=new_token(),
        phone={},
        address="192.0.2.1",
        now=NOW,
    )
    page = text_of(admin, f"/people/{officer.id}/code")
    assert "Kode ini sudah dipakai" in page
    assert 'class="qr"' not in page


def test_without_a_fresh_code_its_page_leads_to_the_person(
    admin: FlaskClient, store: Store
) -> None:
    officer = add_person(store, "sari", "officer")
    assert admin.get(f"/people/{officer.id}/code").location == f"/people/{officer.id}"


def test_a_code_for_a_viewer_is_refused_in_words(admin: FlaskClient, store: Store) -> None:
    viewer = add_person(store, "rina", "viewer")
    response = post(admin, f"/people/{viewer.id}/code")
    assert response.status_code == 409
    assert "Hanya petugas" in response.get_data(as_text=True)


def test_roles_are_changed_and_the_last_admin_is_kept(admin: FlaskClient, store: Store) -> None:
    viewer = add_person(store, "rina", "viewer")
    post(admin, f"/people/{viewer.id}/roles", {"roles": ["viewer", "supervisor"]})
    assert accounts.get_user(store, viewer.id).roles == {"viewer", "supervisor"}
    first = accounts.get_user_by_name(store, "admin")
    response = post(admin, f"/people/{first.id}/roles", {"roles": ["viewer"]})
    assert response.status_code == 409
    assert accounts.get_user(store, first.id).roles == first.roles


def test_a_person_is_disabled_and_enabled(app: Flask, admin: FlaskClient, store: Store) -> None:
    viewer = add_person(store, "rina", "viewer")
    theirs = sign_in_as(app, viewer)
    assert theirs.get("/account").status_code == 200
    post(admin, f"/people/{viewer.id}/disable")
    assert theirs.get("/account").status_code == 302
    assert "Dinonaktifkan" in text_of(admin, "/people")
    post(admin, f"/people/{viewer.id}/enable")
    assert accounts.get_user(store, viewer.id).disabled_at is None


def test_an_unknown_person_is_404(admin: FlaskClient) -> None:
    assert admin.get("/people/nobody").status_code == 404


def test_phones_show_what_each_last_said(
    admin: FlaskClient, store: Store, settings: Settings
) -> None:
    phone = enrol_phone(store, settings, add_person(store, "sari"))
    device = enrolling.authenticate_device(store, phone.token, NOW)
    state = {
        "unsent_records": 7,
        "unsent_files": 1,
        "persisted": False,
        "app_version": "0.9.1",
        "readiness": {
            "ready": False,
            "at": NOW,
            "checks": {"camera": False, "clock": True, "space": None, "outbox": False},
        },
        "free_bytes": 812_000_000,
    }
    store.write(lambda connection: note_device_state(connection, device, state, NOW))
    page = text_of(admin, "/phones")
    for words in ("Sari", "Redmi 9A", "0.9.1", "7 catatan", "1 berkas", "812 MB", "Belum siap"):
        assert words in page
    assert "4 Mei 2026 10.00" in page
    assert "Perlu: kamera, semua terkirim" in page


@pytest.mark.parametrize(
    ("free_bytes", "words"), [(999_999_999, "999 MB kosong"), (10_740_000_000, "10,7 GB kosong")]
)
def test_free_space_is_told_in_the_unit_people_know(
    admin: FlaskClient, store: Store, settings: Settings, free_bytes: int, words: str
) -> None:
    phone = enrol_phone(store, settings, add_person(store, "sari"))
    device = enrolling.authenticate_device(store, phone.token, NOW)
    state = {"free_bytes": free_bytes, "app_version": "1.0.0"}
    store.write(lambda connection: note_device_state(connection, device, state, NOW))
    assert words in text_of(admin, "/phones")


@pytest.mark.parametrize(
    "readiness", [{}, {"ready": "yes", "at": "yesterday", "checks": 7}, {"ready": True, "at": 5}]
)
def test_a_check_of_another_shape_is_shown_as_far_as_it_is_known(
    admin: FlaskClient, store: Store, settings: Settings, readiness: dict[str, object]
) -> None:
    phone = enrol_phone(store, settings, add_person(store, "sari"))
    device = enrolling.authenticate_device(store, phone.token, NOW)
    state = {"readiness": readiness}
    store.write(lambda connection: note_device_state(connection, device, state, NOW))
    assert ("Siap" in text_of(admin, "/phones")) is (readiness.get("ready") is True)


def test_a_phone_without_words_of_its_own_is_shown_too(
    admin: FlaskClient, store: Store, settings: Settings
) -> None:
    enrol_phone(store, settings, add_person(store, "sari"))
    assert "Belum diketahui" in text_of(admin, "/phones")


def test_revoking_works_at_the_next_request(
    admin: FlaskClient, client: FlaskClient, store: Store, settings: Settings
) -> None:
    officer = add_person(store, "sari")
    enrol_phone(store, settings, officer)
    page = text_of(admin, f"/people/{officer.id}")
    action = re.search(r"/phones/\d+/revoke", page)
    assert action is not None
    response = post(admin, action[0], {"next": f"/people/{officer.id}"})
    assert response.location == f"/people/{officer.id}"
    (device,) = enrolling.list_devices(store)
    assert device.revoked_at == NOW
    assert "Dicabut" in text_of(admin, "/phones")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_revoking_leads_to_no_other_site(
    admin: FlaskClient, store: Store, settings: Settings, target: str
) -> None:
    phone = enrol_phone(store, settings, add_person(store, "sari"))
    key = enrolling.authenticate_device(store, phone.token, NOW).key
    assert post(admin, f"/phones/{key}/revoke", {"next": target}).location == "/phones"


def test_a_supervisor_sees_phones_but_cannot_revoke(
    app: Flask, store: Store, settings: Settings
) -> None:
    enrol_phone(store, settings, add_person(store, "sari"))
    supervisor = sign_in_as(app, add_person(store, "rina", "supervisor"))
    page = text_of(supervisor, "/phones")
    assert "Redmi 9A" in page
    assert "/revoke" not in page


def test_a_form_without_its_token_changes_nothing(
    admin: FlaskClient, store: Store, clock: FixedClock
) -> None:
    viewer = add_person(store, "rina", "viewer")
    assert admin.post(f"/people/{viewer.id}/disable").status_code == 400
    assert accounts.get_user(store, viewer.id).disabled_at is None


@pytest.mark.parametrize(
    ("username", "roles", "address", "warned"),
    [
        ("admin", ("admin",), "http://127.0.0.1:8000", False),
        ("admin", ("admin",), "http://other.example", True),
        ("rina", ("supervisor",), "http://other.example", False),
    ],
)
def test_only_the_admin_is_warned_under_another_name(
    app: Flask, store: Store, username: str, roles: tuple[str, ...], address: str, warned: bool
) -> None:
    if username != "admin":
        add_person(store, username, *roles)
    browser = sign_in_as(app, accounts.get_user_by_name(store, username), address)
    response = browser.get("/phones", base_url=address)
    assert response.status_code == 200
    assert ("SURVEY_PUBLIC_URL" in response.get_data(as_text=True)) is warned


def test_the_expiry_of_a_code_is_seven_days_away(
    admin: FlaskClient, store: Store, clock: FixedClock
) -> None:
    officer = add_person(store, "sari", "officer")
    page = post(admin, f"/people/{officer.id}/code").location
    clock.now = add_to_instant(NOW, days=7)
    assert "Kode ini sudah dipakai atau sudah habis" in text_of(admin, page)
