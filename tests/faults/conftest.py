"""Fixtures of the fault tests: those of the browser tests, and a phone behind a bad link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Playwright

from tests.browser.browser_process import PHONE, BrowserProcess
from tests.browser.conftest import desk_browser, open_browser, phone_browser, photo, server
from tests.browser.server_process import ServerProcess
from tests.faults.field import FieldPhone
from tests.faults.proxy import Proxy

__all__ = ["desk_browser", "open_browser", "phone_browser", "photo", "server"]


@pytest.fixture(scope="module")
def enrolled_phone(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FieldPhone]:
    """An enrolled phone with its own server and link, for all tests of a module."""
    folder = tmp_path_factory.mktemp("field")
    server = ServerProcess(folder / "instance")
    with ExitStack() as ends, Proxy(server.port) as proxy:
        server.environ["SURVEY_PUBLIC_URL"] = proxy.url
        ends.callback(server.stop)
        server.start()
        browser = BrowserProcess(playwright, folder / "profile", PHONE)
        ends.callback(browser.close)
        field = FieldPhone(browser, server, proxy)
        field.enrol()
        yield field
        field.assert_all_arrived(deep=True)


@pytest.fixture
def phone(enrolled_phone: FieldPhone) -> Iterator[FieldPhone]:
    """The module's phone at the button that sends, with a link that is whole again afterwards."""
    enrolled_phone.officer.open("sending")
    yield enrolled_phone
    enrolled_phone.proxy.clear()
