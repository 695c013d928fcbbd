"""`survey user`: people by command: add, list, roles, disable, enable, password."""

from __future__ import annotations

import sys

import click

from survey.commands._instance import Instance, open_instance, plain_errors
from survey.domain.instants import system_now
from survey.domain.roles import ROLES
from survey.services import accounts
from survey.store.users import User

ACTOR = "cli"

role_option = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLES),
    help="A role; give it once for each role.",
)
password_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the first line of standard input; no link is made.",
)


@click.group()
def user() -> None:
    """Add, list, change, disable and enable people."""


def _read_password() -> str:
    """Return the first line of standard input without its end."""
    return sys.stdin.readline().rstrip("\r\n")


def _print_link(instance: Instance, person: User) -> None:
    token = accounts.create_link(instance.store, person.id, system_now(), actor=ACTOR)
    click.echo(f"{instance.settings.public_url}/welcome/{token}")
    click.echo(
        f"A link for one use by {person.username}, valid {accounts.LINK_DAYS} days.", err=True
    )


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name as others see it.")
@role_option
@click.option(
    "--language",
    type=click.Choice(accounts.LANGUAGES),
    default="id",
    show_default=True,
    help="The language this person reads.",
)
@password_option
@plain_errors
def add(
    username: str, name: str, roles: tuple[str, ...], language: str, password_stdin: bool
) -> None:
    """Add a person and print a one-time link with which they choose a password."""
    password = _read_password() if password_stdin else None
    with open_instance() as instance:
        person = accounts.create_user(
            instance.store,
            username,
            name,
            roles,
            system_now(),
            actor=ACTOR,
            password=password,
            language=language,
        )
        if password is None:
            _print_link(instance, person)
        if "officer" in person.roles:
            click.echo(f"For a phone: survey device code {person.username}", err=True)


@user.command("list")
@plain_errors
def list_people() -> None:
    """List people: user name, roles, standing, name, separated by tabs."""
    with open_instance() as instance:
        for person in accounts.list_users(instance.store):
            roles = ",".join(role for role in ROLES if role in person.roles)
            standing = "disabled" if person.disabled_at else "active"
            click.echo("\t".join((person.username, roles, standing, person.name)))


@user.command()
@click.argument("username")
@role_option
@plain_errors
def roles(username: str, roles: tuple[str, ...]) -> None:
    """Give a person exactly these roles; the last admin stays one."""
    with open_instance() as instance:
        person = accounts.get_user_by_name(instance.store, username)
        accounts.change_roles(instance.store, person.id, roles, system_now(), actor=ACTOR)


@user.command()
@click.argument("username")
@plain_errors
def disable(username: str) -> None:
    """Keep a person and their phones out; what a phone holds stays on it."""
    with open_instance() as instance:
        person = accounts.get_user_by_name(instance.store, username)
        accounts.disable_user(instance.store, person.id, system_now(), actor=ACTOR)


@user.command()
@click.argument("username")
@plain_errors
def enable(username: str) -> None:
    """Let a disabled person in again."""
    with open_instance() as instance:
        person = accounts.get_user_by_name(instance.store, username)
        accounts.enable_user(instance.store, person.id, system_now(), actor=ACTOR)


@user.command()
@click.argument("username")
@password_option
@plain_errors
def password(username: str, password_stdin: bool) -> None:
    """Print a one-time link for a new password, or set it from standard input."""
    with open_instance() as instance:
        person = accounts.get_user_by_name(instance.store, username)
        if password_stdin:
            accounts.set_password(
                instance.store, person.id, _read_password(), system_now(), actor=ACTOR
            )
        else:
            _print_link(instance, person)
