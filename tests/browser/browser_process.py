"""A chromium with its own profile folder, which tests may kill and open again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright

QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--no-first-run",
]
PLACE = {"latitude": -1.556842, "longitude": 101.247096, "accuracy": 6}
PHONE = {
    "viewport": {"width": 360, "height": 640},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "id-ID",
    "timezone_id": "Asia/Jakarta",
    "permissions": ["geolocation", "background-sync"],
    "geolocation": PLACE,
}
DESK = {
    "viewport": {"width": 1280, "height": 900},
    "locale": "id-ID",
    "timezone_id": "Asia/Jakarta",
}
TIMEOUT_MS = 15_000


class BrowserProcess:
    """One browser profile: what it stored survives `kill` and `close`."""

    def __init__(self, playwright: Playwright, profile: Path, options: dict[str, Any]) -> None:
        self._playwright = playwright
        self._profile = profile
        self._options = options
        self.console_errors: list[str] = []
        self.foreign_requests: list[str] = []
        self.context: BrowserContext
        self.page: Page
        self.open()

    def open(self) -> None:
        """Start the browser on its profile, with one empty page."""
        for lock in self._profile.glob("Singleton*"):
            lock.unlink()
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self._profile),
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            headless=True,
            args=QUIET,
            **self._options,
        )
        self.context.set_default_timeout(TIMEOUT_MS)
        self.context.on("request", self._note_request)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")):
            self.foreign_requests.append(request.url)

    def send_signal(self, number: int) -> None:
        """Send a signal to the browser of this profile and all its helpers, one process group."""
        marker = f"--user-data-dir={self._profile}".encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    if marker in (folder / "cmdline").read_bytes().split(b"\0"):
                        os.killpg(int(folder.name), number)
                except (FileNotFoundError, ProcessLookupError, PermissionError):
                    continue

    def kill(self) -> None:
        """End every process of this profile at once, as a phone that runs out of memory does."""
        self.send_signal(signal.SIGKILL)
        self.close()
        time.sleep(0.2)

    def close(self) -> None:
        """Close the browser; a killed one is closed already."""
        try:
            self.context.close()
        except Exception:  # the connection to a killed browser is gone
            return
