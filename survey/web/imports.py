"""The office's door for rescue files, radio logs and tower lists: the form and the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, cast

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import SelectField

from survey.domain.labels import N_
from survey.domain.problems import FieldError, Problem
from survey.formats.radio.items import DROPPED, REASONS
from survey.formats.radio.recognising import FORMAT_NAMES
from survey.formats.rescue_files import RESCUE_BYTES
from survey.formats.rescue_items import WHY_MESSAGES, Place
from survey.services.import_report import Report, Row
from survey.services.importing import count_photos, import_rescue
from survey.services.radio_importing import (
    LogReport,
    Origin,
    find_log_officer,
    import_logs,
    is_radio_log,
)
from survey.store.users import list_users
from survey.web.context import survey
from survey.web.errors import answer_problem
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
    "revoked": ("warn", N_("Sealed by a revoked phone")),
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
    """Rescue files, and whose they are when they do not say so."""

    file = MultipleFileField(N_("Files"), [FileRequired(N_("Please choose a file."))])
    officer = SelectField(N_("Officer, only if the file names none"), default="")
    names: dict[str, str]

    def offer(self) -> None:
        """Offer the officers of this instance; empty stands for the one the file names."""
        people = list_users(survey().store.reader())
        officers = {user.username: user.name for user in people if "officer" in user.roles}
        self.names = {"": gettext("As the file says"), **officers}
        self.officer.choices = list[Any](self.names)


@dataclass(slots=True)
class Outcome:
    """What became of all files of one upload: their reports, and those that are none."""

    reports: list[Report] = field(default_factory=list)
    unreadable: list[tuple[str, Problem]] = field(default_factory=list)
    logs: list[LogReport] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[str, Row]]:
        """Every record with the name of its file, those that need a look first."""
        rows = [(report.name, row) for report in self.reports for row in report.rows]
        return sorted(rows, key=lambda pair: _needs_no_look(pair[1]))

    @property
    def faults(self) -> list[tuple[str, Place, str]]:
        """What was not taken in: file, place, reason."""
        found = []
        for report in self.reports:
            found += [(report.name, place, reason) for place, reason in report.file_faults]
            found += [(report.name, bad.place, WHY_MESSAGES[bad.why]) for bad in report.bad_lines]
        return found

    @property
    def results(self) -> Counter[str]:
        """Count the records by result."""
        return sum((report.results for report in self.reports), Counter())

    @property
    def seals(self) -> Counter[str]:
        """Count the records by seal."""
        return sum((report.seals for report in self.reports), Counter())

    @property
    def files(self) -> Counter[str]:
        """Count the photos and files by result."""
        return sum((report.files for report in self.reports), Counter())

    @property
    def bad_count(self) -> int:
        """Count the lines and parts that gave nothing."""
        return sum(report.bad_count for report in self.reports)

    @property
    def drafts(self) -> int:
        """Count the drafts left out."""
        return sum(report.drafts for report in self.reports)

    @property
    def photos_missing(self) -> int:
        """Count the photos that records name and that are not here."""
        return sum(report.photos_missing for report in self.reports)


@blueprint.errorhandler(413)
def say_limit(_: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say what helps when files are too large for the page; a stranger learns no limit."""
    if (request.max_content_length or 0) < RESCUE_BYTES:
        return answer_problem(Problem("request.too_large"))
    helps = N_("Take in fewer files at a time, or use the command survey import on the server.")
    limit = RESCUE_BYTES // 1_000_000
    return answer_problem(Problem("import.too_large", [FieldError("file", helps)], limit=limit))


@blueprint.get("")
@require_roles("supervisor", "admin")
def show_import() -> ResponseReturnValue:
    """Show the form."""
    form = ImportForm(formdata=None)
    form.offer()
    return _page(form, [])


def _page(form: ImportForm, unreadable: list[tuple[str, Problem]]) -> ResponseReturnValue:
    html = render_template("imports/form.html", form=form, unreadable=unreadable)
    if unreadable:
        return html, unreadable[0][1].status
    return html, 422 if form.errors else 200


@blueprint.post("")
@require_roles("supervisor", "admin")
def import_file() -> ResponseReturnValue:
    """Take files in and show the report; the same again changes nothing, so does F5."""
    form = ImportForm()
    form.offer()
    if not form.validate():
        return _page(form, [])
    outcome = Outcome()
    for upload in form.file.data:
        name = _short_name(upload.filename)
        try:
            _take(outcome, upload, name, form.officer.data or None)
        except Problem as problem:
            if problem.status >= 500:
                raise
            outcome.unreadable.append((name, problem))
    if not outcome.reports and not outcome.logs:
        return _page(form, outcome.unreadable)
    here = survey()
    count_photos(here.store, outcome.reports)
    return _report(outcome)


def _take(outcome: Outcome, upload: FileStorage, name: str, officer: str | None) -> None:
    """Take one file in as what its content says it is."""
    here = survey()
    stream, actor, now = cast(BinaryIO, upload.stream), current_person().id, here.clock()
    if is_radio_log(stream, name):
        origin = Origin(actor, find_log_officer(here.store, officer))
        outcome.logs += import_logs(here.store, here.settings, stream, name, origin, now)
        return
    outcome.reports.append(
        import_rescue(here.store, here.files, here.settings, stream, name, actor, now, officer)
    )


def _report(outcome: Outcome) -> ResponseReturnValue:
    rows = outcome.rows
    return render_template(
        "imports/report.html",
        outcome=outcome,
        rows=rows[:SHOWN_ROWS],
        row_count=len(rows),
        made_at=survey().clock(),
        results=RESULTS,
        seals=SEALS,
        kinds=KINDS,
        file_results=FILE_RESULTS,
        formats=FORMAT_NAMES,
        reasons=REASONS,
        dropped=DROPPED,
    )


def _needs_no_look(row: Row) -> bool:
    known = row.result in ("stored", "already_stored")
    return known and row.seal == "sealed" and not row.photos_missing


def _short_name(name: str | None) -> str:
    """Return the last part of a file's name, printable and bounded."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:120] or "?"
