"""`survey export`: visits and tracks as a file for other programs."""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from survey.commands._instance import open_instance, plain_errors
from survey.domain.exports import EXPORTED_STATES, ExportFilters
from survey.domain.review import STATES
from survey.services.exporting import FORMATS, Export, open_export

DAY = click.DateTime(formats=["%Y-%m-%d"])
QUIET_SECONDS = 1.0
"""Progress is shown only for what takes longer."""


@click.command()
@click.argument("format_name", metavar="FORMAT", type=click.Choice(FORMATS))
@click.option(
    "--out", required=True, metavar="PATH|-", help="File or folder; - is standard output."
)
@click.option("--campaign", metavar="ID", help="Only visits of this campaign (id or name).")
@click.option("--area", metavar="ID", help="Only this area and what lies in it, e.g. 13.11.01.")
@click.option("--officer", metavar="USERNAME", help="Only visits of this officer.")
@click.option("--from", "first_day", type=DAY, metavar="DAY", help="From this local day on.")
@click.option("--to", "last_day", type=DAY, metavar="DAY", help="Up to and with this local day.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="Only visits in this state; may be repeated. Default: all but rejected and withdrawn.",
)
@click.option(
    "--excel", is_flag=True, help="CSV for an Indonesian Excel: semicolons, decimal commas."
)
@click.option("--personal", is_flag=True, help="With names of people and models of their phones.")
@plain_errors
def export(
    format_name: str,
    out: str,
    campaign: str | None,
    area: str | None,
    officer: str | None,
    first_day: datetime | None,
    last_day: datetime | None,
    states: tuple[str, ...],
    excel: bool,
    personal: bool,
) -> None:
    """Write visits as FORMAT (gpx, csv or geojson); practice visits never."""
    if excel and format_name != "csv":
        raise click.UsageError("--excel goes with csv only.")
    filters = ExportFilters(
        campaign=campaign,
        area=area,
        officer=officer,
        first_day=first_day.date() if first_day else None,
        last_day=last_day.date() if last_day else None,
        states=states or EXPORTED_STATES,
    )
    with open_instance() as instance:
        result = open_export(
            instance.store,
            instance.settings,
            format_name,
            filters,
            personal=personal,
            excel=excel,
            progress=_Progress(),
        )
        with closing(result.chunks):
            target = _write(result, out)
    click.echo(f"Visits: {result.visits}, as of {result.as_of or 'never'}: {target}", err=True)


class _Progress:
    """Says on stderr how far an export is, once it has taken over a second."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._last >= QUIET_SECONDS:
            self._last = time.monotonic()
            click.echo(f"{done} of {total} visits ...", err=True)


def _write(result: Export, out: str) -> str:
    """Write the bytes to their place and return its name; a file is replaced whole."""
    if out == "-":
        stream = sys.stdout.buffer
        try:
            for chunk in result.chunks:
                stream.write(chunk)
            stream.flush()
        except BrokenPipeError:
            # The reader had enough (`| head`); nothing more can be said on this pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            sys.exit(1)
        return "standard output"
    path = Path(out)
    if path.is_dir():
        path = path / result.file_name
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            for chunk in result.chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return str(path)
