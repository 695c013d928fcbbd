"""Bodies made to hurt: each gets its code, none costs more than an honest one."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload

URL = "/api/v1/records"
EMPTY = b'{"records": []}'


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def post(
    client: FlaskClient, phone: Enrolled, body: bytes, url: str = URL, **headers: str
) -> tuple[int, Any]:
    answer = client.post(
        url,
        data=body,
        headers={
            **phone.headers,
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )
    return answer.status_code, answer.json


def test_too_many_records_are_refused_before_each_is_read(
    client: FlaskClient, phone: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(_: object) -> None:
        raise AssertionError("a record was read")

    monkeypatch.setattr("survey.formats.wire._read_raw", read)
    monkeypatch.setattr("survey.formats.wire._read_object", read)
    for junk in ("0", '"\\ud800"'):
        body = b'{"records": [' + b",".join([junk.encode()] * 10_000) + b"]}"
        status, answer = post(client, phone, body)
        assert (status, answer["code"]) == (413, "request.too_large")


@pytest.mark.parametrize(
    "state",
    [
        '{"unsent_records": NaN, "clock": Infinity}',
        '{"unsent_records": ' + "9" * 5_000 + "}",
        '{"unsent_records": -1, "unsent_files": 1e400, "persisted": "yes", "clock": "yesterday"}',
        '{"app_version": "\\ud800\\u0000", "readiness": {"\\ud800": ["\\u0000"]}}',
        '{"readiness": {"checks": "' + "x" * 100_000 + '"}}',
        '"ready"',
        "[]",
        "null",
    ],
    ids=lambda text: text[:30],
)
def test_no_device_state_fails_its_batch(client: FlaskClient, phone: Enrolled, state: str) -> None:
    record = json.dumps(make_envelope(make_visit_payload()))
    body = f'{{"device_state": {state}, "records": [{record}]}}'.encode()
    status, answer = post(client, phone, body)
    assert (status, answer["results"][0]["result"]) == (200, "stored")


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(EMPTY)[:-1],
        gzip.compress(EMPTY)[:9],
        gzip.compress(EMPTY)[:-8] + bytes(8),
        gzip.compress(gzip.compress(EMPTY)),
        zlib.compress(EMPTY),
        EMPTY,
        b"",
    ],
    ids=["cut", "head only", "wrong sum", "twice", "zlib", "plain", "empty"],
)
def test_a_compressed_body_that_is_none_is_said(
    client: FlaskClient, phone: Enrolled, body: bytes
) -> None:
    status, answer = post(client, phone, body, Content_Encoding="gzip")
    assert (status, answer["code"]) == (400, "request.malformed")


def test_a_bomb_is_inflated_up_to_the_limit_only(client: FlaskClient, phone: Enrolled) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    status, answer = post(client, phone, bomb, Content_Encoding="gzip")
    assert (status, answer["code"]) == (413, "request.too_large")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "x", ""])
def test_an_unknown_encoding_is_said(client: FlaskClient, phone: Enrolled, encoding: str) -> None:
    status, answer = post(client, phone, EMPTY, Content_Encoding=encoding)
    assert (status, answer["code"]) == (415, "request.wrong_type")


@pytest.mark.parametrize("url", [URL, "/api/v1/enrol", f"{URL}/status"])
@pytest.mark.parametrize("filling", [b" ", b"["])
def test_ten_megabytes_are_too_large(
    client: FlaskClient, phone: Enrolled, url: str, filling: bytes
) -> None:
    status, answer = post(client, phone, filling * 10_000_000, url)
    assert (status, answer["code"], answer["status"]) == (413, "request.too_large", 413)


@pytest.mark.parametrize(
    "saved_at",
    [
        "0001-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        "1980-01-06T00:00:00.000Z",
        "2099-12-31T00:00:00.000Z",
        "9999-12-31T23:59:59.999-14:00",
        "2026-02-30T00:00:00.000Z",
        "٢٠٢٦-05-04T02:11:09.120Z",
    ],
)
def test_a_clock_out_of_its_mind_loses_no_visit(
    client: FlaskClient, store: Store, phone: Enrolled, saved_at: str
) -> None:
    payload = make_visit_payload(
        saved_at=saved_at,
        started_at=saved_at,
        clock={"server_offset_ms": 10**18, "server_contact_at": saved_at},
    )
    body = json.dumps({"records": [make_envelope(payload)]}).encode()
    status, answer = post(client, phone, body)
    assert (status, answer["results"][0]["result"]) == (200, "stored")
    assert store.reader().execute("SELECT count(*) FROM visits").fetchone()[0] == 1


PATHS = (
    "..%2f..%2fsurvey.db",
    "%2e%2e",
    "A" * 64,
    "a" * 63,
    "a" * 65,
    "a" * 64 + "%00",
    "a" * 64 + "%0a",
    "%D9%A0" * 64,
    "..",
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST"])
def test_a_hash_that_is_a_path_leads_nowhere(
    client: FlaskClient, phone: Enrolled, method: str
) -> None:
    headers = {
        **phone.headers,
        "Upload-Offset": "0",
        "Upload-Length": "1",
        "X-File-Kind": "photo",
        "Content-Type": "image/jpeg",
    }
    for path in PATHS:
        answer = client.open(f"/api/v1/files/{path}", method=method, headers=headers, data=b"x")
        assert answer.status_code == 404, path


def test_the_largest_record_alone_is_taken(client: FlaskClient, phone: Enrolled) -> None:
    """Bodies of the wire are larger than any form may be."""
    payload = make_visit_payload(padding="x" * 950_000)
    body = json.dumps({"records": [make_envelope(payload)]}).encode()
    status, answer = post(client, phone, body)
    assert (status, answer["results"][0]["result"]) == (200, "stored")


def test_a_photo_of_megabytes_in_one_piece_is_taken(client: FlaskClient, phone: Enrolled) -> None:
    photo = bytes(3_000_000)
    headers = {
        **phone.headers,
        "Upload-Offset": "0",
        "Upload-Length": str(len(photo)),
        "X-File-Kind": "photo",
        "Content-Type": "image/jpeg",
    }
    url = f"/api/v1/files/{hashlib.sha256(photo).hexdigest()}"
    assert client.put(url, data=photo, headers=headers).status_code == 201
