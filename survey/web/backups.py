"""The admin's page of backups: when, where, proved or not, and what to do about it."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey.domain.labels import N_
from survey.domain.problems import PROBLEMS
from survey.services import backup_health
from survey.services.backup_health import Finding
from survey.services.nightly_backup import ask_for_backup
from survey.services.rehearsals import ask_for_rehearsal
from survey.services.replica_state import Fault
from survey.web.context import survey
from survey.web.formatting import show_number
from survey.web.guards import find_person, require_roles
from survey.web.language import gettext

blueprint = Blueprint("backups", __name__, url_prefix="/backups")

COPIES = {"backup": N_("Backups"), "replica": N_("Replica")}
FRONT_PAGE = "/queue"
LOST_MARK = PROBLEMS["folder.not_mounted"][1]


@blueprint.get("")
@require_roles("admin")
def show_backups() -> ResponseReturnValue:
    """Show how well the survey would outlive its server."""
    here = survey()
    health = backup_health.look(here.store, here.settings, here.clock())
    return render_template(
        "backups/page.html",
        health=health,
        folder=here.settings.backup_dir,
        copies=COPIES,
        lost_mark=any(_asks_for_new_folder(each) for each in health.findings),
    )


@blueprint.post("/now")
@require_roles("admin")
def make_backup() -> ResponseReturnValue:
    """Let the server make a backup soon."""
    return _ask(new_folder=False)


@blueprint.post("/new-folder")
@require_roles("admin")
def begin_folder() -> ResponseReturnValue:
    """Let the server begin anew in a folder that lost its mark: another disk."""
    return _ask(new_folder=True)


def _ask(*, new_folder: bool) -> ResponseReturnValue:
    here = survey()
    if here.settings.backup_dir is None:
        flash(gettext("There is no folder for backups: set SURVEY_BACKUP_DIR."), "bad")
    else:
        ask_for_backup(here.store, here.clock(), new_folder=new_folder)
        flash(gettext("The server makes a backup now. Look again in a moment."), "good")
    return redirect("/backups", 303)


@blueprint.post("/rehearse")
@require_roles("admin")
def rehearse() -> ResponseReturnValue:
    """Let the server rehearse a restore soon."""
    here = survey()
    ask_for_rehearsal(here.store, here.settings, here.clock())
    flash(gettext("The server rehearses a restore now. Look again in a moment."), "good")
    return redirect("/backups", 303)


def _asks_for_new_folder(finding: Finding) -> bool:
    return finding.reason is not None and finding.reason.message == LOST_MARK


def say_fault(fault: Fault | None) -> str:
    """Return why something failed in the reader's language; words of the system stay as said."""
    if fault is None:
        return ""
    try:
        return gettext(fault.message, **fault.params)
    except (LookupError, ValueError):  # what a program said, with braces of its own
        return fault.message


def show_size(count: int) -> str:
    """Return a size as people say it: "340 kB", "1,2 MB", "77 GB"."""
    size, units = count / 1_000, ["TB", "GB", "MB", "kB"]
    while size >= 1_000 and len(units) > 1:
        size /= 1_000
        units.pop()
    return f"{show_number(size, 1 if size < 10 else 0)} {units[-1]}"


def _warn_of_backups() -> bool:
    """Tell whether the office's front page has to send the admin to this page."""
    person = find_person()
    here = survey()
    if person is None or not person.has_role("admin") or here.settings.demo:
        return False
    if request.path != FRONT_PAGE:
        return False
    found = backup_health.find_findings(here.store, here.settings, here.clock())
    return any(finding.tone == "bad" for finding in found)


def _find_restored() -> dict[str, str] | None:
    """Return what whoever decides has to know of a restore, on the front page."""
    person = find_person()
    if person is None or not person.has_role("admin", "supervisor"):
        return None
    here = survey()
    return backup_health.find_restored(here.store, here.clock())


def install(app: Flask) -> None:
    """Give the templates their words and the front page its warning."""
    app.jinja_env.filters.update(say_fault=say_fault, size=show_size)
    app.jinja_env.globals.update(
        backups_need_a_look=_warn_of_backups, restored_store=_find_restored
    )
