"""`survey areas`: the office's lists and boundaries in, and a look at what is there."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands._instance import open_instance, plain_errors
from survey.domain.area_lines import FILE_BYTES
from survey.domain.area_plan import Plan
from survey.domain.areas import LEVELS, Area, list_ancestors
from survey.domain.instants import system_now
from survey.domain.problems import Problem
from survey.services.area_importing import (
    import_areas,
    plan_area_import,
    problem_of_faults,
    undo_import,
)
from survey.services.areas import merge_areas, search_areas
from survey.store.area_imports import list_imports
from survey.store.areas import get_area
from survey.store.areas import list_areas as list_all_areas

ACTOR = "cli"


@click.group()
def areas() -> None:
    """Kabupaten, kecamatan, nagari and jorong: import, merge, list, search."""


@areas.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and report only; change nothing.")
@plain_errors
def import_file(file: Path, dry_run: bool) -> None:
    """Take in FILE: a CSV list of areas or GeoJSON boundaries.

    All is checked first. One fault, and nothing is changed; each is told with row and column.
    The same file again changes nothing. `survey areas undo` takes an import back.
    """
    if file.stat().st_size > FILE_BYTES:
        raise Problem("area.import_too_large", limit=FILE_BYTES // 1_000_000)
    content = file.read_bytes()
    with open_instance() as instance:
        if dry_run:
            plan = plan_area_import(instance.store, file.name, content)
            if not plan.is_right:
                raise problem_of_faults(plan.faults)
            import_id = None
        else:
            outcome = import_areas(instance.store, file.name, content, ACTOR, system_now())
            plan, import_id = outcome.plan, outcome.import_id
    _report(plan)
    if dry_run:
        click.echo("Nothing was changed (dry run).")
    elif import_id is None:
        click.echo("Everything was there already; nothing was changed.")
    else:
        click.echo(f"Import {import_id}; to take it back: survey areas undo {import_id}")


def _report(plan: Plan) -> None:
    for notice in plan.notices:
        click.echo(f"note: {notice.place}: {notice.text}", err=True)
    counts = (f"{plan.count(kind)} {kind}" for kind in ("new", "changed", "same"))
    click.echo(", ".join(counts))


@areas.command("undo")
@click.argument("import_id")
@plain_errors
def undo(import_id: str) -> None:
    """Take the import IMPORT_ID back in one step, when nothing later stands on it."""
    with open_instance() as instance:
        done = undo_import(instance.store, import_id, ACTOR, system_now())
    click.echo("Taken back." if done else "It was taken back before; nothing was changed.")


@areas.command("imports")
@plain_errors
def show_imports() -> None:
    """List the imports, the newest first."""
    with open_instance() as instance:
        for done in list_imports(instance.store.reader()):
            standing = f"taken back {done.undone_at}" if done.undone_at else "stands"
            counts = f"{done.new_count} new, {done.changed_count} changed"
            click.echo(f"{done.id}  {done.at}  {done.file_name}  {counts}  {standing}")


@areas.command("merge")
@click.argument("source", metavar="FROM")
@click.argument("into", metavar="INTO")
@plain_errors
def merge(source: str, into: str) -> None:
    """Let the area FROM go into INTO (ids): two spellings of one place become one.

    Visits keep what they said and count for INTO from now on. This cannot be undone.
    """
    with open_instance() as instance:
        merge_areas(instance.store, source, into, ACTOR, system_now())
        connection = instance.store.reader()
        names = (get_area(connection, source).name, get_area(connection, into).name)
    click.echo(f"{names[0]} ({source}) is {names[1]} ({into}) now.")


@areas.command("list")
@click.option("--level", type=click.Choice(LEVELS), help="Only this level.")
@click.option("--parent", metavar="ID", help="Only what lies in this area, at any depth.")
@plain_errors
def show_list(level: str | None, parent: str | None) -> None:
    """List the areas: id, level, name, standing, parent (tab between them)."""
    with open_instance() as instance:
        known = list_all_areas(instance.store.reader())
    if parent is not None and parent not in known:
        raise Problem("area.not_found")
    for area in sorted(known.values(), key=lambda area: area.id):
        inside = parent is None or any(a.id == parent for a in list_ancestors(known, area.id))
        if area.is_live and inside and level in (None, area.level):
            click.echo(
                "\t".join((area.id, area.level, area.name, area.standing, area.parent_id or ""))
            )


@areas.command("search")
@click.argument("text")
@click.option(
    "--limit",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    help="So many at most.",
)
@plain_errors
def search(text: str, limit: int) -> None:
    """Find areas by TEXT; other spellings (Pasia, Pasir) are marked as suggestions."""
    with open_instance() as instance:
        known = list_all_areas(instance.store.reader())
        found = search_areas(instance.store, text, limit)
    for suggestion in found:
        mark = "suggestion" if suggestion.suggested else suggestion.match
        click.echo(f"{suggestion.area.id}\t{_path(known, suggestion.area)}\t{mark}")
    if not found:
        click.echo("No area answers to this.", err=True)


def _path(known: dict[str, Area], area: Area) -> str:
    above = [parent.name for parent in list_ancestors(known, area.id)][::-1]
    return " > ".join([*above, area.name])
