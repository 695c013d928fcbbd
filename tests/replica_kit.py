"""Litestream for tests: the real binary, or a printed reason why a test is skipped."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from survey.domain.problems import Problem
from survey.services.litestream import get_binary

WAIT_S = 30.0


def need_litestream() -> Path:
    """Return the binary; without one the test is skipped and says so."""
    try:
        return get_binary()
    except Problem as problem:
        pytest.skip(problem.message)


def wait_for(what: Callable[[], bool], tick: Callable[[], object] = lambda: None) -> None:
    """Wait until something is so, ticking meanwhile; fails when it never comes."""
    deadline = time.monotonic() + WAIT_S
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        tick()
        time.sleep(0.05)
