"""The page of exports and its download: who may, what comes, what is refused."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import add_staff, enrol_officer, make_visit_payload
from tests.gpx_rules import check_gpx
from tests.people_kit import sign_in_as
from tests.sending import send_visit


@pytest.fixture
def visit(store: Store, settings: Settings) -> str:
    """A visit that an officer sent, with a companion; its id."""
    payload = make_visit_payload(companions=["Datuak Basa"])
    send_visit(store, settings, enrol_officer(store, settings), payload)
    visit_id: str = payload["id"]
    return visit_id


def browser_of(app: Flask, store: Store, role: str) -> FlaskClient:
    return sign_in_as(app, add_staff(store, f"some-{role}", role))


@pytest.mark.parametrize("role", ["supervisor", "admin", "viewer"])
def test_staff_download_gpx(app: Flask, store: Store, visit: str, role: str) -> None:
    response = browser_of(app, store, role).get("/exports/download?format=gpx")

    assert response.status_code == 200
    assert response.content_type == "application/gpx+xml"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=jejak-sinyal-")
    assert len(response.data) == response.content_length
    assert len(check_gpx(response.data).findall("{*}wpt")) == 1


def test_the_page_offers_what_the_instance_has(app: Flask, store: Store, visit: str) -> None:
    page = browser_of(app, store, "supervisor").get("/exports").get_data(as_text=True)

    assert "Lubuk Gadang" in page
    assert ">Sari</option>" in page
    assert "Latihan" not in page
    assert 'name="personal"' in page


def test_a_viewer_sees_no_name_of_an_officer(app: Flask, store: Store, visit: str) -> None:
    browser = browser_of(app, store, "viewer")
    page = browser.get("/exports").get_data(as_text=True)

    assert ">Sari</option>" not in page
    assert ">petugas-" in page
    assert 'name="personal"' not in page
    for name in ("gpx", "csv", "geojson"):
        text = browser.get(f"/exports/download?format={name}").get_data(as_text=True)
        assert visit in text
        assert "Sari" not in text
        assert "Datuak Basa" not in text


def test_a_viewer_cannot_ask_for_personal_data(app: Flask, store: Store, visit: str) -> None:
    response = browser_of(app, store, "viewer").get("/exports/download?format=csv&personal=y")

    assert response.status_code == 403


def test_a_supervisor_gets_personal_data_when_asked(app: Flask, store: Store, visit: str) -> None:
    response = browser_of(app, store, "supervisor").get("/exports/download?format=csv&personal=y")
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))

    assert {row["officer"] for row in rows} == {"Sari"}
    assert {row["companions"] for row in rows} == {"Datuak Basa"}
    assert "-personal.csv" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "query",
    [
        "format=pdf",
        "format=csv&area=99.99",
        "format=csv&campaign=nothing",
        "format=csv&officer=nobody",
        "format=csv&from=yesterday",
        "format=csv&from=2026-05-05&to=2026-05-04",
        "format=csv&state=lost",
    ],
)
def test_a_fault_in_the_filters_shows_the_page_again(
    app: Flask, store: Store, visit: str, query: str
) -> None:
    response = browser_of(app, store, "viewer").get(f"/exports/download?{query}")

    assert response.status_code == 422
    assert "/exports/download" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("area=13.11", 1),
        ("area=13.11.07", 0),
        ("from=2026-05-04&to=2026-05-04", 1),
        ("from=2026-05-05", 0),
        ("state=received", 1),
        ("state=approved&state=rejected", 0),
    ],
)
def test_filters_choose_the_visits(
    app: Flask, store: Store, visit: str, query: str, count: int
) -> None:
    response = browser_of(app, store, "viewer").get(f"/exports/download?format=geojson&{query}")

    assert len(response.json["features"]) == count


def test_an_officer_and_a_stranger_stay_outside(app: Flask, store: Store, visit: str) -> None:
    target = "/exports/download?format=gpx"

    assert browser_of(app, store, "officer").get(target).status_code == 403
    answer = app.test_client().get(target)
    assert answer.status_code == 302
    assert quote(target, safe="") in answer.location


def test_a_head_request_leaves_no_file_open(app: Flask, store: Store, visit: str) -> None:
    response = browser_of(app, store, "viewer").head("/exports/download?format=gpx")

    assert response.status_code == 200
    assert response.data == b""
