"""`survey address`: the one address of the phones, and the confirmation of a move."""

from __future__ import annotations

import click

from survey.commands._instance import open_instance, plain_errors
from survey.domain.instants import system_now
from survey.services import public_address


@click.command()
@click.option(
    "--moved", is_flag=True, help="Every phone has sent everything: the setting counts from now on."
)
@plain_errors
def address(moved: bool) -> None:
    """Show which address phones belong to, and the phones that may hold something there."""
    with open_instance() as instance:
        if moved:
            changed = public_address.confirm_move(
                instance.store, instance.settings, system_now(), actor="cli"
            )
            if not changed:
                click.echo("Nothing to move.", err=True)
        enrolled = public_address.find_enrolled_address(instance.store)
        click.echo(f"phones\t{enrolled or '-'}")
        click.echo(f"setting\t{instance.settings.public_url}")
        for phone in public_address.list_phones_with_unsent(instance.store):
            fields = (phone.username, phone.last_contact_at, phone.unsent_records)
            texts = ["-" if one is None else str(one) for one in (*fields, phone.unsent_files)]
            click.echo("\t".join(["unsent", *texts]))
