"""Radio logs and tower lists on the command line: taken in, and told in one line a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import click

from survey.commands._instance import Instance
from survey.commands._progress import ProgressLine
from survey.domain.instants import system_now
from survey.formats.radio.items import DROPPED, REASONS
from survey.formats.radio.recognising import FORMAT_NAMES
from survey.services.radio_importing import (
    LogReport,
    Origin,
    find_log_officer,
    import_logs,
    is_radio_log,
)

SHOWN: Final = 20
"""Rejected rows of a file that are named one by one; the rest is counted by reason."""


def take_logs(
    instance: Instance, file: Path, officer: str | None, actor: str
) -> list[LogReport] | None:
    """Take in what a file holds of logs, None when it is no such file."""
    size, line = file.stat().st_size, ProgressLine()
    with file.open("rb") as stream:
        if not is_radio_log(stream, file.name):
            return None
        try:
            return import_logs(
                instance.store,
                instance.settings,
                stream,
                file.name,
                Origin(actor, find_log_officer(instance.store, officer)),
                system_now(),
                lambda position: line(file.name, position, size),
            )
        finally:
            line.end()


def show_log(report: LogReport) -> None:
    """Say what became of a log: counts on stdout, the first rejected rows on stderr."""
    name = plain(report.name)
    for row in report.rejected[:SHOWN]:
        click.echo(f"{name}, row {row.line}: {REASONS[row.reason]}", err=True)
    more = report.rejected_count - SHOWN
    if more > 0 and report.rejected:
        click.echo(f"{name}: and {more} more rows rejected", err=True)
    what = "cells of a tower list" if report.is_tower_list else "samples"
    rejected = Counter({k: n for k, n in report.reasons.items() if k not in DROPPED})
    click.echo(
        f"{name}: {FORMAT_NAMES[report.format]}; {report.new + report.known} {what}"
        f" ({report.new} new, {report.known} known);"
        f" {rejected.total()} rows rejected{_by_reason(rejected)};"
        f" {report.dropped_count} Wi-Fi and Bluetooth rows left out"
        + ("; this file was taken in before" if report.known_file else "")
    )


def plain(text: str) -> str:
    """Return text from a file as a terminal may show it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _by_reason(counts: Counter[str]) -> str:
    words = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in counts.most_common())
    return f" ({words})" if words else ""
