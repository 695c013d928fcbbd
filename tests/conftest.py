"""Fixtures for all: an instance in a temporary folder, its clock, its application.

The initialised store is made once a run and copied, because migrations cost more than a test.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from survey.settings import Settings, load_settings
from survey.store.connection import Store
from tests.factories import NOW, FixedClock
from tests.faults import tally


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep tests of one `xdist_group` in one worker.

    pytest-xdist 3.8 notes the group in a field that pytest 9.2 reads no more, without a word.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = "_".join(sorted({mark.args[0] for mark in item.iter_markers("xdist_group")}))
        if group and not item.nodeid.endswith(f"@{group}") and hasattr(item, "_id"):
            item._id = type(item._id).parse(f"{item.nodeid}@{group}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was skipped and why, and what the fault tests counted, before the last line."""
    skipped = terminalreporter.getreports("skipped")
    if skipped:
        terminalreporter.section("skipped")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"{report.nodeid}: {reason}")
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
    ]
    rows = tally.gather(reports)
    if rows:
        terminalreporter.section("faults on purpose")
        for line in tally.table(rows):
            terminalreporter.write_line(line)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still until a test moves it."""
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance as `survey init` leaves it, to copy from."""
    from survey.services.setup import initialise

    folder = tmp_path_factory.mktemp("initialised")
    initialise(load_settings({}, folder), NOW)
    return folder


@pytest.fixture
def settings(tmp_path: Path, initialised: Path) -> Settings:
    """The settings of a fresh copy of the initialised instance."""
    folder = tmp_path / "instance"
    shutil.copytree(initialised, folder)
    return load_settings({}, folder)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """The store of a fresh instance."""
    opened = Store.open(settings.database)
    yield opened
    opened.close()


@pytest.fixture
def app(settings: Settings, store: Store, clock: FixedClock):  # type: ignore[no-untyped-def]
    """The Flask application of a fresh instance."""
    from survey.app import create_app

    application = create_app(settings, store=store, clock=clock)
    application.config["TESTING"] = False
    return application


@pytest.fixture
def client(app):  # type: ignore[no-untyped-def]
    """A test client without a session."""
    return app.test_client()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright itself; one a process, because it keeps an event loop running."""
    with sync_playwright() as started:
        yield started
