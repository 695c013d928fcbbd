"""What broken uploads leave on the server: cleaned in time, never what a record still needs."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey.domain.instants import parse_instant
from survey.services.enrolling import authenticate_device
from survey.services.housekeeping import ensure_housekeeping
from survey.services.jobs import JobRunner
from survey.services.leftovers import ASIDE_LOOKS, PARTIAL_DAYS, STRAY_LOOKS
from survey.services.verifying import verify
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.factories import Enrolled, FixedClock, enrol_officer, make_envelope, make_visit_payload
from tests.faults.tally import record_tally

DAY = 86_400
PHOTO = os.urandom(70_000)


class Bench:
    """A phone, and a server whose days a test lets pass."""

    def __init__(
        self, client: FlaskClient, store: Store, settings: Settings, clock: FixedClock
    ) -> None:
        self.client, self.store, self.clock = client, store, clock
        self.phone: Enrolled = enrol_officer(store, settings)
        self.room = FileRoom(settings.instance)
        self.runner = JobRunner(store, self.room, settings, clock)
        ensure_housekeeping(store, clock.now)

    def put(self, data: bytes, end: int | None = None, offset: int = 0) -> int:
        """Send bytes of a file; what the server writes has the test's time."""
        headers = {
            **self.phone.headers,
            "Upload-Offset": str(offset),
            "Upload-Length": str(len(data)),
            "Content-Type": "image/jpeg",
            "X-File-Kind": "attachment",
        }
        url = f"/api/v1/files/{name_of(data)}"
        answer = self.client.put(url, data=data[offset:end], headers=headers)
        seconds = parse_instant(self.clock.now).timestamp()
        for path in self.room.partials.iterdir():
            if name_of(data) in path.name:
                os.utime(path, (seconds, seconds))
        return answer.status_code

    def head(self, data: bytes) -> int:
        url = f"/api/v1/files/{name_of(data)}"
        return self.client.head(url, headers=self.phone.headers).status_code

    def send(self, envelope: dict[str, Any]) -> str:
        """Send a record and return its result."""
        body = {"records": [envelope]}
        answer = self.client.post("/api/v1/records", json=body, headers=self.phone.headers)
        result: str = answer.json["results"][0]["result"]  # type: ignore[index]
        return result

    def live(self, days: int) -> None:
        """Let days pass, each with its housekeeping; the phone is in contact now and then."""
        for _ in range(days):
            self.clock.tick(DAY)
            authenticate_device(self.store, self.phone.token, self.clock.now)
            while self.runner.run_one():
                pass


@pytest.fixture
def bench(client: FlaskClient, store: Store, settings: Settings, clock: FixedClock) -> Bench:
    return Bench(client, store, settings, clock)


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def lose_the_row(bench: Bench, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all bytes of a file arrive and its row fail; the phone never comes back to it."""

    def fail(_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(bench.store, "write", fail)
        assert bench.put(data) == 503
    assert bench.room.stored_size(name_of(data)) == len(data)


def test_an_abandoned_upload_goes_after_a_month_and_one_that_goes_on_stays(bench: Bench) -> None:
    slow = os.urandom(70_000)
    assert (bench.put(PHOTO, 10_000), bench.put(slow, 10_000)) == (204, 204)
    bench.live(PARTIAL_DAYS - 1)
    assert bench.put(slow, 20_000, 10_000) == 204
    bench.live(PARTIAL_DAYS - 1)
    assert (bench.head(PHOTO), bench.head(slow)) == (404, 200)
    assert len(list(bench.room.partials.iterdir())) == 2
    assert bench.put(slow, offset=20_000) == 201
    assert bench.put(PHOTO) == 201
    assert list(bench.room.partials.iterdir()) == []


def test_of_files_whose_row_failed_only_those_go_that_no_record_needs(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """Readable or not: a person may yet bring a quarantined record and its photo together."""
    quarantined, shown, nobodys = (os.urandom(500) for _ in range(3))
    photos = [{"sha256": name_of(shown), "kind": "site"}]
    visit = make_envelope(make_visit_payload(photos=photos))
    broken = make_envelope('{"photos": [{"sha256": "' + name_of(quarantined) + '"}], oops')
    assert [bench.send(visit), bench.send(broken)] == ["stored", "quarantined"]
    for data in (quarantined, shown, nobodys):
        lose_the_row(bench, data, monkeypatch)
    bench.live(STRAY_LOOKS + ASIDE_LOOKS + 10)
    kept = {data: bench.room.stored_size(name_of(data)) for data in (quarantined, shown)}
    assert kept == {quarantined: 500, shown: 500}
    assert bench.room.stored_size(name_of(nobodys)) is None
    assert list(bench.room.partials.iterdir()) == []
    # A phone that comes a year late after all.
    assert [bench.put(data) for data in (quarantined, shown, nobodys)] == [201, 201, 201]
    report = verify(bench.store, bench.room, bench.clock.now)
    assert (report.damage, report.leftovers) == ([], [])
    record_tally(
        record_property, fault="leftovers of broken uploads", moments=3, records=2, files=3
    )
