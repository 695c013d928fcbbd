"""What an officer does with the phone: the driver behind the stories, no assertions on design."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.browser_process import PLACE, BrowserProcess
from tests.browser.waiting import wait_in_page


class Officer:
    """An officer holding a phone; every step waits for what only that step can show."""

    def __init__(self, browser: BrowserProcess, url: str) -> None:
        self.browser = browser
        self.url = url
        self.taps = 0

    @property
    def page(self) -> Page:
        return self.browser.page

    def find(self, name: str) -> Locator:
        """Return the control with a test id."""
        return self.page.get_by_test_id(name)

    def tap(self, name: str) -> None:
        """Tap a control and count the tap."""
        self.find(name).first.click()
        self.taps += 1

    def enrol(self, link: str) -> None:
        """Open the link of the QR code and enrol this phone, as on the server's own computer."""
        self.page.goto(link)
        self.find("enrol-open-here").click()
        self.page.locator("input[type=checkbox]").first.check()
        self.find("enrol-submit").click()
        expect(self.find("ready")).to_be_visible()
        # the first run brings the list of jorong
        pill = self.page.locator('[data-testid=pill][data-contact="known"][data-phase="idle"]')
        expect(pill).to_be_visible()
        self.wait_until_ready_offline()

    def add_officer(self, code: str) -> None:
        """Enrol one more officer on this phone."""
        self.open("enrol")
        self.find("code").fill(code)
        self.page.locator("input[type=checkbox]").first.check()
        self.find("enrol-submit").click()
        expect(self.find("search")).to_be_visible()

    def wait_until_ready_offline(self) -> None:
        """Wait until the worker has stored the whole app."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        wait_in_page(
            self.page,
            "caches.keys().then((names) => names.some((name) => name.startsWith('app-')))",
        )

    def open(self, screen: str) -> None:
        """Open the app at a screen, as from the icon."""
        self.page.goto(f"{self.url}/app#{screen}")

    def go(self, screen: str) -> None:
        """Use the bottom navigation."""
        self.find(f"nav-{screen}").click()

    def begin_visit(self, area: str) -> None:
        """Find a jorong and open its visit form."""
        self.go("home")
        self.find("search").fill(area)
        self.page.locator("[data-testid^=found-]").first.click()
        expect(self.find("visit-form")).to_be_visible()

    def choose_sims(self, *operators: str) -> None:
        """Say which SIM cards are in the bag today."""
        for operator in operators:
            self.tap(f"sim-{operator}")
        self.tap("sims-confirm")

    def unfold(self, operator: str) -> None:
        """Open the card of an operator where it is folded."""
        if self.find(f"operator-{operator}-head").get_attribute("aria-expanded") == "false":
            self.tap(f"operator-{operator}-head")

    def answer(self, operator: str, result: str) -> None:
        """Say what works with an operator."""
        self.unfold(operator)
        self.tap(f"result-{operator}-{result}")

    def type_reading(self, operator: str, technology: str, text: str) -> None:
        """Type what the phone shows of the signal."""
        self.unfold(operator)
        self.find(f"reading-{operator}-open").click()
        self.find(f"technology-{operator}-{technology}").click()
        self.find(f"typed-{operator}").fill(text)
        self.find(f"typed-{operator}").blur()

    def fill_place(self) -> None:
        """Say where one stands and what power and people say."""
        self.tap("place-kind-centre")
        self.tap("setting-outdoor")
        self.tap("power-on")
        self.tap("usually-signal-no")

    def take_position(self) -> None:
        """Stand still, as satellites see it: small moves until the average was kept."""
        for step in range(60):
            if self.find("position-kept").is_visible():
                return
            moved = {**PLACE, "latitude": PLACE["latitude"] + (step % 3 - 1) * 1e-6}
            self.browser.context.set_geolocation(moved)
            self.page.wait_for_timeout(250)
        expect(self.find("position-kept")).to_be_visible()

    def add_photo(self, path: Path) -> None:
        """Pick a photo and wait until it is in the draft."""
        self.find("photo-gallery").set_input_files(str(path))
        expect(self.find("photo")).to_be_visible()

    def save(self) -> None:
        """Save the visit and wait until the phone says that it is safe."""
        self.tap("save")
        expect(self.find("saved")).to_be_visible()

    def send_now(self) -> None:
        """Ask for sending at once; what follows waits for what only the answer can show."""
        self.find("pill").click()
        self.find("send-now").click()

    def wait_until_sent(self) -> None:
        """Wait until the pill says that all was sent."""
        expect(self.find("pill-text")).to_contain_text("Semua terkirim", timeout=30_000)

    def expect_visits(self, *states: str) -> None:
        """Wait until "Kunjungan saya" shows visits in these states, newest first."""
        self.open("mine")
        items = self.page.locator("[data-testid^=visit-][data-state]")
        expect(items).to_have_count(len(states))
        for item, state in zip(items.all(), states, strict=True):
            expect(item).to_have_attribute("data-state", re.compile(f"^({state})$"))
