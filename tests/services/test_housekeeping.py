"""Work in the background: thumbnails before anybody looks, abandoned uploads removed."""

from __future__ import annotations

import hashlib
import io
import os

import pytest
from flask.testing import FlaskClient
from PIL import Image

from survey.domain.instants import parse_instant
from survey.services.housekeeping import CLEAN_JOB, ensure_housekeeping
from survey.services.jobs import JobRunner
from survey.services.leftovers import PARTIAL_DAYS
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.jobs import count_jobs, find_job
from tests.factories import FixedClock, enrol_officer, make_envelope, make_visit_payload


@pytest.fixture
def runner(store: Store, settings: Settings, clock: FixedClock) -> JobRunner:
    return JobRunner(store, FileRoom(settings.instance), settings, clock)


def drain(runner: JobRunner) -> None:
    while runner.run_one():
        pass


def send_photo(client: FlaskClient, store: Store, settings: Settings, *, named: bool) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), "green").save(buffer, "JPEG")
    data = buffer.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    phone = enrol_officer(store, settings)
    if named:
        payload = make_visit_payload(photos=[{"sha256": sha256, "kind": "site"}])
        client.post(
            "/api/v1/records", json={"records": [make_envelope(payload)]}, headers=phone.headers
        )
    headers = {
        **phone.headers,
        "Upload-Offset": "0",
        "Upload-Length": str(len(data)),
        "Content-Type": "image/jpeg",
        "X-File-Kind": "photo",
    }
    assert client.put(f"/api/v1/files/{sha256}", data=data, headers=headers).status_code == 201
    return sha256


def test_a_photo_that_arrived_is_drawn_before_anybody_looks(
    client: FlaskClient, store: Store, settings: Settings, runner: JobRunner
) -> None:
    sha256 = send_photo(client, store, settings, named=True)
    drain(runner)
    assert [path.name for path in runner.files.cache.glob(f"{sha256}*")] == [
        f"{sha256}-thumbnail.jpg"
    ]


def test_a_photo_without_its_visit_fails_no_job(
    client: FlaskClient, store: Store, settings: Settings, runner: JobRunner
) -> None:
    send_photo(client, store, settings, named=False)
    drain(runner)
    assert count_jobs(store.reader()) == (0, 0)


def test_abandoned_uploads_go_and_young_ones_stay_day_after_day(
    store: Store, runner: JobRunner, clock: FixedClock
) -> None:
    runner.files.partials.mkdir(parents=True)
    ages = {"old": PARTIAL_DAYS + 1, "young": PARTIAL_DAYS - 1}
    for name, days in ages.items():
        path = runner.files.partials / name
        path.write_bytes(b"x")
        moment = parse_instant(clock.now).timestamp() - days * 86_400
        os.utime(path, (moment, moment))
    ensure_housekeeping(store, clock.now)
    ensure_housekeeping(store, clock.now)
    drain(runner)
    assert [path.name for path in runner.files.partials.iterdir()] == ["young"]
    clock.tick(2 * 86_400)
    drain(runner)
    assert list(runner.files.partials.iterdir()) == []
    assert count_jobs(store.reader()) == (1, 0)


def test_a_cleaning_put_off_by_a_clock_that_ran_ahead_is_asked_for_anew(
    store: Store, runner: JobRunner, clock: FixedClock
) -> None:
    ensure_housekeeping(store, "2099-01-01T00:00:00.000Z")
    ensure_housekeeping(store, clock.now)
    job = find_job(store.reader(), CLEAN_JOB, "")
    assert job is not None
    assert job["run_after"] == clock.now
    drain(runner)
    job = find_job(store.reader(), CLEAN_JOB, "")
    assert job is not None
    ensure_housekeeping(store, clock.tick(60))
    again = find_job(store.reader(), CLEAN_JOB, "")
    assert again is not None
    assert again["run_after"] == job["run_after"]
