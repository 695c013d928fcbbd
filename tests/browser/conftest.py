"""Fixtures of the browser tests: a server process, phones, the office's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Playwright, expect

from tests.browser.browser_process import DESK, PHONE, BrowserProcess
from tests.browser.server_process import ServerProcess

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "instance")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def open_browser(
    playwright: Playwright, tmp_path: Path
) -> Iterator[Callable[[str, dict[str, Any]], BrowserProcess]]:
    opened: list[BrowserProcess] = []

    def make(name: str, options: dict[str, Any]) -> BrowserProcess:
        browser = BrowserProcess(playwright, tmp_path / f"profile-{name}", options)
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        browser.close()


@pytest.fixture
def phone_browser(open_browser: Callable[[str, dict[str, Any]], BrowserProcess]) -> BrowserProcess:
    return open_browser("phone", PHONE)


@pytest.fixture
def desk_browser(open_browser: Callable[[str, dict[str, Any]], BrowserProcess]) -> BrowserProcess:
    return open_browser("desk", DESK)


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo as a camera makes it: large, noisy, with an orientation in its EXIF."""
    path = tmp_path_factory.mktemp("photos") / "hill.jpg"
    picture = Image.effect_noise((2400, 1800), 40).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, "JPEG", quality=90, exif=exif)
    return path
