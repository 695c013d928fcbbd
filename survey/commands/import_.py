"""`survey import`: rescue files of phones, logs of radio apps and tower lists in."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from survey.commands._instance import Instance, open_instance, plain_errors
from survey.commands._progress import ProgressLine
from survey.commands._radio_logs import show_log, take_logs
from survey.domain.instants import system_now
from survey.domain.problems import Problem
from survey.formats.rescue_items import WHY_MESSAGES, Place
from survey.services.import_report import Report
from survey.services.importing import LARGEST_BYTES, count_photos, import_rescue
from survey.services.radio_importing import LogReport
from survey.store.files import FileRoom

ACTOR = "cli"


ENDINGS = (".txt", ".zip", ".csv", ".json", ".gpkg", ".ntm", ".clf", ".gz")
"""What is taken of a folder; a file that is named is taken whatever its ending."""


@click.command("import")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--officer",
    metavar="USERNAME",
    help="Whose records these are, where the file names no officer known here.",
)
@plain_errors
def import_(files: tuple[Path, ...], officer: str | None) -> None:
    """Take in rescue files of phones, logs of radio apps and tower lists, or a folder of such.

    What a file is, its content tells. A rescue file (ZIP or .txt) gives one line a record:
    result, seal, kind, id, jorong, reason, photos here of those it names (tab between them); the
    author is who the file names. A log gives one line: how many rows are samples, how many were
    rejected and why. Doing it again changes nothing.
    """
    reports: list[Report] = []
    logs: list[LogReport] = []
    unreadable = False
    with open_instance() as instance:
        try:
            for file in files:
                for path in _list_files(file):
                    try:
                        found = take_logs(instance, path, officer, ACTOR)
                        if found is None:
                            reports.append(_take(instance, path, officer))
                        else:
                            logs += found
                    except (Problem, OSError) as error:
                        if not _is_of_the_file(error):
                            raise
                        unreadable = True
                        _complain(path, error)
        finally:  # also after a full disk: what was taken in is told
            count_photos(instance.store, reports)
            for report in reports:
                _show(report)
            for log in logs:
                show_log(log)
    if unreadable:
        sys.exit(1)


def _list_files(path: Path) -> list[Path]:
    """Return the rescue files of a folder by name, else the path itself."""
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS)
    return found or [path]


def _take(instance: Instance, file: Path, officer: str | None) -> Report:
    size, line = file.stat().st_size, ProgressLine()
    try:
        with file.open("rb") as stream:
            return import_rescue(
                instance.store,
                FileRoom(instance.settings.instance),
                instance.settings,
                stream,
                file.name,
                ACTOR,
                system_now(),
                officer,
                lambda position: line(_plain(file.name), position, size),
                LARGEST_BYTES,
            )
    finally:
        line.end()


def _is_of_the_file(error: Problem | OSError) -> bool:
    """Tell whether the next file may still do."""
    if isinstance(error, Problem):
        return error.code in ("import.unreadable", "import.too_large", "import.columns_missing")
    return isinstance(error, PermissionError | FileNotFoundError | IsADirectoryError)


def _complain(file: Path, error: Problem | OSError) -> None:
    said = error.strerror if isinstance(error, OSError) else error.message
    if isinstance(error, IsADirectoryError):
        said = "There is no .txt and no .zip in this folder."
    click.echo(_plain(f"{file.name}: {said}"), err=True)
    for fault in error.errors if isinstance(error, Problem) else ():
        click.echo(fault.message, err=True)


def _show(report: Report) -> None:
    for row in report.rows:
        photos = f"{len(row.photos) - row.photos_missing}/{len(row.photos)}" if row.photos else ""
        words = (row.result, row.seal, row.kind, row.record_id, row.area_name, row.reason, photos)
        click.echo("\t".join(map(_plain, words)))
    for place, reason in report.file_faults:
        click.echo(f"{_where(report, place)}: photo or file: {reason}", err=True)
    for bad in report.bad_lines:
        click.echo(f"{_where(report, bad.place)}: {WHY_MESSAGES[bad.why]}", err=True)
    click.echo(
        f"{_plain(report.name)}: {len(report.rows)} records{_counts(report.results)};"
        f" seals{_counts(report.seals)}; {report.files.total()} files{_counts(report.files)};"
        f" {report.photos_missing} photos missing;"
        f" {report.bad_count} parts not read, {report.drafts} drafts left out"
    )


def _counts(counts: Counter[str]) -> str:
    """Return " (2 stored, 1 refused)", or nothing when there is nothing."""
    words = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in sorted(counts.items()))
    return f" ({words})" if words else ""


def _where(report: Report, place: Place) -> str:
    inside = f" > {place.entry}" if place.entry else ""
    line = f", line {place.line}" if place.line else ""
    return _plain(f"{report.name}{inside}{line}")


def _plain(text: str) -> str:
    """Return text from a file as a terminal may show it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
