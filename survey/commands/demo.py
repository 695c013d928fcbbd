"""`survey demo`: an instance full of made-up work, to look at and to learn with."""

from __future__ import annotations

import click

from survey.commands._instance import plain_errors
from survey.domain.instants import system_now
from survey.domain.labels import LABELS
from survey.services.demo import load_demo, may_load_demo
from survey.services.demo_world import EVERYBODY, PASSWORD
from survey.services.setup import initialise
from survey.settings import Settings, load_settings
from survey.store.connection import Store

MARK = "SURVEY_DEMO = 1"


@click.command()
@plain_errors
def demo() -> None:
    """Load a made-up campaign, marked as demo; refuses an instance with real visits."""
    settings = load_settings()
    click.echo("Loading the demo, some seconds ...", err=True)
    initialise(settings, system_now())
    store = Store.open(settings.database)
    try:
        # Marked first: a load that is cut off must not look like real work.
        if may_load_demo(store):
            _mark(settings)
        loaded = load_demo(store, settings)
    finally:
        store.close()
    click.echo(f"The demo {'is' if loaded else 'was already'} in {settings.instance}.")
    click.echo(f"Sign in at {settings.public_url}/sign-in with the password {PASSWORD} as:")
    for person in EVERYBODY:
        roles = ", ".join(LABELS["roles"][role].lower() for role in person.roles)
        if person.roles != ("officer",):
            click.echo(f"  {person.username:<10} {person.name} ({roles})")
    officers = [person.username for person in EVERYBODY if "officer" in person.roles]
    click.echo("Officers enrol a phone by a code of the page People: " + ", ".join(officers) + ".")


def _mark(settings: Settings) -> None:
    """Write into the instance's own settings that all in it is demo data."""
    path = settings.instance / "survey.cfg"
    text = path.read_text("utf-8") if path.is_file() else ""
    kept = [line for line in text.splitlines() if not line.strip().startswith("SURVEY_DEMO")]
    path.write_text("\n".join([*kept, MARK]) + "\n", "utf-8")
