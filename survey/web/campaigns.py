"""The doors to campaigns: rounds of survey, their targets, and who goes where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from survey.domain.areas import list_ancestors
from survey.domain.exports import pseudonym
from survey.domain.instants import local_day
from survey.domain.problems import Problem
from survey.services.area_pages import browse_areas, list_jorong_in
from survey.services.assigning import assign_areas, cancel_assignment
from survey.services.campaigns import (
    COUNTED_VISITS,
    add_campaign_targets,
    close_campaign,
    create_campaign,
    list_targets,
    remove_campaign_target,
)
from survey.store.areas import list_areas
from survey.store.assignments import Officer, get_assignment
from survey.store.campaigns import get_campaign, list_campaigns
from survey.store.users import list_users
from survey.web.campaign_forms import AssignForm, CampaignForm, TargetsForm
from survey.web.context import survey
from survey.web.formatting import sees_personal
from survey.web.guards import current_person, require_roles, require_staff
from survey.web.language import gettext, ngettext

blueprint = Blueprint("campaigns", __name__)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _label(officer: Officer) -> str:
    """Return an officer's name, for viewers a lasting alias."""
    return officer.name if sees_personal() else pseudonym(officer.id)


@blueprint.get("/campaigns")
@require_staff
def show_campaigns() -> ResponseReturnValue:
    """Show all rounds of survey."""
    return _list_page(CampaignForm(formdata=None))


def _list_page(form: CampaignForm, problem: Problem | None = None) -> ResponseReturnValue:
    store = survey().store
    campaigns = list_campaigns(store.reader())
    html = render_template(
        "campaigns/list.html",
        rows=[(one, [] if one.practice else list_targets(store, one.id)) for one in campaigns],
        form=form,
        problem=problem,
    )
    return html, problem.status if problem else (422 if form.errors else 200)


@blueprint.post("/campaigns")
@require_roles("admin")
def add_campaign() -> ResponseReturnValue:
    """Start a round of survey."""
    form = CampaignForm()
    if not form.validate():
        return _list_page(form)
    try:
        campaign_id = create_campaign(
            survey().store,
            name=form.name.data or "",
            starts_on=_day(form.starts_on.data),
            ends_on=_day(form.ends_on.data),
            note=(form.note.data or "").strip() or None,
            actor=current_person().id,
            now=survey().clock(),
        )
    except Problem as problem:
        for error in problem.errors:
            form[error.field].errors = [error.message]
        return _list_page(form)
    return redirect(f"/campaigns/{campaign_id}", 303)


@blueprint.get("/campaigns/<campaign_id>")
@require_staff
def show_campaign(campaign_id: str) -> ResponseReturnValue:
    """Show a campaign: its targets, who goes there, what came in."""
    return _page(campaign_id)


def _page(
    campaign_id: str, *, assign: AssignForm | None = None, problem: Problem | None = None
) -> ResponseReturnValue:
    store = survey().store
    campaign = get_campaign(store.reader(), campaign_id)
    areas = list_areas(store.reader())
    targets = list_targets(store, campaign_id)
    html = render_template(
        "campaigns/campaign.html",
        campaign=campaign,
        targets=targets,
        paths={t.area.id: [*list_ancestors(areas, t.area.id)][-2::-1] for t in targets},
        counted=COUNTED_VISITS,
        today=local_day(survey().clock(), survey().settings.timezone).isoformat(),
        officer_name=_label,
        officers=[
            user
            for user in list_users(store.reader())
            if "officer" in user.roles and user.disabled_at is None
        ],
        tree=browse_areas(store).root,
        form=assign or AssignForm(formdata=None),
        targets_form=TargetsForm(formdata=None),
        problem=problem,
    )
    failed = assign is not None and bool(assign.errors)
    return html, problem.status if problem else (422 if failed else 200)


@blueprint.post("/campaigns/<campaign_id>/targets")
@require_roles("admin")
def add_targets(campaign_id: str) -> ResponseReturnValue:
    """Add jorong to a campaign."""
    form = TargetsForm()

    def act() -> str:
        found = list_jorong_in(survey().store, form.place.data or "")
        add_campaign_targets(
            survey().store, campaign_id, found, current_person().id, survey().clock()
        )
        return ngettext(
            "{n} jorong is among the targets.", "{n} jorong are among the targets.", len(found)
        )

    return _act(campaign_id, act)


@blueprint.post("/campaigns/<campaign_id>/targets/<path:area_id>/remove")
@require_roles("admin")
def remove_target(campaign_id: str, area_id: str) -> ResponseReturnValue:
    """Take a jorong out of a campaign."""

    def act() -> str:
        remove_campaign_target(
            survey().store, campaign_id, area_id, current_person().id, survey().clock()
        )
        return gettext("Taken out.")

    return _act(campaign_id, act)


@blueprint.post("/campaigns/<campaign_id>/close")
@require_roles("admin")
def close(campaign_id: str) -> ResponseReturnValue:
    """Close a campaign."""
    return _close(campaign_id, True)


@blueprint.post("/campaigns/<campaign_id>/open")
@require_roles("admin")
def reopen(campaign_id: str) -> ResponseReturnValue:
    """Open a closed campaign again."""
    return _close(campaign_id, False)


def _close(campaign_id: str, closed: bool) -> ResponseReturnValue:
    def act() -> str:
        close_campaign(survey().store, campaign_id, closed, current_person().id, survey().clock())
        return gettext("The campaign is closed.") if closed else gettext("The campaign is open.")

    return _act(campaign_id, act)


@blueprint.post("/campaigns/<campaign_id>/assignments")
@require_roles("admin", "supervisor")
def assign(campaign_id: str) -> ResponseReturnValue:
    """Send officers to jorong; who was sent there before is relieved."""
    form = AssignForm()
    if not form.validate():
        return _page(campaign_id, assign=form)
    try:
        done = assign_areas(
            survey().store,
            campaign_id=campaign_id,
            area_ids=form.areas.data or [],
            officer_ids=form.officers.data or [],
            due_on=_day(form.due_on.data),
            letter_number=(form.letter_number.data or "").strip() or None,
            note=(form.note.data or "").strip() or None,
            actor=current_person().id,
            now=survey().clock(),
        )
    except Problem as problem:
        return _page(campaign_id, assign=form, problem=problem)
    flash(ngettext("{n} jorong is assigned.", "{n} jorong are assigned.", len(done)), "good")
    return redirect(f"/campaigns/{campaign_id}", 303)


@blueprint.post("/assignments/<assignment_id>/cancel")
@require_roles("admin", "supervisor")
def cancel(assignment_id: str) -> ResponseReturnValue:
    """Take an assignment back."""
    assignment = get_assignment(survey().store.reader(), assignment_id)

    def act() -> str:
        cancel_assignment(survey().store, assignment_id, current_person().id, survey().clock())
        return gettext("The assignment is cancelled.")

    return _act(assignment.campaign_id, act)


def _act(campaign_id: str, act: Callable[[], str]) -> ResponseReturnValue:
    """Do it and go back to the campaign; a problem is shown there."""
    try:
        said = act()
    except Problem as problem:
        if problem.code == "campaign.not_found":
            raise
        return _page(campaign_id, problem=problem)
    flash(said, "good")
    return redirect(f"/campaigns/{campaign_id}", 303)
