"""The admin's doors to people: who they are, their roles, links, codes and phones."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey.domain.enrolment import CODE_DAYS
from survey.domain.instants import add_to_instant
from survey.domain.problems import Problem
from survey.domain.roles import may_see_office
from survey.formats.qr import draw_qr
from survey.services import accounts, enrolling
from survey.store.users import User
from survey.web.context import survey
from survey.web.guards import current_person, require_roles
from survey.web.people_forms import PersonForm, RolesForm

blueprint = Blueprint("people", __name__, url_prefix="/people")

FRESH = "fresh"
"""The session holds the newest link or code the admin made: the store has only hashes."""


def _user(user_id: str) -> User:
    return accounts.get_user(survey().store, user_id)


def _fresh(user: User, what: str) -> dict[str, str] | None:
    """Return the newest link or code of this person that this admin made, or None."""
    kept = session.get(FRESH) or {}
    if kept.get("user") == user.id and kept.get("what") == what:
        return dict(kept)
    return None


def _keep_fresh(user: User, what: str, secret: str, days: int) -> None:
    now = survey().clock()
    expires_at = add_to_instant(now, days=days)
    session[FRESH] = {
        "user": user.id,
        "what": what,
        "secret": secret,
        "expires_at": expires_at,
    }


def _make_link(user: User) -> None:
    here = survey()
    actor = current_person().id
    token = accounts.create_link(here.store, user.id, here.clock(), actor=actor)
    _keep_fresh(user, "link", token, accounts.LINK_DAYS)


@blueprint.get("")
@require_roles("admin")
def list_people() -> ResponseReturnValue:
    """Show everybody, and the form for one more."""
    return _list_page(PersonForm(formdata=None))


def _list_page(form: PersonForm, problem: Problem | None = None) -> ResponseReturnValue:
    here = survey()
    phones: dict[int, int] = {}
    for device in enrolling.list_devices(here.store):
        if device.revoked_at is None:
            phones[device.user_key] = phones.get(device.user_key, 0) + 1
    status = problem.status if problem else (422 if form.errors else 200)
    page = render_template(
        "people/list.html",
        people=accounts.list_users(here.store),
        phones=phones,
        form=form,
        problem=problem,
    )
    return page, status


@blueprint.post("")
@require_roles("admin")
def add_person() -> ResponseReturnValue:
    """Add a person; staff get a one-time link, an officer waits for a code."""
    here = survey()
    form = PersonForm()
    if not form.validate():
        return _list_page(form)
    try:
        user = accounts.create_user(
            here.store,
            form.username.data or "",
            form.name.data or "",
            form.roles.data or [],
            here.clock(),
            actor=current_person().id,
            language=form.language.data,
        )
    except Problem as problem:
        return _list_page(form, problem)
    if may_see_office(user.roles):
        _make_link(user)
    return redirect(f"/people/{user.id}", 303)


@blueprint.get("/<user_id>")
@require_roles("admin")
def show_person(user_id: str) -> ResponseReturnValue:
    """Show one person, their roles and their phones."""
    return _person_page(_user(user_id))


def _person_page(user: User, problem: Problem | None = None) -> ResponseReturnValue:
    here = survey()
    link = _fresh(user, "link")
    if link and not accounts.link_is_open(here.store, link["secret"], here.clock()):
        link = None
    page = render_template(
        "people/person.html",
        user=user,
        form=RolesForm(formdata=None, data={"roles": sorted(user.roles)}),
        devices=enrolling.list_devices(here.store, user.key),
        link=link,
        link_address=f"{here.settings.public_url}/welcome/{link['secret']}" if link else "",
        problem=problem,
    )
    return page, problem.status if problem else 200


@blueprint.post("/<user_id>/roles")
@require_roles("admin")
def save_roles(user_id: str) -> ResponseReturnValue:
    """Give a person exactly the chosen roles."""
    here = survey()
    user = _user(user_id)
    form = RolesForm()
    roles = form.roles.data or []
    try:
        accounts.change_roles(here.store, user.id, roles, here.clock(), actor=current_person().id)
    except Problem as problem:
        return _person_page(user, problem)
    return redirect(f"/people/{user.id}", 303)


@blueprint.post("/<user_id>/disable")
@require_roles("admin")
def disable_person(user_id: str) -> ResponseReturnValue:
    """Keep a person and their phones out."""
    here = survey()
    user = _user(user_id)
    try:
        accounts.disable_user(here.store, user.id, here.clock(), actor=current_person().id)
    except Problem as problem:
        return _person_page(user, problem)
    return redirect(f"/people/{user.id}", 303)


@blueprint.post("/<user_id>/enable")
@require_roles("admin")
def enable_person(user_id: str) -> ResponseReturnValue:
    """Let a person in again."""
    here = survey()
    user = _user(user_id)
    accounts.enable_user(here.store, user.id, here.clock(), actor=current_person().id)
    return redirect(f"/people/{user.id}", 303)


@blueprint.post("/<user_id>/link")
@require_roles("admin")
def make_link(user_id: str) -> ResponseReturnValue:
    """Make a new one-time link; older unused ones end."""
    user = _user(user_id)
    try:
        _make_link(user)
    except Problem as problem:
        return _person_page(user, problem)
    return redirect(f"/people/{user.id}", 303)


@blueprint.post("/<user_id>/code")
@require_roles("admin")
def make_code(user_id: str) -> ResponseReturnValue:
    """Make a new code for a phone; the officer's other phones stay enrolled."""
    here = survey()
    user = _user(user_id)
    try:
        code = enrolling.create_code(
            here.store, here.settings, user.id, here.clock(), actor=current_person().id
        )
    except Problem as problem:
        return _person_page(user, problem)
    _keep_fresh(user, "code", code, CODE_DAYS)
    return redirect(f"/people/{user.id}/code", 303)


@blueprint.get("/<user_id>/code")
@require_roles("admin")
def show_code(user_id: str) -> ResponseReturnValue:
    """Show the code just made: big, as QR, with the steps; made to be printed or read out."""
    here = survey()
    user = _user(user_id)
    fresh = _fresh(user, "code")
    if fresh is None:
        return redirect(f"/people/{user.id}", 303)
    code = fresh["secret"]
    address = enrolling.enrol_address(here.settings, code)
    page = render_template(
        "people/code.html",
        user=user,
        code=code,
        expires_at=fresh["expires_at"],
        waits=enrolling.code_is_open(here.store, here.settings, code, here.clock()),
        app_address=f"{here.settings.public_url}/app",
        address=address,
        # Our own drawing of an address of ours: nothing a person typed is in it.
        qr=Markup(draw_qr(address)),  # noqa: S704
    )
    return page, 200
