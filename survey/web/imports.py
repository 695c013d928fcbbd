"""The office's door for rescue files of phones: the form, and the report of what was taken in."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from survey.domain.labels import N_
from survey.domain.problems import Problem
from survey.formats.rescue_items import WHY_MESSAGES
from survey.services.import_report import Report, Row
from survey.services.importing import import_rescue
from survey.store.users import list_users
from survey.web.context import survey
from survey.web.guards import current_person, require_roles
from survey.web.language import gettext

blueprint = Blueprint("imports", __name__, url_prefix="/import")

SHOWN_ROWS: Final = 500
"""A report lists so many records, those that need a look first; the counts are of all."""

RESULTS: Final = {
    "stored": ("good", N_("New")),
    "already_stored": ("plain", N_("Known already")),
    "conflict": ("warn", N_("Two versions")),
    "quarantined": ("warn", N_("Kept, not readable")),
    "refused": ("bad", N_("Refused")),
}
SEALS: Final = {
    "sealed": ("good", N_("Sealed")),
    "unknown": ("warn", N_("Seal not known")),
    "unsealed": ("plain", N_("No seal")),
}
KINDS: Final = {
    "visit": N_("Visit"),
    "track": N_("Track"),
    "track_part": N_("Part of a track"),
    "jorong_profile": N_("Jorong profile"),
    "comment": N_("Comment"),
    "radio_log": N_("Radio log"),
    "withdrawal": N_("Withdrawal"),
}
FILE_RESULTS: Final = {
    "stored": N_("new"),
    "known": N_("known already"),
    "erased": N_("erased by the office"),
    "refused": N_("refused"),
    "without_bytes": N_("not in the file any more"),
}


class ImportForm(FlaskForm):  # type: ignore[misc]
    """A rescue file, and whose it is when it does not say so."""

    file = FileField(N_("File"), [FileRequired(N_("Please choose a file."))])
    officer = SelectField(N_("Officer, only if the file names none"), default="")
    names: dict[str, str]

    def offer(self) -> None:
        """Offer the officers of this instance; empty stands for the one the file names."""
        people = list_users(survey().store.reader())
        officers = {user.username: user.name for user in people if "officer" in user.roles}
        self.names = {"": gettext("As the file says"), **officers}
        self.officer.choices = list[Any](self.names)


@blueprint.get("")
@require_roles("supervisor", "admin")
def show_import() -> ResponseReturnValue:
    """Show the form."""
    form = ImportForm(formdata=None)
    form.offer()
    return _page(form)


def _page(form: ImportForm, problem: Problem | None = None) -> ResponseReturnValue:
    html = render_template("imports/form.html", form=form, problem=problem)
    return html, problem.status if problem else (422 if form.errors else 200)


@blueprint.post("")
@require_roles("supervisor", "admin")
def import_file() -> ResponseReturnValue:
    """Take a file in and show the report; the same file again changes nothing, so does F5."""
    form = ImportForm()
    form.offer()
    if not form.validate():
        return _page(form)
    here, upload = survey(), form.file.data
    try:
        report = import_rescue(
            here.store,
            here.files,
            here.settings,
            upload.stream,
            _short_name(upload.filename),
            current_person().id,
            here.clock(),
            form.officer.data or None,
        )
    except Problem as problem:
        return _page(form, problem)
    return _report(report)


def _report(report: Report) -> ResponseReturnValue:
    rows = sorted(report.rows, key=_needs_no_look)
    return render_template(
        "imports/report.html",
        report=report,
        rows=rows[:SHOWN_ROWS],
        results=RESULTS,
        seals=SEALS,
        kinds=KINDS,
        file_results=FILE_RESULTS,
        why=WHY_MESSAGES,
    )


def _needs_no_look(row: Row) -> bool:
    return row.result in ("stored", "already_stored") and row.seal == "sealed"


def _short_name(name: str | None) -> str:
    """Return the last part of a file's name, printable and bounded."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:120] or "?"
