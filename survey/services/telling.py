"""How long work on a whole instance tells how far it is: backup, restore, rehearsal, check."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told what is at hand, how many are done, of how many."""


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""
