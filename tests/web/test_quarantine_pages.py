"""The office's pages of records that cannot be read."""

from __future__ import annotations

import html

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload
from tests.people_kit import add_person, csrf_token, sign_in_as
from tests.sending import send


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


@pytest.fixture
def supervisor(app: Flask, store: Store) -> FlaskClient:
    return sign_in_as(app, add_person(store, "yanti", "supervisor"))


def text_of(response: TestResponse, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(html.unescape(response.get_data(as_text=True)).split())


def test_without_unreadable_records_the_office_is_told_so_and_nothing_else(
    supervisor: FlaskClient,
) -> None:
    assert "Semua catatan yang sampai bisa dibaca." in text_of(supervisor.get("/quarantine"))
    assert "tidak terbaca" not in text_of(supervisor.get("/queue"))
    assert supervisor.get("/quarantine/1").status_code == 404


def test_who_when_from_which_phone_and_why_stand_on_the_list_and_on_the_queue(
    store: Store, settings: Settings, supervisor: FlaskClient, phone: Enrolled
) -> None:
    send(store, settings, phone, make_envelope("{", token=phone.token))
    send(store, settings, phone, make_envelope(make_visit_payload(), schema=7, token=phone.token))
    page = text_of(supervisor.get("/quarantine"))
    for words in ("Sari", "4 Mei 2026 10.00", "Redmi 9A", "Teksnya rusak", "aplikasi yang lebih"):
        assert words in page
    queue = text_of(supervisor.get("/queue"))
    assert "2 catatan sampai tetapi tidak terbaca." in queue
    assert 'href="/quarantine"' in queue
    assert '<span class="badge">2</span>' in text_of(supervisor.get("/phones"))
    assert "Perbarui server." in text_of(supervisor.get("/quarantine/2"))


def test_a_remark_settles_a_record_and_an_empty_one_does_not(
    store: Store, settings: Settings, supervisor: FlaskClient, phone: Enrolled
) -> None:
    send(store, settings, phone, make_envelope("{", token=phone.token))
    token = csrf_token(supervisor)
    empty = supervisor.post("/quarantine/1", data={"csrf_token": token, "remark": " "})
    assert "Tulis apa yang Anda ketahui." in text_of(empty, 422)
    done = supervisor.post(
        "/quarantine/1", data={"csrf_token": token, "remark": "<b>Disimpan</b> lagi."}
    )
    assert done.status_code == 303
    page = supervisor.get("/quarantine").get_data(as_text=True)
    assert "&lt;b&gt;Disimpan&lt;/b&gt; lagi." in page
    assert "Sudah dilihat" in page
    assert "Yanti" in text_of(supervisor.get("/quarantine/1"))
    assert "tidak terbaca" not in text_of(supervisor.get("/queue"))


def test_the_download_is_the_bytes_and_is_never_shown_as_a_page(
    store: Store, settings: Settings, supervisor: FlaskClient, phone: Enrolled
) -> None:
    payload = "<script>alert(1)</script>"
    send(store, settings, phone, make_envelope(payload, token=phone.token))
    response = supervisor.get("/quarantine/1/download")
    assert response.data == payload.encode()
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_record_by_a_rescue_file_has_no_phone_and_odd_envelopes_show_too(
    store: Store, supervisor: FlaskClient, phone: Enrolled
) -> None:
    for number, envelope in enumerate(("{}", "broken", '{"kind": "<i>", "schema": "x"}')):
        store.write(
            lambda c, values=(str(number), "0" * 64, "?", envelope): c.execute(  # type: ignore[misc]
                "INSERT INTO quarantine (record_id, sha256, why, envelope, payload, officer_key,"
                " received_at) SELECT ?, ?, ?, ?, x'7b', key, '2026-05-04T03:00:00.000Z'"
                " FROM users WHERE username = 'sari'",
                values,
            )
        )
    assert "&lt;i&gt;" in supervisor.get("/quarantine").get_data(as_text=True)
    for key in (1, 2, 3):
        assert "lewat berkas penyelamat" in text_of(supervisor.get(f"/quarantine/{key}"))


def test_viewers_and_officers_have_no_business_here(app: Flask, store: Store) -> None:
    for role in ("viewer", "officer"):
        client = sign_in_as(app, add_person(store, f"the.{role}", role))
        assert client.get("/quarantine").status_code == 403
