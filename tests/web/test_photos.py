"""Photos at the door: safe pictures with safe headers, a note where there is none."""

from __future__ import annotations

import hashlib
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom, insert_file, mark_erased
from tests.factories import FixedClock
from tests.office_kit import Office, open_office
from tests.people_kit import sign_in_as


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


@pytest.fixture
def desk(app: Flask, office: Office) -> FlaskClient:
    return sign_in_as(app, office.supervisor)


def send_photo(office: Office, data: bytes) -> str:
    """Let a visit with a photo and the photo's bytes arrive."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = FileRoom(office.settings.instance).path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    office.store.write(
        lambda connection: insert_file(
            connection,
            sha256=sha256,
            kind="photo",
            content_type="text/html",
            size=len(data),
            officer_key=office.officer.key,
            device_key=None,
            now=office.clock(),
        )
    )
    office.receive(photos=[{"sha256": sha256, "kind": "site"}])
    return sha256


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "WEBP")
    return out.getvalue()


@pytest.mark.parametrize("size", ["", "/thumbnail"])
def test_photo_is_a_jpeg_in_a_sandbox_whatever_the_phone_called_it(
    desk: FlaskClient, office: Office, size: str
) -> None:
    sha256 = send_photo(office, picture())
    answer = desk.get(f"/photos/{sha256}{size}")
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert answer.data[:3] == b"\xff\xd8\xff"
    assert answer.data != picture()
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"].startswith("private")


def test_photo_seen_before_is_not_sent_again(desk: FlaskClient, office: Office) -> None:
    sha256 = send_photo(office, picture())
    etag = desk.get(f"/photos/{sha256}").headers["ETag"]
    again = desk.get(f"/photos/{sha256}", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_photo_that_has_not_arrived_is_a_drawn_note_with_404(
    desk: FlaskClient, office: Office
) -> None:
    office.receive(photos=[{"sha256": "a" * 64, "kind": "site"}])
    answer = desk.get(f"/photos/{'a' * 64}")
    assert (answer.status_code, answer.mimetype) == (404, "image/svg+xml")
    assert "Belum sampai" in answer.text
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("data", [b"<script>alert(1)</script>", picture()[:60]])
def test_bytes_that_are_no_picture_are_a_drawn_note_with_422(
    desk: FlaskClient, office: Office, data: bytes
) -> None:
    sha256 = send_photo(office, data)
    answer = desk.get(f"/photos/{sha256}")
    assert (answer.status_code, answer.mimetype) == (422, "image/svg+xml")
    assert "script" not in answer.text


def test_erased_photo_is_a_drawn_note_with_410(desk: FlaskClient, office: Office) -> None:
    sha256 = send_photo(office, picture())
    office.store.write(lambda connection: mark_erased(connection, sha256, office.clock()))
    answer = desk.get(f"/photos/{sha256}")
    assert (answer.status_code, answer.mimetype) == (410, "image/svg+xml")


@pytest.mark.parametrize(
    "name", ["0" * 64, "A" * 64, "..%2f..%2fsurvey.db", "secret_key", "a" * 63, "%00"]
)
def test_what_no_visit_names_is_not_found(desk: FlaskClient, office: Office, name: str) -> None:
    send_photo(office, picture())
    answer = desk.get(f"/photos/{name}")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
