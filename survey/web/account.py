"""One's own account: password and language."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey.domain.problems import Problem
from survey.services.accounts import change_language
from survey.services.passwords import MINIMUM_CHARACTERS
from survey.services.signing_in import change_password
from survey.web.context import survey
from survey.web.guards import current_person, require_anybody, start_session
from survey.web.language import COOKIE, gettext
from survey.web.people_forms import LanguageForm, PasswordForm

blueprint = Blueprint("account", __name__, url_prefix="/account")


def _page(form: PasswordForm, problem: Problem | None = None) -> ResponseReturnValue:
    person = current_person()
    status = problem.status if problem else (422 if form.errors else 200)
    page = render_template(
        "people/account.html",
        person=person,
        form=form,
        languages=LanguageForm(data={"language": person.language}, meta={"csrf": False}),
        problem=problem,
        minimum=MINIMUM_CHARACTERS,
    )
    return page, status


@blueprint.get("")
@require_anybody
def show_account() -> ResponseReturnValue:
    """Show who one is here and what one may change."""
    return _page(PasswordForm())


@blueprint.post("/password")
@require_anybody
def save_password() -> ResponseReturnValue:
    """Replace one's own password; every other session of one's own ends."""
    form = PasswordForm()
    if not form.validate():
        return _page(form)
    try:
        user = change_password(
            survey().store,
            current_person().id,
            form.current.data or "",
            form.password.data or "",
            request.remote_addr or "unknown",
            survey().clock(),
        )
    except Problem as problem:
        return _page(form, problem)
    start_session(user)
    flash(gettext("Your password is new. You were signed out everywhere else."), "good")
    return redirect("/account", 303)


@blueprint.post("/language")
@require_anybody
def save_language() -> ResponseReturnValue:
    """Keep one's own language; a choice made on this browser before gives way to it."""
    form = LanguageForm()
    if form.validate():
        change_language(survey().store, current_person().id, form.language.data)
    response = redirect("/account", 303)
    response.delete_cookie(COOKIE)
    return response
