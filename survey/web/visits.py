"""The doors to one visit: looking at it, deciding, correcting, settling, commenting."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from survey.domain.labels import label_of
from survey.domain.limits import PHOTO_KINDS, PLACE_KINDS
from survey.domain.problems import Problem
from survey.domain.review import may_decide, may_follow
from survey.domain.roles import may_review
from survey.services.browsing import find_area_name, find_beside, list_visit_campaigns
from survey.services.commenting import comment_on_visit
from survey.services.conflicts import settle
from survey.services.layering import VISITABLE_LEVELS, lay_correction, suggest_areas
from survey.services.reviewing import decide
from survey.services.visit_pages import VisitPage, browse_visit
from survey.web.context import survey
from survey.web.guards import current_person, require_roles, require_staff
from survey.web.language import gettext
from survey.web.queue_filters import AddressFilter, read_filter
from survey.web.review_forms import CommentForm, ConflictForm, DecisionForm, LayerForm
from survey.web.review_words import (
    ask_flag,
    explain_cause,
    is_open,
    name_flag,
    name_path,
    show_value,
)
from survey.web.visit_history import layers_in_force, list_steps
from survey.web.visit_map import describe_map, measure_to_area

blueprint = Blueprint("visits", __name__, url_prefix="/visits")


@blueprint.get("/<visit_id>")
@require_staff
def show_visit(visit_id: str) -> ResponseReturnValue:
    """Show one visit with everything around it."""
    return _show_page(visit_id)


@blueprint.post("/<visit_id>/review")
@require_roles("supervisor")
def review_visit(visit_id: str) -> ResponseReturnValue:
    """Decide, then go on to the next visit of the queue."""
    form = DecisionForm()
    filters = _read_filter()

    def act() -> str:
        decision = form.decision.data or ""
        decide(
            survey().store,
            visit_id,
            decision,
            form.reason.data,
            current_person(),
            form.seq.data or 0,
            survey().clock(),
        )
        return gettext(label_of("states", decision))

    def target() -> str:
        _, following = find_beside(survey().store, filters.chosen, form.seq.data or 0)
        place = f"/visits/{following}" if following else "/queue"
        return f"{place}?{filters.query(after=visit_id)}"

    return _act(visit_id, "review", form, act, target)


@blueprint.post("/<visit_id>/layers")
@require_roles("supervisor")
def correct_visit(visit_id: str) -> ResponseReturnValue:
    """Lay a correction of the office over one field."""
    form = LayerForm()

    def act() -> str:
        changed = lay_correction(
            survey().store,
            visit_id,
            form.field.data or "",
            form.value.data,
            form.reason.data,
            current_person(),
            form.seq.data or 0,
            survey().clock(),
            subject=form.subject.data or "",
        )
        if not changed:
            return gettext("Nothing changed: this value stood there already.")
        return gettext("Corrected. The officer's own record stays as it is.")

    return _act(visit_id, "corrections", form, act)


@blueprint.post("/<visit_id>/conflicts/<int:key>")
@require_roles("supervisor")
def settle_conflict(visit_id: str, key: int) -> ResponseReturnValue:
    """Choose which of two versions stands."""
    form = ConflictForm()

    def act() -> str:
        settle(
            survey().store,
            key,
            form.choice.data or "",
            form.reason.data,
            current_person(),
            form.seq.data or 0,
            survey().clock(),
        )
        return gettext("Settled. Both versions stay in the history.")

    return _act(visit_id, "conflicts", form, act)


@blueprint.post("/<visit_id>/comments")
@require_roles("supervisor")
def comment_visit(visit_id: str) -> ResponseReturnValue:
    """Send a word to the officer's phone."""
    form = CommentForm()

    def act() -> str:
        comment_on_visit(
            survey().store, visit_id, form.text.data, current_person(), survey().clock()
        )
        return gettext("Kept. It reaches the officer's phone at its next contact.")

    return _act(visit_id, "comments", form, act)


def _read_filter() -> AddressFilter:
    return read_filter(survey().store, request.args)


def _act(
    visit_id: str,
    place: str,
    form: FlaskForm,
    act: Callable[[], str],
    target: Callable[[], str] | None = None,
) -> ResponseReturnValue:
    """Do what a form asks and go on; a fault shows the page again with what was typed."""
    problem = None
    if form.validate():
        try:
            words = act()
        except Problem as found:
            problem = found
        else:
            flash(words, "good")
            there = target() if target else f"/visits/{visit_id}?{_read_filter().query()}#{place}"
            return redirect(there, 303)
    return _show_page(visit_id, place=place, form=form, problem=problem)


def _show_page(
    visit_id: str,
    *,
    place: str = "",
    form: FlaskForm | None = None,
    problem: Problem | None = None,
) -> ResponseReturnValue:
    """Render the page; `form` is what was sent to `place` and did not go through."""
    here = survey()
    page = browse_visit(here.store, visit_id)
    filters = _read_filter()
    above, below = find_beside(here.store, filters.chosen, page.visit["changed_seq"])
    rendered = render_template(
        "visits/visit.html",
        page=page,
        visit=page.visit,
        filters=filters,
        query=filters.query(),
        above=above,
        below=below,
        steps=list_steps(page),
        layers=layers_in_force(page),
        map=describe_map(page, here.settings),
        to_area_m=measure_to_area(page),
        sent=form,
        sent_to=place,
        problem=problem,
        ask_flag=ask_flag,
        name_flag=name_flag,
        name_path=name_path,
        show_value=show_value,
        cause_words=explain_cause,
        is_open=is_open,
        layer_value=_show_layer,
        **_list_acts(page),
    )
    if problem is not None:
        return rendered, problem.status
    return rendered, 422 if form is not None else 200


def _list_acts(page: VisitPage) -> dict[str, Any]:
    """Return what this person may do here and what the forms offer."""
    person = current_person()
    if not may_review(person.roles):
        return {"may_act": False, "may_comment": False, "own": False, "decisions": ()}
    own = not may_decide(person.roles, person.id, page.visit["officer_id"])
    find = request.args.get("find", "").strip()[:100]
    claimed = page.visit["claimed_name"] if page.visit["area_id"] is None else None
    return {
        "may_act": not own,
        "may_comment": True,
        "own": own,
        "decisions": tuple(
            decision
            for decision in ("approved", "has_issues", "rejected")
            if may_follow(page.visit["state"], decision)
        ),
        "find": find,
        "found_areas": suggest_areas(survey().store, find or claimed),
        "campaigns": list_visit_campaigns(survey().store),
        "place_kinds": PLACE_KINDS,
        "photo_kinds": PHOTO_KINDS,
        "levels": VISITABLE_LEVELS,
    }


def _show_layer(row: sqlite3.Row) -> str:
    """Return the value of a layer in words: names for ids."""
    value = row["value"]
    if value is None:
        return gettext("none")
    if row["field"] == "campaign_id":
        names = {one.id: one.name for one in list_visit_campaigns(survey().store)}
        return names.get(value, str(value))
    if row["field"] == "area_id":
        return find_area_name(survey().store, value) or str(value)
    return show_value((row["field"],), str(value))
