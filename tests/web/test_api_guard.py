"""Who reaches the wire: tokens, foreign sites, one shape of errors, a true description."""

from __future__ import annotations

import re
import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.domain.problems import PROBLEMS
from survey.services.accounts import disable_user
from survey.services.enrolling import authenticate_device, revoke_device
from survey.services.setup import renew_store_id
from survey.settings import Settings
from survey.store.connection import Store
from survey.web.openapi import build_openapi
from tests.factories import NOW, Enrolled, enrol_officer, make_envelope, make_visit_payload

SHA = "a" * 64
ERROR_FIELDS = {"ok", "code", "message", "errors", "status", "store_id", "time"}
GUARDED = [
    ("POST", "/api/v1/records"),
    ("POST", "/api/v1/records/status"),
    ("GET", "/api/v1/changes"),
    ("GET", f"/api/v1/files/{SHA}"),
    ("PUT", f"/api/v1/files/{SHA}"),
    ("POST", f"/api/v1/files/{SHA}"),
]


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def assert_shape(answer, status: int, code: str) -> None:  # type: ignore[no-untyped-def]
    assert answer.status_code == status, answer.text
    assert len(answer.headers["X-Store-Id"]) == 32
    assert answer.mimetype == "application/json"
    assert set(answer.json) == ERROR_FIELDS
    assert (answer.json["ok"], answer.json["code"], answer.json["status"]) == (False, code, status)
    assert (answer.json["store_id"], answer.json["time"]) == (answer.headers["X-Store-Id"], NOW)
    assert code in PROBLEMS


@pytest.mark.parametrize(("method", "url"), GUARDED)
@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "auth.missing"),
        ("Basic c2FyaTpzYXJp", "auth.missing"),
        ("Bearer", "auth.missing"),
        ("Bearer " + "x" * 43, "auth.revoked"),
        ("Bearer " + "x" * 5000, "auth.revoked"),
    ],
)
def test_nobody_enters_without_a_token(
    client: FlaskClient, method: str, url: str, header: str | None, code: str
) -> None:
    headers = {"Authorization": header} if header else {}
    assert_shape(client.open(url, method=method, headers=headers), 401, code)


def test_revoking_works_at_the_next_request(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    assert client.get("/api/v1/changes", headers=phone.headers).status_code == 200
    revoke_device(store, authenticate_device(store, phone.token, NOW).key, NOW, actor="cli")
    assert_shape(client.get("/api/v1/changes", headers=phone.headers), 401, "auth.revoked")


def test_a_disabled_officer_is_told_so(client: FlaskClient, store: Store, phone: Enrolled) -> None:
    disable_user(store, phone.officer_id, NOW, actor="cli")
    answer = client.get("/api/v1/changes", headers=phone.headers)
    assert_shape(answer, 401, "auth.disabled")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_make_a_browser_send(
    client: FlaskClient, phone: Enrolled, site: str
) -> None:
    answer = client.post(
        "/api/v1/records",
        json={"records": [make_envelope(make_visit_payload())]},
        headers={**phone.headers, "Sec-Fetch-Site": site},
    )
    assert_shape(answer, 403, "request.foreign_site")


@pytest.mark.parametrize(
    ("method", "url", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "request.not_found"),
        ("GET", "/api/v2/ping", 404, "request.not_found"),
        ("DELETE", "/api/v1/records", 405, "request.method"),
        ("POST", "/api/v1/ping", 405, "request.method"),
    ],
)
def test_an_unknown_door_has_the_same_shape(
    client: FlaskClient, method: str, url: str, status: int, code: str
) -> None:
    assert_shape(client.open(url, method=method), status, code)


def test_a_mistake_of_ours_shows_no_traceback(
    client: FlaskClient, phone: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("survey.web.api.list_changes_for", fail)
    answer = client.get("/api/v1/changes", headers=phone.headers)
    assert_shape(answer, 500, "server.error")
    assert "secret inside" not in answer.text
    assert "Traceback" not in answer.text


def test_every_door_of_the_wire_is_described(app: Flask) -> None:
    described = {
        (method.upper(), path)
        for path, operations in build_openapi()["paths"].items()
        for method in operations
    }
    doors = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"OPTIONS"}
    }
    # Flask answers HEAD wherever it answers GET; only files give it a meaning of its own.
    doors -= {(m, p) for m, p in doors if m == "HEAD" and "/files/" not in p}
    assert described == doors


def test_ping_says_who_is_here(client: FlaskClient) -> None:
    answer = client.get("/api/v1/ping").json
    assert (answer["ok"], answer["name"], answer["time"]) == (True, "Jejak Sinyal", NOW)
    assert len(answer["store_id"]) == 32


def test_a_restored_server_is_known_by_its_refusals_too(
    client: FlaskClient, store: Store, phone: Enrolled
) -> None:
    before = client.get("/api/v1/ping").json["store_id"]
    renewed = store.write(renew_store_id)
    assert renewed != before
    refused = client.post("/api/v1/records", json={}, headers=phone.headers)
    assert (refused.status_code, refused.json["store_id"]) == (400, renewed)
    absent = client.head(f"/api/v1/files/{SHA}", headers=phone.headers)
    assert (absent.status_code, absent.headers["X-Store-Id"]) == (404, renewed)


def test_a_store_that_cannot_be_read_still_answers_in_the_one_shape(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(store, "reader", fail)
    answer = client.get("/api/v1/ping")
    assert (answer.status_code, answer.json["code"]) == (500, "server.error")
    assert (answer.json["store_id"], "X-Store-Id" in answer.headers) == (None, False)


@pytest.mark.parametrize("cursor", ["nonsense", "AAAA", "%00", "x" * 5000, "==="])
def test_an_unknown_cursor_is_said(client: FlaskClient, phone: Enrolled, cursor: str) -> None:
    answer = client.get(f"/api/v1/changes?cursor={cursor}", headers=phone.headers)
    assert_shape(answer, 400, "cursor.unknown")


@pytest.mark.parametrize("limit", ["0", "501", "-1", "ten", ""])
def test_a_limit_out_of_range_is_said(client: FlaskClient, phone: Enrolled, limit: str) -> None:
    answer = client.get(f"/api/v1/changes?limit={limit}", headers=phone.headers)
    assert_shape(answer, 400, "request.malformed")
