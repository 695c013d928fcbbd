"""Background work: none lost by a kill, none blocks the next, asking twice is one job."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from survey.services.jobs import JOB_KINDS, LEASE_SECONDS, JobRunner
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.jobs import ATTEMPTS, count_jobs, enqueue_job, take_job
from tests.factories import FixedClock

DONE: list[str] = []


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(runner: JobRunner, subject: str) -> None:
        raise ValueError(f"cannot do {subject}")

    monkeypatch.setitem(JOB_KINDS, "note", lambda runner, subject: DONE.append(subject))
    monkeypatch.setitem(JOB_KINDS, "fail", fail)
    yield
    DONE.clear()


@pytest.fixture
def runner(store: Store, settings: Settings, clock: FixedClock) -> JobRunner:
    return JobRunner(store, FileRoom(settings.instance), settings, clock)


def ask(store: Store, clock: FixedClock, kind: str, subject: str) -> None:
    store.write(lambda connection: enqueue_job(connection, kind, subject, clock.now))


def drain(runner: JobRunner) -> None:
    while runner.run_one():
        pass


def test_jobs_run_in_order_and_are_gone(store: Store, clock: FixedClock, runner: JobRunner) -> None:
    for subject in ("one", "two"):
        ask(store, clock, "note", subject)
    drain(runner)
    assert DONE == ["one", "two"]
    assert count_jobs(store.reader()) == (0, 0)


def test_asking_twice_is_one_job(store: Store, clock: FixedClock, runner: JobRunner) -> None:
    ask(store, clock, "note", "one")
    ask(store, clock, "note", "one")
    drain(runner)
    assert DONE == ["one"]


def test_a_lease_given_by_a_clock_that_ran_ahead_holds_nobody_up(
    store: Store, clock: FixedClock, runner: JobRunner
) -> None:
    ask(store, clock, "note", "one")
    store.write(lambda c: take_job(c, "2099-01-01T00:00:00.000Z", LEASE_SECONDS))
    drain(runner)
    assert DONE == ["one"]


def test_a_job_cut_off_by_a_kill_runs_after_its_lease(
    store: Store, clock: FixedClock, runner: JobRunner
) -> None:
    ask(store, clock, "note", "one")
    store.write(lambda connection: take_job(connection, clock.now, LEASE_SECONDS))
    assert not runner.run_one()
    clock.tick(LEASE_SECONDS)
    assert runner.run_one()
    assert DONE == ["one"]


def test_a_failing_job_is_tried_again_later_and_then_kept_as_failed(
    store: Store, clock: FixedClock, runner: JobRunner
) -> None:
    ask(store, clock, "fail", "one")
    ask(store, clock, "note", "two")
    for _ in range(ATTEMPTS):
        drain(runner)
        clock.tick(61)
    assert DONE == ["two"]
    assert count_jobs(store.reader()) == (0, 1)
    error = store.reader().execute("SELECT last_error FROM jobs").fetchone()[0]
    assert error == "ValueError: cannot do one"


def test_work_asked_for_while_it_ran_is_done_again(
    store: Store, clock: FixedClock, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_again(runner: JobRunner, subject: str) -> None:
        DONE.append(subject)
        if len(DONE) == 1:
            clock.tick()
            ask(store, clock, "again", subject)

    monkeypatch.setitem(JOB_KINDS, "again", ask_again)
    ask(store, clock, "again", "one")
    drain(runner)
    assert DONE == ["one", "one"]
