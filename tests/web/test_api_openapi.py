"""The wire's description holds for real answers: each is checked against its schema."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from survey.domain.problems import PROBLEMS
from survey.settings import Settings
from survey.store.connection import Store
from survey.web.openapi import build_openapi
from tests.factories import (
    Enrolled,
    add_officer,
    enrol_officer,
    make_envelope,
    make_visit_payload,
    new_device_id,
    new_token,
)


def check(schema: str, value: Any) -> None:
    document = build_openapi()
    Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    ).validate(value)


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def test_the_description_itself_is_sound(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document == build_openapi()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_ping_is_as_described(client: FlaskClient) -> None:
    check("Ping", client.get("/api/v1/ping").json)


def test_enrolment_is_as_described(client: FlaskClient, store: Store, settings: Settings) -> None:
    from survey.services.enrolling import create_code
    from tests.factories import NOW

    officer = add_officer(store, "budi")
    body = {
        "code": create_code(store, settings, officer.id, NOW, actor="cli"),
        "device_id": new_device_id(),
        "token": new_token(),
        "phone": {"model": "Redmi 9A"},
    }
    check("Enrolment", body)
    for status in (201, 200):
        answer = client.post("/api/v1/enrol", json=body)
        assert answer.status_code == status
        check("Enrolled", answer.json)
    other = client.post("/api/v1/enrol", json={**body, "device_id": new_device_id()})
    assert (other.status_code, other.json["code"]) == (409, "enrol.used_code")


def test_every_result_of_a_batch_is_as_described(client: FlaskClient, phone: Enrolled) -> None:
    payload = make_visit_payload(photos=[{"sha256": "b" * 64, "kind": "site"}])
    stored = make_envelope(payload, token=phone.token)
    check("Record", stored)
    conflict = make_envelope({**payload, "note": "x"}, revision=2, base="c" * 64)
    batch = [stored, stored, conflict, make_envelope("{"), {"id": 1}, None]
    answer = client.post("/api/v1/records", json={"records": batch}, headers=phone.headers)
    check("Results", answer.json)
    assert {result["result"] for result in answer.json["results"]} == {
        "stored",
        "already_stored",
        "conflict",
        "quarantined",
        "refused",
    }
    status = client.post(
        "/api/v1/records/status",
        json={"records": [{"id": stored["id"], "sha256": stored["sha256"]}]},
        headers=phone.headers,
    )
    check("Status", status.json)
    assert status.json["records"][0]["missing_files"] == ["b" * 64]


def test_the_feed_is_as_described(client: FlaskClient, phone: Enrolled) -> None:
    client.post(
        "/api/v1/records",
        json={"records": [make_envelope(make_visit_payload())]},
        headers=phone.headers,
    )
    check("Changes", client.get("/api/v1/changes", headers=phone.headers).json)


@pytest.mark.parametrize("url", ["/api/v1/changes", "/api/v1/none", "/api/v1/files/xyz"])
def test_every_error_is_as_described(client: FlaskClient, url: str) -> None:
    answer = client.get(url).json
    check("Error", answer)
    assert answer["code"] in PROBLEMS


def test_a_file_is_taken_as_described(client: FlaskClient, phone: Enrolled) -> None:
    data = b"a photo"
    sha256 = hashlib.sha256(data).hexdigest()
    document = build_openapi()["paths"]["/api/v1/files/{sha256}"]
    headers = {
        "Upload-Offset": "0",
        "Upload-Length": str(len(data)),
        "X-File-Kind": "photo",
        "Content-Type": "image/jpeg",
    }
    described = {p["name"] for p in document["put"]["parameters"] if p["in"] == "header"}
    assert described == set(headers) - {"Content-Type"}
    answer = client.put(f"/api/v1/files/{sha256}", data=data, headers=phone.headers | headers)
    assert str(answer.status_code) in document["put"]["responses"]
