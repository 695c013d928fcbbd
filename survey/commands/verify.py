"""`survey verify`: looks whether everything is here and whole, and changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.commands._instance import open_instance, plain_errors
from survey.commands._progress import ProgressLine
from survey.domain.instants import system_now
from survey.domain.problems import Problem
from survey.services import verifying
from survey.store.files import FileRoom


@click.command()
@click.option(
    "--receipts",
    "receipts_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Records that phones were told are safe: JSON, a list or one a line, id and sha256.",
)
@plain_errors
def verify(receipts_file: Path | None) -> None:
    """Check records, files, audit and tables; damage is named on stderr, exit 1."""
    receipts = _read(receipts_file) if receipts_file else []
    with open_instance() as instance:
        progress = ProgressLine()
        report = verifying.verify(
            instance.store,
            FileRoom(instance.settings.instance),
            system_now(),
            receipts,
            progress,
        )
        progress.end()
    for name, count in report.checked:
        click.echo(f"{name}: {count} checked")
    for text in report.notes:
        click.echo(text)
    for path in report.leftovers:
        click.echo(f"leftover, no damage: files/{path}")
    for line in report.damage:
        click.echo(line, err=True)
    if report.damage:
        sys.exit(1)
    click.echo("No damage was found.")


def _read(path: Path) -> list[verifying.Receipt]:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise Problem("receipts.unreadable") from None
    return verifying.read_receipts(text)
