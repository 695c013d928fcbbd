"""What a supervisor does at the desk: the driver behind the stories."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.browser_process import BrowserProcess
from tests.factories import PASSWORD


class Supervisor:
    """A supervisor in the office with a browser of their own."""

    def __init__(self, browser: BrowserProcess, url: str) -> None:
        self.browser = browser
        self.url = url

    @property
    def page(self) -> Page:
        return self.browser.page

    def sign_in(self, username: str) -> None:
        """Sign in by name and password."""
        self.page.goto(f"{self.url}/sign-in")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("form[novalidate] button[type=submit]")
        expect(self.page).to_have_url(f"{self.url}/queue")

    def open_first(self) -> None:
        """Open the newest visit of the queue."""
        self.page.goto(f"{self.url}/queue")
        self.page.locator(".queue__card a[data-step]").first.click()
        expect(self.page.locator("#review")).to_be_visible()

    def decide(self, decision: str, reason: str = "") -> None:
        """Decide on the visit that is open."""
        if reason:
            self.page.fill("#review [name=reason]", reason)
        self.page.click(f"#review button[value={decision}]")
        self.page.wait_for_load_state()
