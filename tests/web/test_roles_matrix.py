"""Who gets what at every door: a new endpoint fails here until it is listed.

Office doors are tried with an empty form and the CSRF check switched off, so 422 and 303 mean
that the role was let through to the view; that the check is there is a test of its own.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from survey.app import create_app
from survey.services import accounts
from survey.services.assigning import assign_areas
from survey.services.campaigns import create_campaign
from survey.services.enrolling import authenticate_device, revoke_device
from survey.services.files import read_upload, receive_chunk
from survey.settings import load_settings
from survey.store.areas import list_areas
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.users import User
from tests.factories import NOW, Enrolled, FixedClock, make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone, sign_in_as

STAFF = ("nobody", "officer", "viewer", "supervisor", "admin")
OFFICE = """
how  rule                                                    nobody officer viewer supervisor admin
GET  /                                                          200     200    200        200   200
GET  /account                                                   302     200    200        200   200
POST /account/language                                          302     303    303        303   303
POST /account/password                                          302     422    422        422   422
GET  /app                                                       200     200    200        200   200
GET  /app/                                                      308     308    308        308   308
GET  /app/messages/<language>.json                              200     200    200        200   200
GET  /app/pack/<version>                                        404     404    404        404   404
GET  /app/reference.json                                        200     200    200        200   200
GET  /app/rescue                                                200     200    200        200   200
POST /app/share                                                 303     303    303        303   303
GET  /areas                                                     302     403    200        200   200
GET  /areas/<path:area_id>                                      302     403    200        200   200
POST /areas/<path:area_id>/areas                                302     403    403        403   422
POST /areas/<path:area_id>/merge                                302     403    403        403   422
GET  /areas/import                                              302     403    403        403   200
POST /areas/import                                              302     403    403        403   422
POST /areas/import/<import_id>/undo                             302     403    403        403   404
POST /areas/import/apply                                        302     403    403        403   410
POST /assignments/<assignment_id>/cancel                        302     403    403        303   303
GET  /backups                                                   302     403    403        403   200
POST /backups/new-folder                                        302     403    403        403   303
POST /backups/now                                               302     403    403        403   303
POST /backups/rehearse                                          302     403    403        403   303
GET  /campaigns                                                 302     403    200        200   200
POST /campaigns                                                 302     403    403        403   422
GET  /campaigns/<campaign_id>                                   302     403    200        200   200
POST /campaigns/<campaign_id>/assignments                       302     403    403        422   422
POST /campaigns/<campaign_id>/close                             302     403    403        403   303
POST /campaigns/<campaign_id>/open                              302     403    403        403   303
POST /campaigns/<campaign_id>/targets                           302     403    403        403   404
POST /campaigns/<campaign_id>/targets/<path:area_id>/remove     302     403    403        403   303
POST /clock/confirm                                             302     403    403        403   303
GET  /exports                                                   302     403    200        200   200
GET  /exports/download                                          302     403    200        200   200
GET  /favicon.ico                                               302     302    302        302   302
POST /language/<language>                                       303     303    303        303   303
GET  /import                                                    302     403    403        200   200
POST /import                                                    302     403    403        422   422
GET  /manifest.webmanifest                                      200     200    200        200   200
GET  /office                                                    302     403    302        302   302
GET  /people                                                    302     403    403        403   200
POST /people                                                    302     403    403        403   422
GET  /people/<user_id>                                          302     403    403        403   200
GET  /people/<user_id>/code                                     302     403    403        403   303
POST /people/<user_id>/code                                     302     403    403        403   303
POST /people/<user_id>/disable                                  302     403    403        403   303
POST /people/<user_id>/enable                                   302     403    403        403   303
POST /people/<user_id>/link                                     302     403    403        403   303
POST /people/<user_id>/roles                                    302     403    403        403   422
GET  /phones                                                    302     403    403        200   200
POST /phones/<int:key>/revoke                                   302     403    403        403   303
GET  /photos/<sha256>                                           302     403    200        200   200
GET  /photos/<sha256>/thumbnail                                 302     403    200        200   200
GET  /quarantine                                                302     403    403        200   200
GET  /quarantine/<int:key>                                      302     403    403        200   200
POST /quarantine/<int:key>                                      302     403    403        422   422
GET  /quarantine/<int:key>/download                             302     403    403        200   200
GET  /queue                                                     302     403    200        200   200
GET  /sign-in                                                   200     200    200        200   200
POST /sign-in                                                   422     422    422        422   422
POST /sign-out                                                  303     303    303        303   303
GET  /static/<version>/<path:name>                              200     200    200        200   200
GET  /sw.js                                                     200     200    200        200   200
GET  /visits/<visit_id>                                         302     403    200        200   200
POST /visits/<visit_id>/comments                                302     403    403        422   403
POST /visits/<visit_id>/conflicts/<int:key>                     302     403    403        422   403
POST /visits/<visit_id>/layers                                  302     403    403        422   403
POST /visits/<visit_id>/review                                  302     403    403        422   403
GET  /welcome/<token>                                           200     200    200        200   200
POST /welcome/<token>                                           422     422    422        422   422
"""
CALLERS = ("nobody", "session", "revoked", "phone")
API = """
how  rule                                                    nobody  session  revoked  phone
GET  /api/v1/changes                                            401      401      401    200
GET  /api/v1/doctor                                             200      200      200    200
POST /api/v1/doctor                                             200      200      200    200
PUT  /api/v1/doctor                                             200      200      200    200
POST /api/v1/enrol                                              400      400      400    400
GET  /api/v1/files/<sha256>                                     401      401      401    200
POST /api/v1/files/<sha256>                                     401      401      401    400
PUT  /api/v1/files/<sha256>                                     401      401      401    400
GET  /api/v1/openapi.json                                       200      200      200    200
GET  /api/v1/ping                                               200      200      200    200
POST /api/v1/records                                            401      401      401    200
POST /api/v1/records/status                                     401      401      401    200
"""
WITHOUT_CSRF = {("POST", "/app/share")}
"""Beside the API: what a browser sends by itself and what changes nothing on the server."""


def rows_of(table: str) -> dict[tuple[str, str], dict[str, int]]:
    """Read a table: (method, rule) -> status by who asks."""
    head, *lines = (line.split() for line in table.strip().splitlines())
    return {
        (method, rule): dict(zip(head[2:], map(int, statuses), strict=True))
        for method, rule, *statuses in lines
    }


OFFICE_ROWS = rows_of(OFFICE)
API_ROWS = rows_of(API)


def listed_doors(app: Flask) -> set[tuple[str, str]]:
    """Return method and rule of every endpoint; HEAD counts where there is no GET."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS"}
        if method != "HEAD" or "GET" not in (rule.methods or set())
    }


class World:
    """An instance with one of everything that an address can name."""

    def __init__(self, folder: Path) -> None:
        self.settings = load_settings({}, folder)
        self.store = Store.open(self.settings.database)
        self.app = create_app(self.settings, store=self.store, clock=FixedClock(NOW))
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.people: dict[str, User] = {
            role: add_person(self.store, f"the.{role}", role) for role in STAFF[1:]
        }
        self.sender = add_person(self.store, "sender", "officer")
        self.phone = enrol_phone(self.store, self.settings, self.sender)
        self.revoked = enrol_phone(self.store, self.settings, self.sender)
        device = authenticate_device(self.store, self.revoked.token, NOW)
        revoke_device(self.store, device.key, NOW, actor="cli")
        self.photo = self._send_photo()
        self.visit_id = self._send_visit()
        known = list_areas(self.store.reader()).values()
        self.jorong_id = next(area.id for area in known if area.level == "jorong")
        self.number = 0

    def _send_photo(self) -> str:
        picture = io.BytesIO()
        Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
        data = picture.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        device = authenticate_device(self.store, self.phone.token, NOW)
        upload = read_upload(sha256, "0", str(len(data)), "image/jpeg", "photo")
        receive_chunk(self.store, FileRoom(self.settings.instance), device, upload, [data], NOW)
        return sha256

    def _send_visit(self) -> str:
        photo = {"sha256": self.photo, "thumbnail_sha256": None, "kind": "site"}
        envelope = make_envelope(make_visit_payload(photos=[photo]), token=self.phone.token)
        response = self.app.test_client().post(
            "/api/v1/records", json={"records": [envelope]}, headers=self.phone.headers
        )
        assert response.get_json()["results"][0]["result"] == "stored"
        return str(envelope["id"])

    def fresh_person(self) -> User:
        """Return a new officer for a door that changes a person."""
        self.number += 1
        return add_person(self.store, f"target{self.number}", "officer")

    def address_of(self, rule: str) -> str:
        """Return an address under a rule that names what is there."""
        values = {
            "<user_id>": lambda: self.fresh_person().id,
            "<token>": lambda: accounts.create_link(
                self.store, self.fresh_person().id, NOW, actor="cli"
            ),
            "/phones/<int:key>": lambda: f"/phones/{self.fresh_device().key}",
            "/conflicts/<int:key>": lambda: "/conflicts/1",
            "/quarantine/<int:key>": lambda: f"/quarantine/{self.unreadable_key()}",
            "<visit_id>": lambda: self.visit_id,
            "<sha256>": lambda: self.photo,
            "<language>": lambda: "id",
            "<campaign_id>": self.fresh_campaign,
            "<assignment_id>": self.fresh_assignment,
            "<path:area_id>": lambda: self.jorong_id,
            "<import_id>": lambda: "unknown",
            "<version>/<path:name>": lambda: self.static_name(),
            "/app/pack/<version>": lambda: "/app/pack/unknown",
        }
        for part, value in values.items():
            if part in rule:
                rule = rule.replace(part, value())
        assert "<" not in rule, f"say in this test what {rule} may name"
        return rule

    def fresh_device(self) -> Any:
        """Return a new phone for a door that changes a phone."""
        phone: Enrolled = enrol_phone(self.store, self.settings, self.fresh_person())
        return authenticate_device(self.store, phone.token, NOW)

    def unreadable_key(self) -> int:
        """Return the key of a record that cannot be read."""
        envelope = make_envelope("{", token=self.phone.token)
        response = self.app.test_client().post(
            "/api/v1/records", json={"records": [envelope]}, headers=self.phone.headers
        )
        assert response.get_json()["results"][0]["result"] == "quarantined"
        row = self.store.reader().execute("SELECT max(key) FROM quarantine").fetchone()
        return int(row[0])

    def fresh_campaign(self) -> str:
        """Return a new campaign with one target."""
        return create_campaign(
            self.store,
            name="Kampanye",
            starts_on=None,
            ends_on=None,
            actor="cli",
            now=NOW,
            area_ids=[self.jorong_id],
        )

    def fresh_assignment(self) -> str:
        """Return a new assignment."""
        (assignment_id,) = assign_areas(
            self.store,
            campaign_id=self.fresh_campaign(),
            area_ids=[self.jorong_id],
            officer_ids=[self.sender.id],
            due_on=None,
            letter_number=None,
            actor="cli",
            now=NOW,
        )
        return assignment_id

    def static_name(self) -> str:
        """Return a file of today's version of the static files."""
        page = self.app.test_client().get("/sign-in").get_data(as_text=True)
        match = re.search(r"/static/([^\"]+\.css)", page)
        assert match is not None
        return match[1]


@pytest.fixture(scope="module")
def world(initialised: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One instance for all rows: doors that change something get a thing of their own."""
    folder = tmp_path_factory.mktemp("matrix") / "instance"
    shutil.copytree(initialised, folder)
    made = World(folder)
    yield made
    made.store.close()


def test_every_endpoint_is_listed_and_no_other(app: Flask) -> None:
    assert set(OFFICE_ROWS) & set(API_ROWS) == set()
    assert set(OFFICE_ROWS) | set(API_ROWS) == listed_doors(app)


@pytest.mark.parametrize("who", STAFF)
@pytest.mark.parametrize(("method", "rule"), OFFICE_ROWS)
def test_office_door(world: World, method: str, rule: str, who: str) -> None:
    client = (
        world.app.test_client() if who == "nobody" else sign_in_as(world.app, world.people[who])
    )
    response = client.open(world.address_of(rule), method=method)
    response.close()
    assert response.status_code == OFFICE_ROWS[method, rule][who]
    if response.status_code == 302 and who == "nobody" and rule != "/favicon.ico":
        assert response.location.startswith("/sign-in")


BODIES: dict[str, Any] = {
    "/api/v1/records": {"records": []},
    "/api/v1/records/status": {"records": []},
    "/api/v1/enrol": {},
}


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize(("method", "rule"), API_ROWS)
def test_wire_door(world: World, method: str, rule: str, who: str) -> None:
    client = world.app.test_client()
    headers = {}
    if who == "session":
        client = sign_in_as(world.app, world.people["admin"])
    elif who != "nobody":
        headers = (world.phone if who == "phone" else world.revoked).headers
    body = json.dumps(BODIES[rule]) if rule in BODIES else None
    response = client.open(
        world.address_of(rule),
        method=method,
        data=body,
        content_type="application/json" if body else None,
        headers=headers,
    )
    refused = response.status_code >= 400 and method != "HEAD"
    assert not refused or response.get_json()["ok"] is False
    response.close()
    assert response.status_code == API_ROWS[method, rule][who]


@pytest.mark.parametrize(
    ("method", "rule"), [door for door in OFFICE_ROWS if door[0] not in ("GET", "HEAD")]
)
def test_a_form_without_its_token_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str, rule: str
) -> None:
    address = world.address_of(rule)
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", True)
    response = sign_in_as(world.app, world.people["admin"]).open(address, method=method)
    assert (response.status_code == 400) is ((method, rule) not in WITHOUT_CSRF)
