"""The doors to areas: the tree, a search, one area; the admin adds and merges."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey.domain.areas import list_ancestors
from survey.domain.problems import Problem
from survey.services.area_pages import COUNTED_VISITS, browse_area, browse_areas
from survey.services.areas import add_area, merge_areas, search_areas
from survey.store.areas import list_areas
from survey.web.area_forms import AddAreaForm, MergeForm
from survey.web.area_map import draw_area
from survey.web.context import survey
from survey.web.guards import current_person, require_roles, require_staff
from survey.web.language import gettext

blueprint = Blueprint("areas", __name__, url_prefix="/areas")

FOUND = 30
"""A search shows so many areas at most."""


@blueprint.get("")
@require_staff
def show_areas() -> ResponseReturnValue:
    """Show the tree of areas, or what answers to a search."""
    text = request.args.get("q", "").strip()[:200]
    if not text:
        return render_template("areas/tree.html", page=browse_areas(survey().store), text="")
    found = search_areas(survey().store, text, FOUND)
    areas = list_areas(survey().store.reader())
    paths = {one.area.id: [*list_ancestors(areas, one.area.id)][::-1] for one in found}
    return render_template("areas/search.html", text=text, found=found, paths=paths)


@blueprint.get("/<path:area_id>")
@require_staff
def show_area(area_id: str) -> ResponseReturnValue:
    """Show one area with everything about it."""
    return _page(area_id)


def _page(
    area_id: str, *, add: AddAreaForm | None = None, merge: MergeForm | None = None
) -> ResponseReturnValue:
    """Return the page; a form that is given is shown with its errors."""
    page = browse_area(survey().store, area_id)
    drawn = draw_area(page.boundary, page.around, page.point) if page.boundary else None
    html = render_template(
        "areas/area.html",
        page=page,
        area=page.area,
        drawn=drawn,
        counted=sum(page.visits.values()),
        more=sum(page.visits.values()) >= COUNTED_VISITS,
        add_form=add or AddAreaForm(formdata=None),
        merge_form=merge or MergeForm(formdata=None),
    )
    return html, 422 if add or merge else 200


@blueprint.post("/<path:area_id>/areas")
@require_roles("admin")
def add_under(area_id: str) -> ResponseReturnValue:
    """Add an area under the one shown."""
    form = AddAreaForm()
    if not form.validate():
        return _page(area_id, add=form)
    try:
        new_id = add_area(
            survey().store,
            name=form.name.data or "",
            level=form.level.data,
            parent_id=area_id,
            actor=current_person().id,
            now=survey().clock(),
        )
    except Problem as problem:
        form.name.errors = _messages(problem)
        return _page(area_id, add=form)
    flash(gettext("Added. Phones learn of it at their next contact."), "good")
    return redirect(f"/areas/{new_id}", 303)


@blueprint.post("/<path:area_id>/merge")
@require_roles("admin")
def merge_into(area_id: str) -> ResponseReturnValue:
    """Let the area shown go into another; show that one."""
    form = MergeForm()
    if not form.validate():
        return _page(area_id, merge=form)
    into = (form.into.data or "").strip()
    try:
        merge_areas(survey().store, area_id, into, current_person().id, survey().clock())
    except Problem as problem:
        form.into.errors = _messages(problem)
        return _page(area_id, merge=form)
    flash(gettext("Merged. Visits keep what they said and count here now."), "good")
    return redirect(f"/areas/{into}", 303)


def _messages(problem: Problem) -> list[str]:
    """Return the msgids that say what is wrong: those of its fields, else its own."""
    return [error.message for error in problem.errors] or [problem.template]
