"""Doors in and out of the office: sign-in, sign-out, the one-time link."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from survey.domain.problems import Problem
from survey.domain.roles import may_see_office
from survey.services.accounts import find_link_user, use_link
from survey.services.passwords import MINIMUM_CHARACTERS
from survey.services.signing_in import sign_in
from survey.store.users import User
from survey.web.context import survey
from survey.web.guards import end_session, find_person, safe_target, start_session
from survey.web.people_forms import SignInForm, WelcomeForm

blueprint = Blueprint("sign_in", __name__)


def _start_page(user: User) -> str:
    return "/office" if may_see_office(user.roles) else "/account"


@blueprint.route("/sign-in", methods=["GET", "POST"])
def show_sign_in() -> ResponseReturnValue:
    """Ask for name and password; right ones lead to the page that was asked for."""
    form = SignInForm()
    target = safe_target(request.args.get("next"))
    problem = None
    if form.validate_on_submit():
        try:
            user = sign_in(
                survey().store,
                form.username.data or "",
                form.password.data or "",
                request.remote_addr or "unknown",
                survey().clock(),
            )
        except Problem as found:
            problem = found
        else:
            start_session(user, stay=form.stay.data)
            return redirect(target or _start_page(user), 303)
    status = problem.status if problem else (422 if form.errors else 200)
    page = render_template("sign_in/sign_in.html", form=form, problem=problem, person=find_person())
    if problem and "retry_after" in problem.params:
        return page, status, {"Retry-After": str(problem.params["retry_after"])}
    return page, status


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session of this browser; the phone's app on it keeps all it has."""
    end_session()
    return redirect("/sign-in", 303)


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
def show_welcome(token: str) -> ResponseReturnValue:
    """Let a new person choose a password: looking burns nothing, only sending does."""
    user = find_link_user(survey().store, token, survey().clock())
    form = WelcomeForm(data={"name": user.name})
    problem = None
    if form.validate_on_submit():
        try:
            user = use_link(
                survey().store,
                token,
                form.password.data or "",
                survey().clock(),
                name=form.name.data or "",
            )
        except Problem as found:
            problem = found
        else:
            start_session(user, stay=False)
            return redirect(_start_page(user), 303)
    status = problem.status if problem else (422 if form.errors else 200)
    page = render_template(
        "sign_in/welcome.html",
        form=form,
        problem=problem,
        user=user,
        minimum=MINIMUM_CHARACTERS,
    )
    return page, status
