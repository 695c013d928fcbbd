"""Firefox and WebKitGTK: the app opens without its server, saves, and sends when it is back.

Neither is a phone's browser, but what only Chromium forgives is found here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from survey.domain.instants import system_now
from survey.services.enrolling import create_code
from tests.browser.server_process import ServerProcess
from tests.engines.drivers import DISPLAY, FIREFOX, WEBKIT, Engine, Firefox, WebKit, find_missing
from tests.factories import add_officer
from tests.faults.checker import check
from tests.faults.field import AREA, SAVE
from tests.faults.phone import LEFT, READ, PhoneState, phone_state
from tests.faults.tally import record_tally

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("engines")]

FIND = """
(wanted) => {
  const found = document.querySelector(`[data-testid^="${wanted}"]:not([disabled])`);
  return found !== null && found.getClientRects().length > 0;
}
"""
TAP = """(wanted) => document.querySelector(`[data-testid^="${wanted}"]`).click()"""
TYPE = """
({ wanted, text }) => {
  const field = document.querySelector(`[data-testid^="${wanted}"]`);
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
"""
STORED = """
async () => {
  await navigator.serviceWorker.ready;
  return (await caches.keys()).some((name) => name.startsWith("app-"));
}
"""
ALL_SENT = """
() => document.querySelector(
  '[data-testid="pill"][data-unsent="0"][data-failure="none"][data-phase="idle"]') !== null
"""
TICK = """() => { const box = document.querySelector("input[type=checkbox]"); box.click(); }"""
VISITS = """() => document.querySelectorAll("[data-testid^=visit-][data-state]").length"""


class Thumb:
    """An officer's thumb in any engine, by the test ids of the app."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine, self.url = engine, url

    def see(self, wanted: str) -> None:
        """Wait until a control is there."""
        self.engine.wait(FIND, wanted)

    def tap(self, *wanted: str) -> None:
        """Tap controls one after the other, each once it is there."""
        for one in wanted:
            self.see(one)
            self.engine.call(TAP, one)

    def type(self, wanted: str, text: str) -> None:
        """Type into a field."""
        self.see(wanted)
        self.engine.call(TYPE, {"wanted": wanted, "text": text})

    def open(self, screen: str) -> None:
        """Open the app anew at a screen, as from the icon.

        Not by the drivers' own reload, which in Firefox passes the worker by.
        """
        self.engine.goto("about:blank")
        self.engine.goto(f"{self.url}/app#{screen}")

    def enrol(self, code: str) -> None:
        """Enrol by the link and wait until the app and the areas are stored."""
        self.engine.goto(f"{self.url}/app#enrol={code}")
        self.tap("enrol-open-here")
        self.see("enrol-submit")
        self.engine.call(TICK)
        self.tap("enrol-submit")
        self.see("ready")
        self.engine.wait(STORED)
        self.open("home")
        self.type("search", "simancuang")
        self.see("found-")

    def save_visit(self) -> None:
        """Record a visit on the form, with a position by hand, and wait until it is safe."""
        self.type("search", "simancuang")
        self.tap("found-")
        self.tap("sim-telkomsel", "sims-confirm", "position-by-hand")
        self.type("manual-coordinates", "-1.556842, 101.247096")
        self.type("manual-reason", "GPS mati")
        self.tap("manual-save", "result-telkomsel-none")
        self.tap("place-kind-centre", "setting-outdoor", "power-on", "usually-signal-no", "save")
        self.see("saved")

    def save_with_photo(self) -> None:
        """Save two visits more by the app's own storage, one with a photo of a real size."""
        asked = {"visits": 2, "photos": 1, "bytes": 180_000, "area": AREA, "note": "mesin lain"}
        self.engine.call(SAVE, asked)

    def state(self) -> PhoneState:
        """Read what the phone holds."""
        return phone_state(self.engine.call(READ))


@pytest.fixture
def code(server: ServerProcess) -> str:
    store = server.open_store()
    try:
        officer = add_officer(store, "sari")
        return create_code(store, server.settings, officer.id, system_now(), actor="cli")
    finally:
        store.close()


@pytest.mark.parametrize(
    ("make", "name", "programs"),
    [(Firefox, "Firefox", (FIREFOX,)), (WebKit, "WebKitGTK", (WEBKIT, DISPLAY))],
    ids=["firefox", "webkit"],
)
def test_the_app_opens_saves_and_sends_in_another_engine(
    server: ServerProcess,
    code: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    make: Callable[[Path], Engine],
    name: str,
    programs: tuple[str, ...],
) -> None:
    missing = find_missing(*programs)
    if missing:
        pytest.skip(missing)
    engine = make(tmp_path / "engine")
    try:
        thumb = Thumb(engine, server.url)
        thumb.enrol(code)
        server.kill()
        thumb.open("home")
        thumb.save_visit()
        thumb.save_with_photo()
        thumb.open("mine")
        engine.wait(f"() => ({VISITS})() === 3")
        held = thumb.state()
        assert held.damage == []
        assert len(held.saves) == 3
        server.start()
        thumb.open("sending")
        thumb.tap("send-now")
        engine.wait(f"async () => (await ({LEFT.strip()})()) === 0", seconds=40)
        engine.wait(ALL_SENT)
        sent = thumb.state()
    finally:
        engine.close()
    assert sent.outbox == []
    assert set(sent.acknowledged) == set(held.saves)
    findings = check(server.settings, held.saves, all_of_it=True)
    record_tally(
        record_property, fault=f"engines: server dead, {name}", moments=1, **findings.counts
    )
    assert findings.details == []
    assert findings.files == 2
