"""A server whose clock is in 1970, behind itself, or jumps a year ahead and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from survey.cli import main
from survey.domain.instants import Instant, add_to_instant, local_day
from survey.domain.problems import Problem
from survey.services import commenting, nightly_backup, server_clock, throttling
from survey.services.backup_folders import BackupFolder
from survey.services.changes import list_changes_for
from survey.services.enrolling import authenticate_device, create_code, enrol
from survey.services.housekeeping import CLEAN_JOB, ensure_housekeeping
from survey.services.jobs import LEASE_SECONDS, JobRunner
from survey.services.nightly_backup import ensure_backups
from survey.services.projecting import rebuild
from survey.services.reviewing import decide
from survey.services.server_clock import BEHIND, IMPOSSIBLE, clock_warning, confirm_clock
from survey.services.setup import get_store_id
from survey.services.signing_in import sign_in
from survey.services.verifying import verify
from survey.services.visit_rows import find_time
from survey.settings import Settings
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.jobs import enqueue_job, find_job, take_job
from tests.factories import NOW, FixedClock, new_device_id, new_token
from tests.office_kit import Office, open_office
from tests.people_kit import PASSWORD, add_person, sign_in_as

YEAR_DAYS = 365
POWER_CUT = "1970-01-01T00:05:00.000Z"


def years_on(now: Instant, years: int = 1) -> Instant:
    return add_to_instant(now, days=YEAR_DAYS * years)


@pytest.fixture
def office(store: Store, settings: Settings, clock: FixedClock) -> Office:
    return open_office(store, settings, clock)


# --- noticed and said


def test_a_clock_that_goes_forward_is_no_matter(store: Store, office: Office) -> None:
    office.receive()
    assert clock_warning(store, office.clock.now) is None
    assert clock_warning(store, years_on(office.clock.now)) is None


def test_a_clock_behind_its_newest_row_is_noticed(store: Store, office: Office) -> None:
    office.receive()
    newest = office.clock.now
    assert clock_warning(store, add_to_instant(newest, seconds=-120)) is None
    behind = add_to_instant(newest, seconds=-121)
    assert clock_warning(store, behind) == (BEHIND, {"now": behind, "newest": newest})


def test_a_clock_of_1970_is_noticed_on_an_empty_store_too(store: Store) -> None:
    assert clock_warning(store, POWER_CUT) == (IMPOSSIBLE, {"now": POWER_CUT})


def test_entries_of_a_future_that_never_was_are_told_until_an_admin_says_so(
    store: Store, office: Office
) -> None:
    right = office.clock.now
    office.clock.now = years_on(right)
    office.receive()
    assert clock_warning(store, right) is not None
    confirm_clock(store, right, actor="cli")
    assert clock_warning(store, right) is None
    office.clock.now = right
    office.receive()
    assert clock_warning(store, add_to_instant(right, days=-1)) is not None


def test_verify_tells_where_the_clock_went_back_and_calls_it_no_damage(
    store: Store, settings: Settings, office: Office
) -> None:
    office.receive()
    office.clock.now = years_on(office.clock.now)
    office.receive()
    office.clock.now = years_on(office.clock.now, -1)
    office.receive()
    report = verify(store, FileRoom(settings.instance), office.clock.now)
    assert report.damage == []
    told = [note for note in report.notes if "clock" in note]
    assert len(told) == 2
    assert "364 days behind the newest entry" in told[0]
    assert "set back by 364 days" in told[1]
    assert "the order of entries holds" in told[1]


def test_many_steps_back_are_counted_not_listed(
    store: Store, settings: Settings, office: Office
) -> None:
    for _ in range(8):
        office.clock.now = add_to_instant(office.clock.now, hours=-1)
        office.receive()
    notes = verify(store, FileRoom(settings.instance), NOW).notes
    assert sum("before entry" in note for note in notes) == server_clock.SHOWN
    assert any("more times" in note for note in notes)


def test_serve_warns_before_it_serves(
    store: Store, settings: Settings, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.store.write(
        lambda connection: append_audit(
            connection, "2199-01-01T00:00:00.000Z", "system", "test", "clock"
        )
    )
    monkeypatch.setattr("survey.commands.serve.run_server", lambda *_: None)
    monkeypatch.setattr("survey.commands.serve.check_port", lambda *_: None)
    result = CliRunner().invoke(main, ["serve"], env={"SURVEY_INSTANCE": str(settings.instance)})
    assert result.exit_code == 0
    assert "Warning: The server's clock says" in result.stderr
    assert "2199-01-01T00:00:00.000Z" in result.stderr


def test_admins_see_it_on_every_page_and_can_say_that_it_is_right(
    app: Flask, office: Office, clock: FixedClock
) -> None:
    right = clock.now
    clock.now = years_on(right)
    office.receive()
    clock.now = right
    admin = sign_in_as(app, add_person(office.store, "kepala", "admin", "supervisor"))
    supervisor = sign_in_as(app, office.supervisor)
    assert "Jam server menunjukkan" in admin.get("/queue").text
    assert "Jam server menunjukkan" not in supervisor.get("/queue").text
    page = admin.get("/phones").text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = admin.post("/clock/confirm", data={"csrf_token": token, "next": "/phones"})
    assert (answer.status_code, answer.location) == (303, "/phones")
    assert "Jam server menunjukkan" not in admin.get("/queue").text


def test_a_clock_of_1970_cannot_be_confirmed_away(
    app: Flask, office: Office, clock: FixedClock
) -> None:
    admin = sign_in_as(app, add_person(office.store, "kepala", "admin"))
    clock.now = POWER_CUT
    page = admin.get("/queue").text
    assert "Jam server menunjukkan" in page
    assert "/clock/confirm" not in page


# --- order and days


def test_order_rests_on_no_clock(store: Store, settings: Settings, office: Office) -> None:
    payload = office.receive()
    office.clock.now = add_to_instant(office.clock.now, days=-400)
    seq = office.row(payload["id"])["changed_seq"]
    decide(
        store,
        payload["id"],
        "has_issues",
        "foto gelap",
        office.supervisor,
        seq,
        office.clock.now,
    )
    office.clock.now = add_to_instant(office.clock.now, days=-400)
    office.correct(payload, note="foto baru")
    row = office.row(payload["id"])
    assert (row["state"], row["revision"]) == ("edited", 2)
    before = [tuple(each) for each in store.reader().execute("SELECT * FROM visits ORDER BY key")]
    rebuild(store, NOW)
    after = [tuple(each) for each in store.reader().execute("SELECT * FROM visits ORDER BY key")]
    assert before == after
    assert verify(store, FileRoom(settings.instance), office.clock.now).damage == []


def test_a_phones_feed_loses_nothing_when_the_clock_goes_back(
    store: Store, settings: Settings, office: Office
) -> None:
    device = authenticate_device(store, office.phone.token, office.clock.now)

    def page(cursor: str) -> tuple[list[str], str]:
        found = list_changes_for(store, device, get_store_id(store), cursor, 500)
        return [str(each["kind"]) for each in found.changes], found.cursor

    payload = office.receive()
    _, cursor = page("")
    office.clock.now = POWER_CUT
    commenting.comment_on_visit(
        store, payload["id"], "Tolong foto menara", office.supervisor, POWER_CUT
    )
    kinds, _ = page(cursor)
    assert "comment" in kinds


@pytest.mark.parametrize(
    ("saved_at", "offset_ms", "expected"),
    [
        ("2026-05-04T02:00:00.000Z", None, "2026-05-04T02:00:00.000Z"),
        ("2026-05-04T02:00:00.000Z", -86_400_000, "2026-05-03T02:00:00.000Z"),
        # An app of before took the power cut's clock for the truth.
        ("2026-05-04T02:00:00.000Z", -1.777e12, "2026-05-04T02:00:00.000Z"),
        ("9999-12-31T23:00:00.000Z", 3.9e12, POWER_CUT),
        ("1980-01-06T00:00:00.000Z", None, POWER_CUT),
    ],
)
def test_a_server_of_1970_does_not_correct_the_phones_time(
    saved_at: str, offset_ms: float | None, expected: str
) -> None:
    assert find_time(saved_at, offset_ms, POWER_CUT) == (expected, "server")


def test_a_visit_that_came_in_1970_counts_for_its_own_day_and_asks(
    store: Store, office: Office
) -> None:
    office.clock.now = POWER_CUT
    payload = office.receive(clock={"server_offset_ms": None, "state": "doubtful"})
    row = office.row(payload["id"])
    assert row["day"] == str(local_day(payload["saved_at"], office.settings.timezone))
    codes = {
        code
        for (code,) in store.reader().execute(
            "SELECT code FROM flags WHERE visit_key = ?", (row["key"],)
        )
    }
    assert {"time.server", "clock.doubtful"} <= codes
    assert "time.absurd" not in codes


# --- work that waits for a time


@pytest.fixture
def runner(store: Store, settings: Settings, clock: FixedClock, tmp_path: Path) -> JobRunner:
    from dataclasses import replace

    changed = replace(settings, backup_dir=tmp_path / "cadangan")
    return JobRunner(store, FileRoom(settings.instance), changed, clock)


def test_a_lease_of_a_clock_that_ran_ahead_holds_nobody_for_a_year(store: Store) -> None:
    store.write(lambda connection: enqueue_job(connection, "x", "1", NOW))
    ahead = years_on(NOW)
    assert store.write(lambda connection: take_job(connection, ahead, LEASE_SECONDS)) is not None
    assert store.write(lambda connection: take_job(connection, NOW, LEASE_SECONDS)) is not None
    again = add_to_instant(NOW, seconds=LEASE_SECONDS - 1)
    assert store.write(lambda connection: take_job(connection, again, LEASE_SECONDS)) is None


def test_daily_work_and_nightly_backups_go_on_after_a_year_ahead_and_back(
    store: Store, runner: JobRunner, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Rehearsals have tests of their own.
    monkeypatch.setattr(nightly_backup, "ask_for_due_rehearsals", lambda *_: None)
    folder = BackupFolder(runner.settings.backup_dir or Path())

    def night() -> None:
        while runner.run_one():
            pass

    right = clock.now
    ensure_housekeeping(store, clock.now)
    ensure_backups(store, runner.settings, clock.now)
    night()
    clock.now = years_on(right)
    night()
    assert len(folder.list_manifests()) == 2
    clock.now = right
    for day in range(1, 4):
        clock.now = add_to_instant(right, days=day)
        night()
    newest, *_ = folder.list_manifests()
    assert newest.made_at == clock.now
    cleaning = find_job(store.reader(), CLEAN_JOB, "")
    assert cleaning is not None
    assert cleaning["run_after"] <= add_to_instant(clock.now, hours=25)


# --- who may come in


def test_tries_of_a_clock_that_ran_ahead_lock_nobody_out_for_a_year(store: Store) -> None:
    user = add_person(store, "rina", "viewer", password=PASSWORD)
    ahead = years_on(NOW)
    for _ in range(throttling.TRIES["account"]):
        with pytest.raises(Problem):
            sign_in(store, "rina", "salah sekali", "192.0.2.1", ahead)
    with pytest.raises(Problem, match="Too many tries"):
        sign_in(store, "rina", PASSWORD, "192.0.2.1", ahead)
    assert sign_in(store, "rina", PASSWORD, "192.0.2.1", NOW).id == user.id


def test_a_clock_set_back_a_little_forgets_no_tries(store: Store) -> None:
    add_person(store, "rina", "viewer", password=PASSWORD)
    for _ in range(throttling.TRIES["account"]):
        with pytest.raises(Problem):
            sign_in(store, "rina", "salah sekali", "192.0.2.1", NOW)
    with pytest.raises(Problem, match="Too many tries"):
        sign_in(store, "rina", PASSWORD, "192.0.2.1", add_to_instant(NOW, seconds=-30))


def test_look_ups_beyond_the_tries_are_counted_anew_after_a_jump() -> None:
    counter = throttling.LookCounter()
    assert counter.may_look(years_on(NOW))
    for _ in range(throttling.LOOKS):
        counter.may_look(NOW)
    assert not counter.may_look(NOW)
    assert counter.may_look(add_to_instant(NOW, seconds=60 * throttling.WINDOW_MINUTES))


def test_a_phone_is_known_before_during_and_after_a_year_ahead(
    store: Store, office: Office
) -> None:
    right = office.clock.now
    for now in (right, years_on(right), right, add_to_instant(right, days=1)):
        device = authenticate_device(store, office.phone.token, now)
    row = store.reader().execute(
        "SELECT last_contact_at, expires_at FROM devices WHERE key = ?", (device.key,)
    )
    contact, expires = row.fetchone()
    assert contact == add_to_instant(right, days=1)
    assert expires <= add_to_instant(contact, days=400)


def test_a_code_made_before_the_clock_went_back_brings_a_phone_in(
    store: Store, settings: Settings, office: Office
) -> None:
    code = create_code(store, settings, office.officer.id, NOW, actor="cli")
    phone = {"code": code, "device_id": new_device_id(), "token": new_token(), "phone": {}}
    for now in (POWER_CUT, NOW):
        outcome = enrol(store, settings, **phone, address="192.0.2.9", now=now)
    assert outcome.created is False
    with pytest.raises(Problem, match="another phone"):
        enrol(
            store,
            settings,
            **{**phone, "device_id": new_device_id(), "token": new_token()},
            address="192.0.2.9",
            now=NOW,
        )
