"""The office's pages under hostile addresses, forms and texts: refused kindly, shown as text."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.settings import Settings
from survey.store.connection import Store
from survey.store.users import User
from survey.web import security
from tests.factories import FixedClock
from tests.office_kit import Office, open_office
from tests.people_kit import add_person, csrf_token, post, sign_in_as

HUGE = "9" * 40
VALUES = ("x", "..%2f..%2fetc%2fpasswd", "%00", "%ff%fe", HUGE, "-1", "a" * 3_000, "%0d%0aX-A:b")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE")
HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cache-Control",
)


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def boss(store: Store) -> User:
    return add_person(store, "boss", "admin", "supervisor")


@pytest.fixture
def desk(app: Flask, boss: User) -> FlaskClient:
    return sign_in_as(app, boss)


@pytest.mark.parametrize("method", METHODS)
def test_no_address_with_any_value_and_method_is_a_mistake_of_ours(
    app: Flask, desk: FlaskClient, office: Office, method: str
) -> None:
    values = (*VALUES, office.receive()["id"], office.officer.id)
    form = {"csrf_token": csrf_token(desk), "seq": HUGE, "decision": "approved", "name": "\0"}
    for rule in app.url_map.iter_rules():
        if rule.rule == "/sign-out":
            continue
        for value in values if "<" in rule.rule else ("",):
            path = re.sub(r"<[^>]+>", value, rule.rule)
            with desk.open(path, method=method, data=form if method == "POST" else None) as answer:
                assert answer.status_code < 500, f"{method} {path[:80]}"
                missing = [name for name in HEADERS if name not in answer.headers]
                assert missing == [], f"{method} {path[:80]}"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/campaigns", {"name": "\0"}),
        ("/areas/13.11.01/areas", {"name": "a\0b", "level": "jorong"}),
        ("/people", {"username": "budi", "name": "x\0y", "roles": "officer"}),
        ("/sign-in", {"username": "\0", "password": "x"}),
    ],
)
def test_nul_in_a_form_is_refused(desk: FlaskClient, path: str, form: dict[str, str]) -> None:
    assert post(desk, path, form).status_code == 400


def test_a_row_number_no_store_can_hold_is_not_found(desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive()["id"]
    form = {"choice": "keep_head", "seq": "1", "reason": "x"}
    assert post(desk, f"/phones/{HUGE}/revoke").status_code == 404
    assert post(desk, f"/visits/{visit_id}/conflicts/{HUGE}", form).status_code == 404


def test_a_range_that_is_none_is_no_mistake_of_the_server(
    client: FlaskClient, office: Office
) -> None:
    headers = {**office.phone.headers, "Upload-Offset": "0", "Upload-Length": "3"}
    url = "/api/v1/files/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    more = {"X-File-Kind": "photo", "Content-Type": "image/jpeg"}
    assert client.put(url, data=b"abc", headers={**headers, **more}).status_code == 201
    answer = client.get(url, headers={**office.phone.headers, "Range": "bytes=9-"})
    assert (answer.status_code, answer.json["code"]) == (416, "request.malformed")


@pytest.mark.parametrize("path", ["/sign-in", "/areas/import", "/language/id", "/nothing"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_of_a_million_fields_is_too_large_for_strangers(
    client: FlaskClient, path: str, kind: str
) -> None:
    answer = client.post(path, data=b"a&" * 500_000, content_type=f"{kind}; boundary=a")
    assert answer.status_code == 413


def test_an_admin_may_send_a_large_file_but_no_large_form(desk: FlaskClient) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        + csrf_token(desk).encode()
        + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="areas.csv"\r\n\r\n'
        + b"level,name\n"
        + b"jorong,Koto\n" * 50_000
        + b"\r\n--b--\r\n"
    )
    kind = "multipart/form-data; boundary=b"
    assert desk.post("/areas/import", data=body, content_type=kind).status_code == 422
    plain = "application/x-www-form-urlencoded"
    assert desk.post("/areas/import", data=b"a&" * 500_000, content_type=plain).status_code == 413


@pytest.mark.parametrize("said", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"])
def test_a_phone_with_a_mad_clock_breaks_no_page(
    client: FlaskClient, desk: FlaskClient, office: Office, said: str
) -> None:
    state = {"clock": said, "readiness": {"ready": True, "at": said}}
    body = {"device_state": state, "records": []}
    answer = client.post("/api/v1/records", json=body, headers=office.phone.headers)
    assert answer.status_code == 200
    assert desk.get("/phones").status_code == 200
    assert desk.get(f"/people/{office.officer.id}").status_code == 200


def test_every_form_needs_its_csrf_token(app: Flask, desk: FlaskClient, office: Office) -> None:
    visit_id = office.receive()["id"]
    doors = [
        re.sub(r"<[^>]+>", "1", rule.rule).replace("/visits/1", f"/visits/{visit_id}")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.startswith(("/api/", "/app"))
    ]
    assert len(doors) > 20
    audit = office.store.reader().execute("SELECT max(seq) FROM audit").fetchone()[0]
    for door in doors:
        for form in ({}, {"csrf_token": ""}, {"csrf_token": "IjAi.aaaaaa.bbbbbb"}):
            answer = desk.post(door, data={**form, "decision": "approved", "seq": "1"})
            assert answer.status_code == 400, door
    assert audit == office.store.reader().execute("SELECT max(seq) FROM audit").fetchone()[0]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\r\nX-A: b",
        "https://evil.example",
        "javascript:alert(1)",
        "",
    ],
)
def test_choosing_a_language_leads_to_no_other_site(client: FlaskClient, target: str) -> None:
    answer = post(client, "/language/en", {"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("path", ["/app//", "/people/", "/queue//", "/sign-in/"])
def test_no_redirect_names_the_host_that_was_asked_for(desk: FlaskClient, path: str) -> None:
    answer = desk.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.status_code in (308, 404)
    assert "evil.example" not in answer.headers.get("Location", "")
    assert "evil.example" not in answer.text


def test_too_many_slow_forms_leave_room_for_pages_and_phones(
    client: FlaskClient, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "_forms", threading.BoundedSemaphore(1))
    assert post(client, "/language/en").status_code == 303  # a turn is given back
    token = csrf_token(client)
    with security._forms:
        for path in ("/sign-in", "/language/en", "/api/v1/enrol"):
            answer = client.post(path, data={"csrf_token": token})
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert client.get("/sign-in").status_code == 200
        body = {"records": []}
        answer = client.post("/api/v1/records", json=body, headers=office.phone.headers)
        assert answer.status_code == 200
    assert post(client, "/language/en").status_code == 303
