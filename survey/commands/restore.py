"""`survey restore FOLDER`: an instance from a backup."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.commands._instance import plain_errors
from survey.commands._progress import ProgressLine
from survey.domain.instants import system_now
from survey.services.restoring import RestoreOutcome
from survey.services.restoring import restore as restore_instance
from survey.settings import load_settings


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--at", metavar="NAME", help="The backup to take; without it the newest whole one.")
@plain_errors
def restore(folder: Path, at: str | None) -> None:
    """Restore a backup into an instance that has no store yet, and check it."""
    settings = load_settings()
    progress = ProgressLine()
    try:
        outcome = restore_instance(settings, folder, system_now(), at, progress)
    finally:
        progress.end()
    _tell(outcome)
    if outcome.damage:
        sys.exit(1)


def _tell(outcome: RestoreOutcome) -> None:
    for name in outcome.skipped:
        click.echo(f"Damaged, passed over: {name}", err=True)
    for sha256 in outcome.lost:
        click.echo(f"Not in the backup, phones that hold it send it again: {sha256}", err=True)
    for line in outcome.damage:
        click.echo(line, err=True)
    manifest = outcome.manifest
    click.echo(
        f"Restored {manifest.name}: {manifest.counts['revisions']} records,"
        f" {outcome.files} files, as of {manifest.made_at}."
    )
    click.echo("Phones send what came after that, as far as they still hold it.")
