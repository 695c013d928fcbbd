"""`survey rebuild`: makes the tables of visits and tracks again from what phones sent."""

from __future__ import annotations

import sys

import click

from survey.commands._instance import open_instance, plain_errors
from survey.domain.instants import system_now
from survey.services.projecting import rebuild as rebuild_projection
from survey.services.quarantining import read_again
from survey.services.sample_areas import tie_samples

PROGRESS_EVERY = 1_000


@click.command()
@plain_errors
def rebuild() -> None:
    """Make visits, readings, tracks and flags again from the stored records.

    Records that could not be read when they came, and can be by now, are taken in first.
    """
    with open_instance() as instance:
        read = read_again(instance.store, instance.settings.timezone, system_now())
        count = rebuild_projection(
            instance.store,
            system_now(),
            _show_progress if sys.stderr.isatty() else None,
            zone=instance.settings.timezone,
        )
        moved = tie_samples(instance.store)
    if read.total():
        click.echo(f"{read.total()} records that could not be read before were taken in.")
    click.echo(f"{count} visits were made again.")
    if moved:
        click.echo(f"{moved} samples of radio logs belong to another jorong now.")


def _show_progress(done: int, total: int) -> None:
    if done % PROGRESS_EVERY == 0 or done == total:
        click.echo(f"\r{done} / {total}", nl=done == total, err=True)
