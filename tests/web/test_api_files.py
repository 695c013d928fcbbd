"""Files on the wire: resumable at the byte, believed only after the hash."""

from __future__ import annotations

import hashlib
import os

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload

PHOTO = os.urandom(100_000)
SHA256 = hashlib.sha256(PHOTO).hexdigest()
URL = f"/api/v1/files/{SHA256}"


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def put(
    client: FlaskClient,
    phone: Enrolled,
    data: bytes,
    offset: int,
    length: int = len(PHOTO),
    **more: str,
) -> TestResponse:
    url = more.pop("url", URL)
    method = more.pop("method", "PUT")
    headers = {
        **phone.headers,
        "Upload-Offset": str(offset),
        "Upload-Length": str(length),
        "Content-Type": "image/jpeg",
        "X-File-Kind": "photo",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return client.open(url, method=method, data=data, headers=headers)


def test_a_file_in_two_chunks_is_complete_after_the_second(
    client: FlaskClient, phone: Enrolled
) -> None:
    assert client.head(URL, headers=phone.headers).status_code == 404
    first = put(client, phone, PHOTO[:64_000], 0)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "64000")
    state = client.head(URL, headers=phone.headers)
    assert (state.status_code, state.headers["Upload-Offset"], state.headers["Upload-Length"]) == (
        200,
        "64000",
        "100000",
    )
    assert put(client, phone, PHOTO[64_000:], 64_000).status_code == 201
    state = client.head(URL, headers=phone.headers)
    assert state.headers["Upload-Offset"] == state.headers["Upload-Length"] == "100000"
    with client.get(URL, headers=phone.headers) as answer:
        assert answer.data == PHOTO


def test_a_complete_file_sent_again_is_known(client: FlaskClient, phone: Enrolled) -> None:
    assert put(client, phone, PHOTO, 0).status_code == 201
    assert put(client, phone, PHOTO, 0).status_code == 200


def test_a_wrong_offset_is_told_the_right_one(client: FlaskClient, phone: Enrolled) -> None:
    put(client, phone, PHOTO[:1000], 0)
    answer = put(client, phone, PHOTO[500:], 500)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "1000")
    assert answer.json["code"] == "file.wrong_offset"
    assert put(client, phone, PHOTO[1000:], 1000).status_code == 201


def test_wrong_bytes_start_again(client: FlaskClient, phone: Enrolled) -> None:
    answer = put(client, phone, bytes(len(PHOTO)), 0)
    assert (answer.status_code, answer.json["code"]) == (422, "file.wrong_hash")
    assert client.head(URL, headers=phone.headers).status_code == 404
    assert put(client, phone, PHOTO, 0).status_code == 201


def test_more_bytes_than_declared_are_refused(client: FlaskClient, phone: Enrolled) -> None:
    answer = put(client, phone, PHOTO, 0, length=50_000)
    assert (answer.status_code, answer.json["code"]) == (413, "file.too_large")
    assert put(client, phone, PHOTO, 0).status_code == 201


def test_a_declared_length_over_the_limit_is_refused_before_a_byte(
    client: FlaskClient, phone: Enrolled
) -> None:
    assert put(client, phone, b"x", 0, length=25_000_001).status_code == 413


def test_post_is_the_twin_of_put(client: FlaskClient, phone: Enrolled) -> None:
    assert put(client, phone, PHOTO, 0, method="POST").status_code == 201


def test_partial_files_belong_to_one_phone(
    client: FlaskClient, store: Store, settings: Settings, phone: Enrolled
) -> None:
    put(client, phone, PHOTO[:1000], 0)
    other = enrol_officer(store, settings, "budi")
    assert client.head(URL, headers=other.headers).status_code == 404
    assert put(client, other, PHOTO, 0).status_code == 201
    assert put(client, phone, PHOTO[1000:], 1000).status_code == 201


def test_a_file_of_another_officer_is_unknown_to_me(
    client: FlaskClient, store: Store, settings: Settings, phone: Enrolled
) -> None:
    put(client, phone, PHOTO, 0)
    other = enrol_officer(store, settings, "budi")
    answer = client.get(URL, headers=other.headers)
    assert (answer.status_code, answer.json["code"]) == (404, "file.not_found")


def test_a_file_is_served_as_a_download_that_runs_nothing(
    client: FlaskClient, phone: Enrolled
) -> None:
    page = b"<script>alert(1)</script>"
    sha256 = hashlib.sha256(page).hexdigest()
    url = f"/api/v1/files/{sha256}"
    put(client, phone, page, 0, length=len(page), url=url, Content_Type="text/html")
    with client.get(url, headers=phone.headers) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    ["../../secret_key", "..%2f..%2fsecret_key", "A" * 64, "a" * 63, "a" * 65, "%00" + "a" * 63],
)
def test_a_name_that_is_no_hash_reaches_no_file(
    client: FlaskClient, phone: Enrolled, name: str
) -> None:
    url = f"/api/v1/files/{name}"
    assert put(client, phone, b"x", 0, length=1, url=url).status_code in (404, 405)
    assert client.get(url, headers=phone.headers).status_code == 404


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Upload_Offset", "-1"),
        ("Upload_Offset", "0x10"),
        ("Upload_Offset", "١"),
        ("Upload_Length", "0"),
        ("Upload_Length", "1e3"),
        ("X_File_Kind", "virus"),
        ("Content_Type", "not a type"),
    ],
)
def test_a_bad_header_is_named(
    client: FlaskClient, phone: Enrolled, header: str, value: str
) -> None:
    answer = put(client, phone, PHOTO, 0, **{header: value.encode().decode("latin-1")})
    assert (answer.status_code, answer.json["code"]) == (400, "request.malformed")
    assert answer.json["errors"][0]["field"] == header.replace("_", "-")


def test_a_record_says_which_of_its_files_are_missing(client: FlaskClient, phone: Enrolled) -> None:
    payload = make_visit_payload(
        photos=[{"sha256": SHA256, "thumbnail_sha256": None, "kind": "site"}]
    )
    envelope = make_envelope(payload, token=phone.token)

    def send() -> list[str]:
        answer = client.post("/api/v1/records", json={"records": [envelope]}, headers=phone.headers)
        missing: list[str] = answer.json["results"][0]["missing_files"]
        return missing

    assert send() == [SHA256]
    put(client, phone, PHOTO, 0)
    assert send() == []
