"""`survey init`: makes an instance, or brings an old one to the present schema."""

from __future__ import annotations

import click

from survey.commands._instance import plain_errors
from survey.domain.instants import system_now
from survey.services.setup import initialise
from survey.settings import load_settings


@click.command()
@plain_errors
def init() -> None:
    """Create the instance (store, areas, first admin); again: no change."""
    settings = load_settings()
    outcome = initialise(settings, system_now())
    if outcome.before:
        click.echo(f"The store as it was before: {outcome.before}")
    if outcome.steps:
        click.echo(f"The store {settings.database} is ready.")
    if outcome.admin_link_token:
        click.echo("First admin, a link for one use (valid 7 days):")
        click.echo(f"  {settings.public_url}/welcome/{outcome.admin_link_token}")
