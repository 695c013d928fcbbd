"""`survey device`: phones by command: a code for one, the list, revoking."""

from __future__ import annotations

import click

from survey.commands._instance import open_instance, plain_errors
from survey.domain.enrolment import CODE_DAYS
from survey.domain.instants import system_now
from survey.domain.problems import Problem
from survey.services import enrolling
from survey.services.accounts import get_user_by_name

ACTOR = "cli"


@click.group()
def device() -> None:
    """Give codes to phones, list and revoke phones."""


@device.command()
@click.argument("username", metavar="USER")
@plain_errors
def code(username: str) -> None:
    """Print a new code for an officer's phone, and its address on the next line."""
    with open_instance() as instance:
        person = get_user_by_name(instance.store, username)
        new = enrolling.create_code(
            instance.store, instance.settings, person.id, system_now(), actor=ACTOR
        )
        click.echo(new)
        click.echo(enrolling.enrol_address(instance.settings, new))
        click.echo(f"For one phone of {person.username}, valid {CODE_DAYS} days.", err=True)


@device.command("list")
@click.option(
    "--unsent",
    is_flag=True,
    help="Only phones that said they hold something, or never said what they hold.",
)
@plain_errors
def list_phones(unsent: bool) -> None:
    """List phones: id, officer, standing, last contact, unsent records and files, model."""
    with open_instance() as instance:
        for phone in enrolling.list_devices(instance.store):
            if unsent and (phone.unsent_records, phone.unsent_files) == (0, 0):
                continue
            fields = (
                phone.id,
                phone.username,
                "revoked" if phone.revoked_at else "enrolled",
                phone.last_contact_at,
                phone.unsent_records,
                phone.unsent_files,
                phone.model,
            )
            click.echo("\t".join("-" if field is None else str(field) for field in fields))


@device.command()
@click.argument("device_id", metavar="DEVICE")
@click.option("--user", "username", help="Only this officer, when several share the phone's id.")
@plain_errors
def revoke(device_id: str, username: str | None) -> None:
    """Refuse a phone from its next request on; what it holds stays on it."""
    with open_instance() as instance:
        phones = [
            phone
            for phone in enrolling.list_devices_by_id(instance.store, device_id)
            if username is None or phone.username.casefold() == username.casefold()
        ]
        if not phones:
            raise Problem("device.not_found")
        for phone in phones:
            enrolling.revoke_device(instance.store, phone.key, system_now(), actor=ACTOR)
