"""`survey restore SOURCE`: an instance from a backup or a replica, or only a rehearsal of it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.commands._instance import plain_errors
from survey.commands._progress import ProgressLine
from survey.domain.instants import system_now
from survey.services.rehearsing import Rehearsal
from survey.services.rehearsing import rehearse as rehearse_restore
from survey.services.restore_sources import find_source
from survey.services.restoring import RestoreOutcome
from survey.services.restoring import restore as restore_instance
from survey.settings import load_settings


@click.command()
@click.argument("source")
@click.option("--at", metavar="WHEN", help="A backup's name, or a moment of a replica.")
@click.option(
    "--files",
    "more_files",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="One more folder (a backup, an old instance) to take files from.",
)
@click.option("--rehearse", is_flag=True, help="Only try: restore, check, compare, remove again.")
@plain_errors
def restore(source: str, at: str | None, more_files: tuple[Path, ...], rehearse: bool) -> None:
    """Restore SOURCE into an instance that has no store yet, and check it.

    SOURCE is a folder of backups, a folder with a replica, or the address of a replica.
    """
    if "://" not in source and not Path(source).is_dir():
        raise click.BadParameter(f"there is no folder {source}", param_hint="SOURCE")
    settings, found = load_settings(), find_source(source, at)
    progress = ProgressLine()
    try:
        if rehearse:
            result = rehearse_restore(settings, found, system_now(), progress, more_files)
        else:
            outcome = restore_instance(
                settings, found, system_now(), progress, more_files=more_files
            )
    finally:
        progress.end()
    if rehearse:
        _tell_rehearsal(result)
        sys.exit(0 if result.proved else 1)
    _tell(outcome)
    click.echo("Phones send what came after that, as far as they still hold it.")
    sys.exit(1 if outcome.damage else 0)


def _tell(outcome: RestoreOutcome) -> None:
    for name in outcome.skipped:
        click.echo(f"Damaged, passed over: {name}", err=True)
    for sha256 in outcome.lost:
        click.echo(f"Not in the backup, phones that hold it send it again: {sha256}", err=True)
    for line in outcome.damage:
        click.echo(line, err=True)
    origin = outcome.origin
    click.echo(
        f"Restored {origin.name}: {origin.records} records,"
        f" {outcome.files} files, as of {origin.as_of}."
    )
    if outcome.strays:
        click.echo(f"{outcome.strays} files came later than that and were brought, too.")


def _tell_rehearsal(result: Rehearsal) -> None:
    _tell(result.outcome)
    if result.same_history is False:
        click.echo("This is no copy of the instance here: its history is another.", err=True)
    elif result.live is None:
        click.echo("There is no instance here to compare with.")
    elif result.live == result.outcome.origin.records:
        click.echo(f"All {result.live} records that the instance had by then are in it.")
    else:
        click.echo(
            f"The instance had {result.live} records by then, and {result.outcome.origin.records}"
            " are in it.",
            err=True,
        )
    word = "A restore from this works" if result.proved else "A restore from this has faults"
    click.echo(f"{word}: database, references, audit, records and files were checked.")
    click.echo(f"It took {result.seconds} s. The folder of the rehearsal is removed again.")
