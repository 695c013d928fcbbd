"""Fixtures of the fault tests: the server's process, phones and desks of the browser tests."""

from tests.browser.conftest import desk_browser, open_browser, phone_browser, photo, server

__all__ = ["desk_browser", "open_browser", "phone_browser", "photo", "server"]
