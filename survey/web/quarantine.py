"""The office's door to records that cannot be read: list, one record, download, remark."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from survey.domain.labels import N_
from survey.domain.limits import REASON_CHARACTERS
from survey.services.quarantining import (
    Kept,
    count_waiting,
    get_download,
    get_kept,
    list_kept,
    settle_kept,
)
from survey.web.context import survey
from survey.web.guards import current_person, find_person, require_roles
from survey.web.imports import KINDS
from survey.web.language import gettext

blueprint = Blueprint("quarantine", __name__, url_prefix="/quarantine")

ROLES: Final = ("supervisor", "admin")

STATES: Final = {
    "waiting": ("warn", N_("Waits for a look")),
    "settled": ("plain", N_("Looked at")),
    "read": ("good", N_("Taken in since")),
}
NEWER_APP: Final = (
    N_("A newer app wrote it than this server knows."),
    N_("Update the server. The record then goes in by itself."),
)
DAMAGED: Final = (
    N_("Its text is damaged, so that no program can read it."),
    N_("Ask the officer to open this visit on the phone and save it again as a correction."),
)
REASONS: Final = {
    "unknown_schema": NEWER_APP,
    "unknown_kind": NEWER_APP,
    "not_upcast": (
        N_("An earlier app wrote it in a form that this server does not understand."),
        N_("Send the downloaded file to those who make this software."),
    ),
    "kind_changed": (
        N_("Another record with the same number is here already and is of another kind."),
        N_("Send the downloaded file to those who make this software."),
    ),
}
"""Why a record cannot be read and what helps; every other code is damage."""


class RemarkForm(FlaskForm):  # type: ignore[misc]
    """What somebody found out about a record."""

    remark = TextAreaField(
        N_("What you found out"),
        [
            InputRequired(N_("Please write what you found out.")),
            Length(max=REASON_CHARACTERS, message=N_("This text is too long.")),
        ],
    )


@blueprint.get("")
@require_roles(*ROLES)
def list_records() -> ResponseReturnValue:
    """Show the records that cannot be read, those that wait for a look first."""
    return render_template("quarantine/list.html", records=list_kept(survey().store), **_words())


@blueprint.get("/<int:key>")
@require_roles(*ROLES)
def show_record(key: int) -> ResponseReturnValue:
    """Show one record: whose, from which phone, why, what helps."""
    return _page(get_kept(survey().store, key), RemarkForm(formdata=None))


@blueprint.get("/<int:key>/download")
@require_roles(*ROLES)
def download_record(key: int) -> ResponseReturnValue:
    """Give the payload's bytes as they came, never shown by the browser."""
    here = survey()
    download = get_download(here.store, key, here.clock(), current_person().id)
    response = make_response(download.content)
    response.content_type = "application/octet-stream"
    response.headers.set("Content-Disposition", "attachment", filename=download.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.post("/<int:key>")
@require_roles(*ROLES)
def settle_record(key: int) -> ResponseReturnValue:
    """Mark a record as looked at, with a remark."""
    here, form, person = survey(), RemarkForm(), current_person()
    kept = get_kept(here.store, key)
    if not form.validate():
        return _page(kept, form)
    remark = form.remark.data or ""
    settle_kept(here.store, key, remark, here.clock(), user_key=person.key, actor=person.id)
    flash(gettext("Your remark is kept."))
    return redirect("/quarantine", 303)


def _page(kept: Kept, form: RemarkForm) -> ResponseReturnValue:
    html = render_template("quarantine/record.html", kept=kept, form=form, **_words())
    return html, 422 if form.errors else 200


def _words() -> dict[str, object]:
    return {
        "states": STATES,
        "kinds": KINDS,
        "reason_of": lambda kept: REASONS.get(kept.row["why"], DAMAGED),
    }


@blueprint.app_template_global("unreadable_records")
def count_unreadable() -> int:
    """Count the records that wait for a look, for those who may look; 0 for others."""
    person = find_person()
    if person is None or not person.has_role(*ROLES):
        return 0
    return count_waiting(survey().store)
