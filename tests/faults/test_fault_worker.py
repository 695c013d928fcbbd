"""The service worker on a bad link: Background Sync with and without the app open, and a new
version that comes through a captive portal. Nothing of it may cost a record.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.waiting import wait_in_page
from tests.faults.cells import Cell, Count, Note
from tests.faults.field import FieldPhone
from tests.faults.kinds import Refuse, portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("fault answers")]

WORKER_GAVE_UP = """
async () => {
  const { installing, waiting } = await navigator.serviceWorker.getRegistration("/app");
  const kept = (await caches.keys()).filter((name) => name.startsWith("app-"));
  return !installing && !waiting && kept.length === 1;
}
"""
LOOK_AGAIN = """
async () => {
  const registration = await navigator.serviceWorker.getRegistration("/app");
  await registration.update();
  return registration.waiting !== null;
}
"""

LISTEN_IN = """
() => {
  const real = Clients.prototype.matchAll;
  self.woken = 0;
  Clients.prototype.matchAll = function (...options) {
    self.woken += 1;
    return real.apply(this, options);
  };
}
"""
TAGS = "navigator.serviceWorker.ready.then((registration) => registration.sync.getTags())"


class Background:
    """Background Sync as the browser fires it, from a tab that is not the app."""

    def __init__(self, phone: FieldPhone, tab: Page) -> None:
        self._origin = phone.proxy.url
        self._context = phone.browser.context
        self._session: CDPSession = self._context.new_cdp_session(tab)
        self._registrations: dict[str, str] = {}
        self._session.on("ServiceWorker.workerRegistrationUpdated", self._note)
        self._session.send("ServiceWorker.enable")
        self._tab = tab

    def _note(self, event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            self._registrations[one["scopeURL"]] = one["registrationId"]

    def fire(self, *, last_chance: bool = False) -> None:
        """Fire the event of the outbox; returns when the worker has handled it."""
        worker = self._context.service_workers[0]
        worker.evaluate(LISTEN_IN)
        registration = self._registrations[f"{self._origin}/app"]
        asked = {"origin": self._origin, "registrationId": registration, "tag": "outbox"}
        self._session.send("ServiceWorker.dispatchSyncEvent", {**asked, "lastChance": last_chance})
        deadline = time.monotonic() + 10
        while worker.evaluate("self.woken") == 0:
            assert time.monotonic() < deadline, "the worker was not woken"
            self._tab.wait_for_timeout(20)


@pytest.fixture
def background(phone: FieldPhone) -> Iterator[Background]:
    tab = phone.browser.context.new_page()
    yield Background(phone, tab)
    tab.close()


def let_it_give_up(phone: FieldPhone) -> None:
    """Fail so often that the app's own next try is at least 15 seconds away."""
    phone.officer.page.evaluate("Math.random = () => 0.99")
    for _ in range(3):
        phone.send_now()
        phone.wait_for_failure("no_network")
        expect(phone.officer.find("send-now")).to_be_enabled()
    # Two triggers within two seconds count as one.
    phone.officer.page.evaluate("window.clockAhead = (window.clockAhead ?? 0) + 2_500")


def test_background_sync_wakes_the_app_that_waits(
    phone: FieldPhone, background: Background, record_property: Note
) -> None:
    with Count(phone, record_property, "Background Sync, app open", 1):
        gone = phone.proxy.set(Refuse())
        cell = Cell(phone, "woken")
        let_it_give_up(phone)
        phone.proxy.clear(gone)
        begun = time.monotonic()
        background.fire()
        phone.wait_until_sent()
        assert time.monotonic() - begun < 12
        cell.recover()


def test_background_sync_that_fails_for_the_last_time_leaves_everything_for_the_app(
    phone: FieldPhone, background: Background, record_property: Note
) -> None:
    with Count(phone, record_property, "Background Sync, last chance without network", 1):
        phone.proxy.set(Refuse())
        cell = Cell(phone, "last chance")
        let_it_give_up(phone)
        held = phone.state().outbox
        background.fire(last_chance=True)
        phone.wait_for_failure("no_network")
        assert phone.state().outbox == held
        phone.proxy.clear()
        phone.send_now()
        cell.recover()


def test_background_sync_without_the_app_loses_nothing_and_the_next_start_sends(
    phone: FieldPhone, background: Background, record_property: Note
) -> None:
    with Count(phone, record_property, "Background Sync, app closed", 1):
        phone.proxy.set(Refuse())
        cell = Cell(phone, "closed")
        phone.officer.page.goto("about:blank")
        phone.proxy.clear()
        for last_chance in (False, True):
            background.fire(last_chance=last_chance)
        phone.officer.open("sending")
        cell.recover()


def test_a_phone_in_aeroplane_mode_asks_to_be_woken_and_is(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "Background Sync, aeroplane mode", 1):
        phone.browser.context.set_offline(True)
        cell = Cell(phone, "aeroplane mode")
        phone.officer.page.reload()
        phone.wait_for_failure("no_network")
        assert phone.officer.page.evaluate(TAGS) == ["outbox"]
        phone.browser.context.set_offline(False)
        cell.recover()
        wait_in_page(phone.officer.page, f"{TAGS}.then((tags) => tags.length === 0)")


def test_a_new_version_does_not_come_through_a_portal_and_costs_nothing(
    phone: FieldPhone, record_property: Note
) -> None:
    with Count(phone, record_property, "link: update through a captive portal", 1):
        gone = phone.proxy.set(Refuse())
        cell = Cell(phone, "update")
        phone.server.stop()
        # Another time zone is another reference, so another version of the app.
        phone.server.environ["SURVEY_TIMEZONE"] = "Asia/Makassar"
        phone.server.start()
        half = phone.proxy.set(portal(), path="/app/")
        phone.proxy.set(portal(), path="/api/")
        phone.proxy.clear(gone)
        page = phone.officer.page
        phone.officer.open("settings")
        look = page.get_by_text("Cari versi baru")
        look.click()
        half.wait()
        wait_in_page(page, WORKER_GAVE_UP)
        expect(phone.officer.find("update-ready")).to_have_count(0)
        phone.proxy.clear(half)
        # A search that is just ending swallows the next one: the officer looks again.
        wait_in_page(page, LOOK_AGAIN)
        expect(phone.officer.find("update-ready")).to_be_visible()
        phone.officer.tap("update-apply")
        expect(phone.officer.find("update-result")).to_be_visible()
        assert len(phone.state().outbox) == 2 + 2
        phone.officer.open("sending")
        cell.recover()
