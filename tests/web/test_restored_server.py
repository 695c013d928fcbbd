"""A server restored from yesterday's backup, as its phones see it on the wire."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey.app import create_app
from survey.services.backing_up import back_up
from survey.services.restore_sources import BackupSource
from survey.services.restoring import restore
from survey.services.reviewing import decide
from survey.services.verifying import verify
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.visit_page import get_visit_row
from tests.factories import (
    NOW,
    FixedClock,
    add_staff,
    enrol_officer,
    make_envelope,
    make_visit_payload,
)

PHOTOS = (b"foto satu", b"foto dua")


class Phone:
    """Speaks to whatever server stands behind the address."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def send(self, *envelopes: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.client.post(
            "/api/v1/records", json={"records": envelopes}, headers=self.headers
        )
        results: list[dict[str, Any]] = answer.json["results"]  # type: ignore[index]
        return results

    def status(self, *envelopes: dict[str, Any]) -> list[dict[str, Any]]:
        items = [{"id": each["id"], "sha256": each["sha256"]} for each in envelopes]
        answer = self.client.post(
            "/api/v1/records/status", json={"records": items}, headers=self.headers
        )
        results: list[dict[str, Any]] = answer.json["records"]  # type: ignore[index]
        return results

    def put(self, data: bytes) -> int:
        headers = {
            **self.headers,
            "Upload-Offset": "0",
            "Upload-Length": str(len(data)),
            "Content-Type": "image/jpeg",
            "X-File-Kind": "photo",
        }
        path = f"/api/v1/files/{hashlib.sha256(data).hexdigest()}"
        return self.client.put(path, data=data, headers=headers).status_code


def visit_with(photo: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(photo).hexdigest()
    return make_envelope(make_visit_payload(photos=[{"sha256": sha256, "kind": "site"}]))


def test_what_came_after_the_backup_is_unknown_and_comes_back_by_itself(
    client: FlaskClient,
    store: Store,
    settings: Settings,
    clock: FixedClock,
    tmp_path: Path,
) -> None:
    phone = Phone(client, enrol_officer(store, settings).headers)
    early, late = (visit_with(photo) for photo in PHOTOS)
    phone.send(early)
    assert phone.put(PHOTOS[0]) == 201
    back_up(store, settings, tmp_path / "cadangan", clock())
    phone.send(late)
    assert phone.put(PHOTOS[1]) == 201
    page = phone.get("/changes").json
    old_id, old_cursor = page["store_id"], page["cursor"]

    rebuilt = load_settings({}, tmp_path / "baru")
    restore(rebuilt, BackupSource(tmp_path / "cadangan"), clock())
    opened = Store.open(rebuilt.database)
    try:
        app = create_app(load_settings({}, rebuilt.instance), store=opened, clock=clock)
        phone.client = app.test_client()

        assert phone.get("/ping").json["store_id"] != old_id
        refused = phone.get(f"/changes?cursor={old_cursor}")
        assert (refused.status_code, refused.json["code"]) == (400, "cursor.unknown")
        assert phone.get("/changes").status_code == 200
        assert [each["result"] for each in phone.status(early, late)] == ["stored", "unknown"]

        results = phone.send(early, late)
        assert [each["result"] for each in results] == ["already_stored", "stored"]
        assert [each["missing_files"] for each in results] == [
            [],
            [hashlib.sha256(PHOTOS[1]).hexdigest()],
        ]
        assert [phone.put(photo) for photo in PHOTOS] == [200, 201]
        assert [each["missing_files"] for each in phone.status(early, late)] == [[], []]
        assert verify(opened, FileRoom(rebuilt.instance), NOW).damage == []
    finally:
        opened.close()


@pytest.mark.parametrize("spoil", ["missing", "damaged"])
def test_a_photo_that_the_backup_lacks_is_asked_of_the_phone_again(
    client: FlaskClient,
    store: Store,
    settings: Settings,
    clock: FixedClock,
    tmp_path: Path,
    spoil: str,
) -> None:
    phone = Phone(client, enrol_officer(store, settings).headers)
    visit = visit_with(PHOTOS[0])
    phone.send(visit)
    phone.put(PHOTOS[0])
    back_up(store, settings, tmp_path / "cadangan", clock())
    sha256 = hashlib.sha256(PHOTOS[0]).hexdigest()
    copy = FileRoom(tmp_path / "cadangan").path_of(sha256)
    if spoil == "missing":
        copy.unlink()
    else:
        copy.write_bytes(b"foto lain")

    rebuilt = load_settings({}, tmp_path / "baru")
    assert restore(rebuilt, BackupSource(tmp_path / "cadangan"), clock()).lost == (sha256,)
    opened = Store.open(rebuilt.database)
    try:
        app = create_app(load_settings({}, rebuilt.instance), store=opened, clock=clock)
        phone.client = app.test_client()
        assert phone.send(visit)[0]["missing_files"] == [sha256]
        assert phone.put(PHOTOS[0]) == 201
        assert verify(opened, FileRoom(rebuilt.instance), NOW).damage == []
    finally:
        opened.close()


def test_a_correction_that_answers_a_lost_decision_is_kept_as_a_question(
    client: FlaskClient, store: Store, settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    phone = Phone(client, enrol_officer(store, settings).headers)
    payload = make_visit_payload(note="satu")
    first = make_envelope(payload)
    phone.send(first)
    back_up(store, settings, tmp_path / "cadangan", clock())
    reviewer = add_staff(store, "yanti", "supervisor")
    seq = get_visit_row(store.reader(), payload["id"])["changed_seq"]
    review = decide(store, payload["id"], "has_issues", "foto kabur", reviewer, seq, clock.tick())
    second = make_envelope(
        {**payload, "note": "dua"}, revision=2, base=first["sha256"], seen_review=review
    )
    third = make_envelope(
        {**payload, "note": "tiga"}, revision=3, base=second["sha256"], seen_review=review
    )
    assert [each["result"] for each in phone.send(second, third)] == ["stored", "stored"]

    rebuilt = load_settings({}, tmp_path / "baru")
    restore(rebuilt, BackupSource(tmp_path / "cadangan"), clock())
    opened = Store.open(rebuilt.database)
    try:
        app = create_app(load_settings({}, rebuilt.instance), store=opened, clock=clock)
        phone.client = app.test_client()
        results = phone.send(first, second, third)
        assert [each["result"] for each in results] == ["already_stored", "conflict", "conflict"]
        held = [row[0] for row in opened.reader().execute("SELECT sha256 FROM revisions")]
        assert sorted(held) == sorted(each["sha256"] for each in (first, second, third))
        assert opened.reader().execute("SELECT count(*) FROM conflicts").fetchone()[0] == 2
    finally:
        opened.close()
