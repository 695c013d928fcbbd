"""Fixtures of the tests in other engines: a server process."""

from tests.browser.conftest import server

__all__ = ["server"]
