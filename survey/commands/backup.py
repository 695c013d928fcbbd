"""`survey backup FOLDER`: a whole backup while the server runs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.commands._instance import open_instance, plain_errors
from survey.commands._progress import ProgressLine
from survey.domain.instants import system_now
from survey.services.backing_up import back_up


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--new-folder",
    is_flag=True,
    help="Begin anew in a folder that was used before and is empty now (another disk).",
)
@plain_errors
def backup(folder: Path, new_folder: bool) -> None:
    """Copy the store and what is new of the files into FOLDER, and check the copy."""
    with open_instance() as instance:
        progress = ProgressLine()
        try:
            outcome = back_up(
                instance.store,
                instance.settings,
                folder,
                system_now(),
                progress,
                new_folder=new_folder,
            )
        finally:
            progress.end()
    manifest = outcome.manifest
    click.echo(f"{folder / manifest.name}.db is whole.")
    click.echo(
        f"{manifest.counts['revisions']} records, {manifest.counts['files']} files,"
        f" {outcome.copied} of them copied now; {outcome.made_safe} became safe."
    )
    for sha256 in manifest.missing_files:
        click.echo(f"Missing or damaged in the instance, not in the backup: {sha256}", err=True)
    if manifest.missing_files:
        sys.exit(1)
