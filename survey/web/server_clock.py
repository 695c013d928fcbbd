"""The red warning of a server whose clock is odd, and the admin's word that it is right now."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, request
from flask.typing import ResponseReturnValue

from survey.services import server_clock
from survey.web.context import survey
from survey.web.formatting import show_clock
from survey.web.guards import current_person, find_person, require_roles
from survey.web.targets import safe_target

blueprint = Blueprint("server_clock", __name__, url_prefix="/clock")


@blueprint.post("/confirm")
@require_roles("admin")
def confirm_clock() -> ResponseReturnValue:
    """Take an admin's word that the clock is right: what was told of it is told no more."""
    here = survey()
    server_clock.confirm_clock(here.store, here.clock(), actor=current_person().id)
    return redirect(safe_target(request.form.get("next")) or "/", 303)


def _clock_warning() -> tuple[str, dict[str, str], bool] | None:
    """Return what is wrong with the clock, for admins: text, times, may it be confirmed."""
    person = find_person()
    if person is None or not person.has_role("admin"):
        return None
    here = survey()
    found = server_clock.clock_warning(here.store, here.clock())
    if found is None:
        return None
    message, times = found
    words = {name: show_clock(instant) for name, instant in times.items()}
    return message, words, message == server_clock.BEHIND


def install(app: Flask) -> None:
    """Give the office's layout its warning."""
    app.jinja_env.globals.update(clock_warning=_clock_warning)
