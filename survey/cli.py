"""The command `survey`: a group that names its subcommands, nothing else."""

from __future__ import annotations

import click

from survey import __version__
from survey.commands.address import address
from survey.commands.areas import areas
from survey.commands.backup import backup
from survey.commands.classes import classes
from survey.commands.demo import demo
from survey.commands.device import device
from survey.commands.doctor import doctor
from survey.commands.erase import erase
from survey.commands.export import export
from survey.commands.import_ import import_
from survey.commands.init import init
from survey.commands.rebuild import rebuild
from survey.commands.restore import restore
from survey.commands.serve import serve
from survey.commands.user import user
from survey.commands.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="survey")
def main() -> None:
    """Jejak Sinyal: field surveys of mobile signal, offline first."""


for command in (
    init,
    serve,
    demo,
    user,
    device,
    export,
    classes,
    import_,
    erase,
    areas,
    rebuild,
    backup,
    restore,
    verify,
    doctor,
    address,
):
    main.add_command(command)
