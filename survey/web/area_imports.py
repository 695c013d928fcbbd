"""The admin's doors to imports of areas: look first, then apply, or take back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from survey.domain.area_plan import Plan
from survey.domain.problems import Problem
from survey.formats.area_files import COLUMNS
from survey.services.area_importing import import_areas, plan_area_import, undo_import
from survey.services.area_uploads import keep_upload, read_upload
from survey.store.area_imports import list_imports
from survey.store.users import list_users
from survey.web.area_forms import ApplyForm, UploadForm
from survey.web.context import survey
from survey.web.guards import current_person, require_roles
from survey.web.language import gettext, ngettext

blueprint = Blueprint("area_imports", __name__, url_prefix="/areas")

SHOWN_CHANGES = 300
"""A preview lists so many areas; the counts are of all."""


@blueprint.get("/import")
@require_roles("admin")
def show_import() -> ResponseReturnValue:
    """Show the form, what a file may hold, and the imports so far."""
    return _page(UploadForm(formdata=None))


def _page(form: UploadForm, problem: Problem | None = None) -> ResponseReturnValue:
    connection = survey().store.reader()
    html = render_template(
        "areas/import.html",
        form=form,
        problem=problem,
        columns=COLUMNS,
        imports=list_imports(connection),
        names={user.id: user.name for user in list_users(connection)},
    )
    return html, problem.status if problem else (422 if form.errors else 200)


@blueprint.post("/import")
@require_roles("admin")
def preview_import() -> ResponseReturnValue:
    """Show what a file would do; change nothing yet."""
    form = UploadForm()
    if not form.validate():
        return _page(form)
    content = form.file.data.read()
    name = _short_name(form.file.data.filename)
    plan = plan_area_import(survey().store, name, content)
    sha256 = keep_upload(survey().settings, content) if plan.is_right else ""
    return _preview(plan, name, sha256)


def _preview(plan: Plan, file_name: str, sha256: str) -> ResponseReturnValue:
    html = render_template(
        "areas/preview.html",
        plan=plan,
        file_name=file_name,
        sha256=sha256,
        changes=[change for change in plan.changes if change.kind != "same"],
        shown=SHOWN_CHANGES,
    )
    return html, 200 if plan.is_right else 422


@blueprint.post("/import/apply")
@require_roles("admin")
def apply_import() -> ResponseReturnValue:
    """Carry out the file that was looked at; all checks are made once more."""
    form = ApplyForm()
    if not form.validate():
        return _page(UploadForm(formdata=None), Problem("area.upload_gone"))
    here, name = survey(), _short_name(form.file_name.data)
    try:
        content = read_upload(here.settings, form.sha256.data or "")
        outcome = import_areas(here.store, name, content, current_person().id, here.clock())
    except Problem as problem:
        return _page(UploadForm(formdata=None), problem)
    if outcome.import_id is None:
        flash(gettext("Everything was there already; nothing was changed."), "info")
    else:
        changed = outcome.plan.count("new") + outcome.plan.count("changed")
        flash(
            ngettext(
                "Done: {n} area is new or changed.", "Done: {n} areas are new or changed.", changed
            ),
            "good",
        )
    return redirect("/areas/import", 303)


@blueprint.post("/import/<import_id>/undo")
@require_roles("admin")
def take_back(import_id: str) -> ResponseReturnValue:
    """Take an import back in one step."""
    here = survey()
    try:
        undo_import(here.store, import_id, current_person().id, here.clock())
    except Problem as problem:
        return _page(UploadForm(formdata=None), problem)
    flash(gettext("The import was taken back."), "good")
    return redirect("/areas/import", 303)


def _short_name(name: str | None) -> str:
    """Return the last part of a file's name, printable and bounded."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:120] or "?"
