"""Waits in a page for what comes later.

Playwright's own wait_for_function takes a promise for true and returns at once.
"""

from __future__ import annotations

import time

from playwright.sync_api import Page

POLL_MS = 50


def wait_in_page(page: Page, expression: str, seconds: float = 15) -> None:
    """Wait until a JavaScript expression, which may be a promise, comes to something true."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {expression}")
        page.wait_for_timeout(POLL_MS)
