"""People and phones for tests: made by the services, signed in without the slow password."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.domain.instants import Instant
from survey.services.accounts import create_user
from survey.services.enrolling import create_code, enrol
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.users import User
from tests.factories import NOW, Enrolled, new_device_id, new_token

PASSWORD = "empat kata yang panjang"


def add_person(
    store: Store,
    username: str = "sari",
    *roles: str,
    name: str = "",
    password: str | None = None,
    now: Instant = NOW,
) -> User:
    """Add a person, an officer unless roles are given."""
    return create_user(
        store,
        username,
        name or username.title(),
        roles or ("officer",),
        now,
        actor="cli",
        password=password,
    )


def enrol_phone(store: Store, settings: Settings, officer: User, *, now: Instant = NOW) -> Enrolled:
    """Bring a new phone to an officer."""
    token, device_id = new_token(), new_device_id()
    enrol(
        store,
        settings,
        code=create_code(store, settings, officer.id, now, actor="cli"),
        device_id=device_id,
        token=token,
        phone={"model": "Redmi 9A"},
        address="192.0.2.7",
        now=now,
    )
    return Enrolled(token, device_id, officer.id, officer.username)


def sign_in_as(app: Flask, user: User, base_url: str = "http://localhost") -> FlaskClient:
    """Return a browser in which this person is signed in at an address."""
    client: FlaskClient = app.test_client()
    with client.session_transaction(base_url=base_url) as session:
        session["_user_id"] = f"{user.id}:{user.session_version}"
        session["_fresh"] = True
    return client


def csrf_token(client: FlaskClient) -> str:
    """Return a token that the session of this browser accepts."""
    page = client.get("/sign-in").get_data(as_text=True)
    match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert match is not None
    return match[1]


def post(client: FlaskClient, path: str, data: dict[str, Any] | None = None) -> TestResponse:
    """Send a form as a page of ours would."""
    response: TestResponse = client.post(
        path, data={"csrf_token": csrf_token(client), **(data or {})}
    )
    return response
