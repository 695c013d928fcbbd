"""One line on a terminal that says how far a long command is; nothing elsewhere."""

from __future__ import annotations

import sys
import time

import click

FIRST_S = 1.0
EVERY_S = 0.2


class ProgressLine:
    """Shown when the work lasts over a second, and wiped by `end`."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._next = time.monotonic() + FIRST_S
        self._width = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say how many are done, of how many; cheap when called for each."""
        if not self._shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        text = f"{what}: {done} / {total}"
        click.echo("\r" + text.ljust(self._width), nl=False, err=True)
        self._width = len(text)

    def end(self) -> None:
        """Leave an empty line to what comes next."""
        if self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)
