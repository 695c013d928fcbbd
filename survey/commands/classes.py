"""`survey classes`: the class of every jorong with the rules that it follows."""

from __future__ import annotations

import json
from typing import Any

import click

from survey.commands._instance import open_instance, plain_errors
from survey.domain.class_words import MISSING, PROVISIONAL, STANDINGS
from survey.services.classifying import AreaClass, Classification, start_classifying
from survey.store.connection import snapshot


@click.command()
@click.option("--area", metavar="ID", help="Only this area and what lies in it, e.g. 13.11.01.")
@click.option("--campaign", metavar="ID", help="Only visits of this campaign (id or name).")
@click.option("--preview", is_flag=True, help="Visits that nobody approved yet count too.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object.")
@plain_errors
def classes(area: str | None, campaign: str | None, preview: bool, as_json: bool) -> None:
    """Print the class of every jorong, A none to D usable; official unless --preview."""
    with open_instance() as instance, snapshot(instance.store.reader()) as connection:
        found = start_classifying(connection, area=area, campaign=campaign, preview=preview)
        write = _write_json if as_json else _write_lines
        write(found)
        without = found.count_without_jorong()
    if without:
        click.echo(f"{without} visits lie in no jorong and give no class.", err=True)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _head(found: Classification) -> dict[str, Any]:
    return {
        "status": "official" if found.official else "preview",
        "states": found.states,
        "area": found.area_id,
        "campaign": found.campaign_id,
        "operators": found.operators,
        "rules": found.rules.as_data(),
    }


def _write_json(found: Classification) -> None:
    """Write one object a jorong at a time; what is known last stands last."""
    click.echo(f'{_text(_head(found))[:-1]},"jorong":[')
    comma = ""
    for row in found.rows():
        click.echo(comma + _text(row.as_data()), nl=False)
        comma = ",\n"
    tail = {
        "visits": found.visits,
        "visits_without_jorong": found.count_without_jorong(),
        "as_of": found.as_of,
    }
    click.echo(f"\n],{_text(tail)[1:]}")


def _write_lines(found: Classification) -> None:
    """Write the rules, then a line a jorong, tabs between its parts."""
    for name, value in _head(found).items():
        click.echo(f"# {name}: {value if isinstance(value, str) else _text(value)}")
    for row in found.rows():
        click.echo("\t".join(_cells(row)))
    click.echo(f"Jorong: {found.jorong}, visits: {found.visits}.", err=True)


def _cells(row: AreaClass) -> list[str]:
    classes = row.classes
    standing = STANDINGS[classes.standing]
    if classes.standing == "provisional":
        standing = PROVISIONAL.format(stands=classes.n_stands, days=classes.n_days)
    missing = []
    for one in classes.missing:
        details = {
            name: ", ".join(value) if isinstance(value, tuple) else value
            for name, value in one.details.items()
        }
        missing.append(MISSING[one.code].format(**details))
    operators = [f"{one.operator} {one.letter or '-'}" for one in classes.operators]
    return [
        row.area.id,
        row.area.name,
        classes.letter or "-",
        standing,
        ", ".join(operators),
        ", ".join(one.kind for one in row.not_spots),
        "; ".join(missing),
    ]
