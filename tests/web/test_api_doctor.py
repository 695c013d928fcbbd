"""The door of `survey doctor`: it says how a request arrived, and bears strangers."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from survey.app import create_app
from survey.domain.limits import CHUNK_BYTES
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.web import api_doctor
from survey.web.openapi import build_openapi

URL = "/api/v1/doctor"
LARGEST = CHUNK_BYTES[1]


def test_a_body_is_told_by_size_hash_and_pieces_and_kept_nowhere(
    client: FlaskClient, settings: Settings
) -> None:
    client.get(URL)  # opens what an instance keeps open
    before = sorted(settings.instance.rglob("*"))
    body = os.urandom(LARGEST)
    for method in ("PUT", "POST"):
        seen = client.open(URL, method=method, data=body).get_json()["request"]
        assert (seen["method"], seen["bytes"]) == (method, LARGEST)
        assert seen["sha256"] == hashlib.sha256(body).hexdigest()
        assert seen["arrivals"][-1][1] == LARGEST
    assert sorted(settings.instance.rglob("*")) == before


def test_the_answer_is_as_described(client: FlaskClient) -> None:
    document = build_openapi()
    schema = {"$ref": "#/components/schemas/Arrival", "components": document["components"]}
    answer = client.get(URL).get_json()
    Draft202012Validator(schema).validate(answer)
    worker = client.get("/sw.js").data
    assert answer["worker_sha256"] == hashlib.sha256(worker).hexdigest()
    assert set(document["paths"][URL]) == {"get", "put", "post"}


def test_a_packed_body_is_told_as_it_came(client: FlaskClient) -> None:
    packed = gzip.compress(b"x" * 5_000)
    answer = client.post(URL, data=packed, headers={"Content-Encoding": "gzip"}).get_json()
    assert answer["request"]["content_encoding"] == "gzip"
    assert answer["request"]["sha256"] == hashlib.sha256(packed).hexdigest()


def test_headers_of_an_upload_come_back_and_nothing_else_does(client: FlaskClient) -> None:
    response = client.head(URL, headers={"Upload-Offset": "5", "Upload-Length": "x<script>"})
    assert response.headers["Upload-Offset"] == "5"
    assert "Upload-Length" not in response.headers
    assert response.headers["X-Store-Id"]


def test_a_larger_body_is_refused_whether_it_says_so_or_not(client: FlaskClient) -> None:
    declared = client.put(URL, data=b"x" * (LARGEST + 1))
    assert (declared.status_code, declared.get_json()["code"]) == (413, "request.too_large")


@pytest.fixture
def behind_a_proxy(settings: Settings, store: Store) -> Flask:
    trusting = load_settings({"SURVEY_TRUSTED_PROXIES": "1"}, settings.instance)
    return create_app(trusting, store=store)


@pytest.mark.parametrize(
    ("forwarded", "address"), [("203.0.113.7", "203.0.113.7"), ("1.2.3.4, 9.9.9.9", "9.9.9.9")]
)
def test_what_a_trusted_proxy_says_is_told(
    behind_a_proxy: Flask, forwarded: str, address: str
) -> None:
    headers = {
        "X-Forwarded-For": forwarded,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "survei.example.go.id",
    }
    seen = behind_a_proxy.test_client().get(URL, headers=headers).get_json()["request"]
    assert (seen["address"], seen["scheme"]) == (address, "https")
    assert seen["host"] == "survei.example.go.id"


def test_without_a_trusted_proxy_forwarded_headers_are_not_believed(client: FlaskClient) -> None:
    seen = client.get(URL, headers={"X-Forwarded-For": "203.0.113.7"}).get_json()["request"]
    assert seen["address"] == "127.0.0.1"


def test_only_a_few_bodies_are_read_at_a_time(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_doctor, "_bodies", threading.BoundedSemaphore(1))
    with api_doctor._bodies:
        busy = client.put(URL, data=b"x")
        assert (busy.status_code, busy.get_json()["code"]) == (503, "server.busy")
        assert busy.headers["Retry-After"]
        assert client.get(URL).status_code == 200
    assert client.put(URL, data=b"x").status_code == 200


def test_a_body_that_never_ends_is_left(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_doctor, "LONGEST_S", -1)
    assert client.put(URL, data=b"x").status_code == 413
    monkeypatch.undo()
    assert client.put(URL, data=b"x").status_code == 200


def test_a_static_file_is_given_in_ranges(client: FlaskClient) -> None:
    address = next(url for url in client.application.extensions["survey"].static.list_for_phone())
    whole = client.get(address, headers={"Accept-Encoding": "identity"})
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = client.get(address, headers={"Range": "bytes=10-19", "Accept-Encoding": "identity"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.data)}"
    beyond = client.get(address, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
