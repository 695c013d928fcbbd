"""When the server itself is in trouble: one shape, no traceback, nothing secret in the log."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient

from survey.services.accounts import create_link
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import NOW, Enrolled, add_staff, enrol_officer, make_envelope
from tests.factories import make_visit_payload as visit
from tests.people_kit import post

FAILURES = [
    (sqlite3.OperationalError("database is locked"), 503, "server.busy"),
    (sqlite3.OperationalError("database or disk is full"), 507, "server.disk_full"),
    (OSError(errno.ENOSPC, "No space left on device"), 507, "server.disk_full"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), 507, "server.disk_full"),
    (sqlite3.OperationalError("disk I/O error"), 500, "server.error"),
    (sqlite3.DatabaseError("database disk image is malformed"), 500, "server.error"),
    (RuntimeError("secret words"), 500, "server.error"),
]


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


@contextmanager
def failing(store: Store, error: Exception, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(_: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(store, "write", fail)
        yield


@pytest.mark.parametrize(("error", "status", "code"), FAILURES)
def test_trouble_has_the_one_shape_and_the_phone_keeps_its_record(
    client: FlaskClient,
    store: Store,
    phone: Enrolled,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
) -> None:
    body = {"records": [make_envelope(visit())]}
    with failing(store, error, monkeypatch):
        answer = client.post("/api/v1/records", json=body, headers=phone.headers)
    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (
        status,
        code,
        status,
    )
    assert set(answer.json) >= {"ok", "code", "message", "errors", "status", "store_id"}
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    again = client.post("/api/v1/records", json=body, headers=phone.headers)
    assert again.json["results"][0]["result"] == "stored"


@pytest.mark.parametrize(("error", "status", "code"), FAILURES)
def test_trouble_shows_people_a_page_and_the_log_no_secret(
    client: FlaskClient,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    code: str,
) -> None:
    user = add_staff(store, "yanti", "supervisor")
    token = create_link(store, user.id, NOW, actor="cli")
    form = {"name": "Yanti", "password": "rahasia sekali", "repeat": "rahasia sekali"}
    with failing(store, error, monkeypatch):
        answer = post(client, f"/welcome/{token}", form)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    for text in (answer.text, caplog.text):
        assert token not in text
        assert "rahasia" not in text
    assert "Traceback" not in answer.text
    assert "/welcome/<token>" in caplog.text
