"""`survey erase`: removes a visit, a photo or a person's tracks for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import click

from survey.commands._instance import open_instance, plain_errors
from survey.domain.instants import system_now
from survey.services import erasing
from survey.services.erasing import Target
from survey.store.files import FileRoom

reason_option = click.option(
    "--reason", required=True, help="Why, and who asked; kept beside the id and the hash."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask before erasing.")


@click.group()
def erase() -> None:
    """Erase content for good; id, hash, reason and time stay."""


@erase.command()
@click.argument("visit_id", metavar="ID")
@reason_option
@yes_option
@plain_errors
def visit(visit_id: str, reason: str, yes: bool) -> None:
    """Erase a visit: all its revisions, what was written about it, its photos."""
    _erase(lambda connection: erasing.find_visit(connection, visit_id), reason, yes)


@erase.command()
@click.argument("sha256", metavar="SHA256")
@reason_option
@yes_option
@plain_errors
def photo(sha256: str, reason: str, yes: bool) -> None:
    """Erase the bytes of a photo and of its small pictures."""
    _erase(lambda connection: erasing.find_photo(connection, sha256.lower()), reason, yes)


@erase.command()
@click.argument("username")
@reason_option
@yes_option
@plain_errors
def tracks(username: str, reason: str, yes: bool) -> None:
    """Erase all tracks that a person has recorded until now."""
    _erase(lambda connection: erasing.find_tracks(connection, username), reason, yes)


def _erase(find: Callable[[sqlite3.Connection], Target], reason: str, yes: bool) -> None:
    with open_instance() as instance:
        target = find(instance.store.reader())
        size = f"{len(target.revision_keys)} records and {len(target.files)} files"
        if not yes:
            click.confirm(f"Erase {size} for good?", abort=True, err=True)
        erasing.erase(
            instance.store,
            FileRoom(instance.settings.instance),
            find,
            reason,
            system_now(),
            actor="cli",
        )
        click.echo(f"Erased {size}.")
