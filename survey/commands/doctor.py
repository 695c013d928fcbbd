"""`survey doctor`: looks at a server from outside, as a phone meets it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from survey.commands._instance import plain_errors
from survey.commands._progress import ProgressLine
from survey.services.doctoring import Finding, Target, examine, read_target


def _read(_: click.Context, param: click.Parameter, value: str) -> Target:
    try:
        return read_target(value)
    except ValueError as error:
        raise click.BadParameter(f"{value}: {error}", param=param) from None


@click.command()
@click.argument("url", callback=_read)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.option("--slow", is_flag=True, help="Also send a body as slowly as on 2G (100 seconds).")
@plain_errors
def doctor(url: Target, as_json: bool, slow: bool) -> None:
    """Tell whether the server at URL will do for phones, and what to mend.

    Needs no instance here: ask from another network than the server's.
    """
    progress = ProgressLine()
    found = []
    for finding in examine(url, progress, slow=slow):
        progress.end()
        found.append(finding)
        if not as_json:
            _show(finding)
    failed = sum(finding.status == "fail" for finding in found)
    warned = sum(finding.status == "warn" for finding in found)
    if as_json:
        checks = [asdict(finding) for finding in found]
        click.echo(json.dumps({"url": url.origin, "ok": not failed, "checks": checks}, indent=1))
    elif failed:
        click.echo(
            f"{url.origin} will not do for phones yet: {failed} failed, {warned} to look at."
        )
    else:
        click.echo(
            f"{url.origin} will do for phones" + (f"; {warned} to look at." if warned else ".")
        )
    if failed:
        sys.exit(1)


def _show(finding: Finding) -> None:
    click.echo(f"{finding.status:<5}{finding.name:<12} {finding.said}")
    for line in finding.remedy.splitlines():
        click.echo(f"{'':<18}{line}")
