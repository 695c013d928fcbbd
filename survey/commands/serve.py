"""`survey serve`: the production server in the foreground."""

from __future__ import annotations

import click

from survey import browser_libraries
from survey.commands._instance import open_instance, plain_errors
from survey.domain.instants import system_now
from survey.server import PortTakenError, check_port, run_server
from survey.services.server_clock import clock_warning


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65_535),
    envvar="PORT",
    help="Port to listen on.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 8),
    help="Processes; one commits in groups and is the fastest for most offices.",
)
@plain_errors
def serve(host: str, port: int, workers: int) -> None:
    """Serve the office and the phones until stopped."""
    missing = browser_libraries.check()
    if missing is not None:
        raise click.ClickException(missing)
    try:
        check_port(host, port)
    except PortTakenError as taken:
        raise click.ClickException(f"Cannot listen on {taken}. Choose another: --port") from None
    with open_instance() as instance:
        settings = instance.settings
        warning = clock_warning(instance.store, system_now())
    if warning is not None:
        click.echo(f"Warning: {warning[0].format(**warning[1])}", err=True)
    click.echo(f"Jejak Sinyal at http://{host}:{port} (phones use {settings.public_url})")
    run_server(settings, host, port, workers)
