"""Radio logs that phones send: read in the background, with the place and time of their visit."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from survey.domain.identifiers import new_id
from survey.domain.problems import Problem
from survey.services import radio_log_arrivals
from survey.services.enrolling import authenticate_device
from survey.services.files import read_upload as check_upload
from survey.services.files import receive_whole
from survey.services.housekeeping import JOB_KINDS, JobRunner
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.samples import count_samples, iter_samples, list_sources
from tests.factories import (
    NOW,
    Enrolled,
    FixedClock,
    enrol_officer,
    make_envelope,
    make_visit_payload,
)
from tests.radio_kit import towercollector, towercollector_row
from tests.sending import send

LOG = towercollector(towercollector_row(measured_at="2026-05-04T01:00:00.000Z"))
PASTE = json.dumps(
    [{"type": "lte", "registered": True, "dbm": -108, "mcc": 510, "mnc": 10}]
).encode()


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def arrive(store: Store, settings: Settings, phone: Enrolled, content: bytes) -> None:
    """Let a file of kind radio_log be complete."""
    sha256 = hashlib.sha256(content).hexdigest()
    upload = check_upload(sha256, "0", str(len(content)), "text/csv", "radio_log")
    officer_key = authenticate_device(store, phone.token, NOW).user_key
    receive_whole(store, FileRoom(settings.instance), officer_key, content, upload, NOW)


def name_it(content: bytes, **changes: Any) -> dict[str, Any]:
    """The record that names a log."""
    sha256 = hashlib.sha256(content).hexdigest()
    files = [{"sha256": sha256, "name": "log.csv", "bytes": len(content)}]
    payload = {"id": new_id(), "files": files, "saved_at": NOW, **changes}
    return make_envelope(payload, kind="radio_log")


def work(store: Store, settings: Settings, clock: FixedClock) -> None:
    assert "radio_log" in JOB_KINDS, "the server's own jobs"
    runner = JobRunner(store, FileRoom(settings.instance), settings, clock)
    while runner.run_one():
        pass


def test_a_log_of_a_phone_is_read_in_the_name_of_its_officer(
    store: Store, settings: Settings, phone: Enrolled, clock: FixedClock
) -> None:
    record = name_it(LOG)
    (result,) = send(store, settings, phone, record)
    assert result["missing_files"] == [hashlib.sha256(LOG).hexdigest()]
    arrive(store, settings, phone, LOG)
    work(store, settings, clock)
    (source,) = list_sources(store.reader())
    officer_key = authenticate_device(store, phone.token, NOW).user_key
    assert (source.name, source.format, source.officer_key) == (
        "log.csv",
        "towercollector",
        officer_key,
    )
    row = store.reader().execute("SELECT record_id FROM sample_sources").fetchone()
    assert row[0] == json.loads(record["payload"])["id"]
    assert count_samples(store.reader()) == 1


def test_a_paste_gets_place_and_time_of_its_visit(
    store: Store, settings: Settings, phone: Enrolled, clock: FixedClock
) -> None:
    visit = make_visit_payload()
    send(store, settings, phone, make_envelope(visit), name_it(PASTE, visit_id=visit["id"]))
    arrive(store, settings, phone, PASTE)
    work(store, settings, clock)
    ((sample, _),) = iter_samples(store.reader())
    assert (sample.latitude_deg, sample.longitude_deg) == (
        visit["position"]["latitude_deg"],
        visit["position"]["longitude_deg"],
    )
    occurred = store.reader().execute("SELECT occurred_at FROM visits").fetchone()[0]
    assert (sample.at, sample.rsrp_dbm) == (occurred, -108)


@pytest.mark.parametrize("where", ["record", "visit"])
def test_practice_is_never_read(
    store: Store, settings: Settings, phone: Enrolled, clock: FixedClock, where: str
) -> None:
    visit = make_visit_payload(practice=where == "visit")
    record = name_it(LOG, visit_id=visit["id"], practice=where == "record")
    send(store, settings, phone, make_envelope(visit), record)
    arrive(store, settings, phone, LOG)
    work(store, settings, clock)
    assert count_samples(store.reader()) == 0
    assert list_sources(store.reader()) == []


def test_a_log_waits_a_day_for_its_record_and_is_then_read_without(
    store: Store, settings: Settings, phone: Enrolled, clock: FixedClock
) -> None:
    arrive(store, settings, phone, LOG)
    work(store, settings, clock)
    assert count_samples(store.reader()) == 0
    clock.now = "2026-05-08T00:00:00.000Z"
    work(store, settings, clock)
    assert count_samples(store.reader()) == 1


def test_another_officers_record_does_not_lend_its_visit(
    store: Store, settings: Settings, phone: Enrolled, clock: FixedClock
) -> None:
    other = enrol_officer(store, settings, username="budi")
    visit = make_visit_payload()
    send(store, settings, other, make_envelope(visit))
    send(store, settings, phone, name_it(PASTE, visit_id=visit["id"]))
    arrive(store, settings, phone, PASTE)
    work(store, settings, clock)
    assert count_samples(store.reader()) == 0
    (source,) = list_sources(store.reader())
    assert source.reasons == {"no_time": 1}


def test_what_is_no_log_stays_a_file_and_the_audit_says_so(
    store: Store, settings: Settings, phone: Enrolled, clock: FixedClock
) -> None:
    content = b"halo"
    send(store, settings, phone, name_it(content))
    arrive(store, settings, phone, content)
    work(store, settings, clock)
    found = store.reader().execute(
        "SELECT count(*) FROM audit WHERE action = 'radio_log.unreadable'"
    )
    assert found.fetchone()[0] == 1
    assert (
        store.reader().execute("SELECT count(*) FROM jobs WHERE kind = 'radio_log'").fetchone()[0]
        == 0
    )


def test_the_same_paste_at_two_visits_is_two_samples(
    store: Store, settings: Settings, phone: Enrolled, clock: FixedClock
) -> None:
    for minute in (10, 40):
        at = f"2026-05-04T02:{minute}:00.000Z"
        visit = make_visit_payload(started_at=at, saved_at=at)
        send(store, settings, phone, make_envelope(visit), name_it(PASTE, visit_id=visit["id"]))
        arrive(store, settings, phone, PASTE)
        work(store, settings, clock)
    assert count_samples(store.reader()) == 2


def test_a_log_that_met_a_full_disk_is_read_when_there_is_room(
    store: Store,
    settings: Settings,
    phone: Enrolled,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send(store, settings, phone, name_it(LOG))
    arrive(store, settings, phone, LOG)

    def find_no_room(*_: object) -> None:
        raise Problem("server.disk_full")

    with monkeypatch.context() as full:
        full.setattr(radio_log_arrivals, "import_logs", find_no_room)
        work(store, settings, clock)
    assert count_samples(store.reader()) == 0
    clock.tick(3_600)
    work(store, settings, clock)
    assert count_samples(store.reader()) == 1
