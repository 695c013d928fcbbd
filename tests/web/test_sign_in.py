"""Doors in and out of the office, and one's own account."""

from __future__ import annotations

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.domain.instants import add_to_instant
from survey.services import accounts
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.web.guards import safe_target
from tests.factories import NOW, FixedClock
from tests.people_kit import PASSWORD, add_person, csrf_token, post, sign_in_as


def try_to_sign_in(
    client: FlaskClient, username: str, password: str, path: str = "/sign-in"
) -> TestResponse:
    return post(client, path, {"username": username, "password": password})


def words(response: TestResponse) -> str:
    return html.unescape(response.get_data(as_text=True))


@pytest.mark.parametrize(
    ("roles", "start"),
    [
        (("viewer",), "/office"),
        (("supervisor", "officer"), "/office"),
        (("officer",), "/account"),
    ],
)
def test_signing_in_leads_to_the_place_of_the_role(
    client: FlaskClient, store: Store, roles: tuple[str, ...], start: str
) -> None:
    add_person(store, "rina", *roles, password=PASSWORD)
    response = try_to_sign_in(client, "rina", PASSWORD)
    assert (response.status_code, response.location) == (303, start)
    assert client.get("/account").status_code == 200


def test_signing_in_leads_back_to_the_page_that_was_asked_for(
    client: FlaskClient, store: Store
) -> None:
    add_person(store, "rina", "supervisor", password=PASSWORD)
    response = client.get("/phones?x=1")
    assert response.location == "/sign-in?next=%2Fphones%3Fx%3D1"
    response = try_to_sign_in(client, "rina", PASSWORD, response.location)
    assert response.location == "/phones?x=1"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nb", "evil", "", None],
)
def test_no_target_leads_to_another_site(target: str | None) -> None:
    assert safe_target(target) is None


def test_a_wrong_password_is_401_and_says_so(client: FlaskClient, store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    response = try_to_sign_in(client, "rina", "salah salah salah")
    assert response.status_code == 401
    assert "tidak benar" in words(response)
    assert "salah salah salah" not in words(response)
    assert client.get("/account").status_code == 302


def test_too_many_tries_are_429_with_the_time_to_wait(client: FlaskClient) -> None:
    for _ in range(10):
        assert try_to_sign_in(client, "nobody", "x").status_code == 401
    response = try_to_sign_in(client, "nobody", "x")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert "15 menit" in words(response)


def test_empty_fields_are_said_at_the_field(client: FlaskClient) -> None:
    response = try_to_sign_in(client, "", "")
    assert response.status_code == 422
    assert words(response).count("Mohon diisi.") == 2


def test_signing_in_needs_the_form_of_this_site(client: FlaskClient, store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    data = {"username": "rina", "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 400
    response = client.post(
        "/sign-in",
        data={**data, "csrf_token": csrf_token(client)},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert response.status_code == 403


def test_signing_out_ends_the_session_and_clears_nothing_else(app: Flask, store: Store) -> None:
    browser = sign_in_as(app, add_person(store, "rina", "viewer"))
    assert browser.get("/account").status_code == 200
    assert browser.get("/sign-out").status_code == 405
    response = post(browser, "/sign-out")
    assert (response.status_code, response.location) == (303, "/sign-in")
    assert "Clear-Site-Data" not in response.headers, "it would erase the phone's records"
    assert browser.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("stay", "kept"), [({"stay": "y"}, True), ({}, False)], ids=["stay", "do not stay"]
)
def test_the_cookie_is_guarded_and_lasts_only_when_asked(
    client: FlaskClient, store: Store, stay: dict[str, str], kept: bool
) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    response = post(client, "/sign-in", {"username": "rina", "password": PASSWORD, **stay})
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Expires=" in cookie) is kept


def test_the_cookie_is_secure_under_https(settings: Settings, store: Store) -> None:
    from survey.app import create_app

    environ = {"SURVEY_PUBLIC_URL": "https://survei.example"}
    app = create_app(load_settings(environ, settings.instance), store=store, clock=FixedClock(NOW))
    add_person(store, "rina", "viewer", password=PASSWORD)
    browser = app.test_client()
    base = "https://survei.example"
    page = browser.get("/sign-in", base_url=base).get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    response = browser.post(
        "/sign-in",
        base_url=base,
        data={"username": "rina", "password": PASSWORD, "csrf_token": token},
        headers={"Referer": f"{base}/sign-in"},
    )
    assert response.status_code == 303
    assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "session_id", ["", ":", "x:1", "{id}:99", "{id}:", "{id}:-1", "{id}:١", "{id}"]
)
def test_a_session_of_an_older_version_or_shape_is_nobody(
    app: Flask, store: Store, session_id: str
) -> None:
    user = add_person(store, "rina", "viewer")
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = session_id.replace("{id}", user.id)
    assert browser.get("/account").status_code == 302


def test_an_officer_in_the_office_is_told_where_the_phone_app_is(app: Flask, store: Store) -> None:
    browser = sign_in_as(app, add_person(store, "sari", "officer"))
    response = browser.get("/phones")
    assert response.status_code == 403
    assert 'href="/app"' in response.get_data(as_text=True)
    assert browser.get("/account").status_code == 200


def test_staff_without_the_role_are_refused(app: Flask, store: Store) -> None:
    browser = sign_in_as(app, add_person(store, "rina", "viewer"))
    response = browser.get("/people")
    assert response.status_code == 403
    assert "Peran Anda tidak mengizinkan ini." in words(response)


def welcome(store: Store, *roles: str) -> str:
    user = add_person(store, "rina", *roles)
    return "/welcome/" + accounts.create_link(store, user.id, NOW, actor="cli")


def test_looking_at_a_link_burns_nothing(client: FlaskClient, store: Store) -> None:
    path = welcome(store, "viewer")
    for method in ("GET", "HEAD", "GET"):
        assert client.open(path, method=method).status_code == 200
    assert "rina" in words(client.get(path))


@pytest.mark.parametrize(("roles", "start"), [("supervisor", "/office"), ("officer", "/account")])
def test_a_link_sets_a_password_signs_in_and_is_gone(
    client: FlaskClient, store: Store, roles: str, start: str
) -> None:
    path = welcome(store, roles)
    form = {"name": "Rina W.", "password": PASSWORD, "repeat": PASSWORD}
    response = post(client, path, form)
    assert (response.status_code, response.location) == (303, start)
    assert "Rina W." in words(client.get("/account"))
    assert client.get(path).status_code == 410
    assert post(client, path, form).status_code == 410


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"repeat": "something else"}, "Kedua kata sandi tidak sama."),
        ({"password": "short", "repeat": "short"}, "paling sedikit 10 karakter"),
        ({"password": "", "repeat": ""}, "Mohon diisi."),
        ({"name": " "}, "Mohon isi nama orang itu"),
        ({"password": "x" * 1001, "repeat": "x" * 1001}, "Ini terlalu panjang."),
    ],
)
def test_a_faulty_welcome_is_said_and_burns_nothing(
    client: FlaskClient, store: Store, change: dict[str, str], said: str
) -> None:
    path = welcome(store, "viewer")
    form = {"name": "Rina", "password": PASSWORD, "repeat": PASSWORD}
    response = post(client, path, {**form, **change})
    assert response.status_code == 422
    assert said in words(response)
    assert client.get(path).status_code == 200


def test_an_old_or_unknown_link_is_410(
    client: FlaskClient, store: Store, clock: FixedClock
) -> None:
    path = welcome(store, "viewer")
    assert client.get("/welcome/nonsense").status_code == 410
    clock.now = add_to_instant(NOW, days=7)
    response = client.get(path)
    assert response.status_code == 410
    assert "Mintalah yang baru" in words(response)


def test_ones_own_password_changes_and_this_browser_stays_in(app: Flask, store: Store) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    here, elsewhere = sign_in_as(app, user), sign_in_as(app, user)
    new = "kata sandi yang baru"
    form = {"current": PASSWORD, "password": new, "repeat": new}
    assert post(here, "/account/password", form).status_code == 303
    assert "sudah baru" in words(here.get("/account"))
    assert elsewhere.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"current": "not the one"}, 401),
        ({"repeat": "x"}, 422),
        ({"password": "rina.rina.", "repeat": "rina.rina."}, 422),
    ],
)
def test_a_faulty_change_of_password_changes_nothing(
    app: Flask, store: Store, change: dict[str, str], status: int
) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    form = {"current": PASSWORD, "password": "baru baru baru", "repeat": "baru baru baru"}
    browser = sign_in_as(app, user)
    assert post(browser, "/account/password", {**form, **change}).status_code == status
    assert accounts.get_user(store, user.id).session_version == user.session_version


def test_ones_own_language_wins_over_the_choice_of_this_browser(app: Flask, store: Store) -> None:
    browser = sign_in_as(app, add_person(store, "rina", "viewer"))
    post(browser, "/language/id")
    assert "Akun saya" in words(browser.get("/account"))
    assert post(browser, "/account/language", {"language": "en"}).status_code == 303
    assert "My account" in words(browser.get("/account"))
    post(browser, "/account/language", {"language": "xx"})
    assert "My account" in words(browser.get("/account"))
