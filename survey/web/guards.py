"""Who is at the door: the session's person, and which roles may pass.

A view says `@require_roles("supervisor", "admin")`; nobody else looks at roles. Knows no
password.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast
from urllib.parse import quote, urlencode

from flask import Flask, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from survey.domain.problems import Problem
from survey.domain.roles import ROLES, STAFF_ROLES, may_see_office
from survey.services.public_address import public_url_warning
from survey.services.signing_in import find_session_user
from survey.store.users import User
from survey.web import times
from survey.web.context import survey
from survey.web.targets import safe_target as safe_target

P = ParamSpec("P")


class Person:
    """The signed-in person as Flask-Login and the templates want one."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, user: User) -> None:
        self.key = user.key
        self.id = user.id
        self.username = user.username
        self.name = user.name
        self.language = user.language
        self.roles = user.roles
        self.session_version = user.session_version

    def get_id(self) -> str:
        """Return what the session keeps: a new password or disabling ends it."""
        return f"{self.id}:{self.session_version}"

    def has_role(self, *roles: str) -> bool:
        """Tell whether the person has one of the roles."""
        return bool(self.roles & set(roles))


def _load_person(session_id: str) -> Person | None:
    user_id, _, version = session_id.partition(":")
    if not version.isascii() or not version.isdigit():
        return None
    user = find_session_user(survey().store, user_id, int(version))
    return Person(user) if user else None


def find_person() -> Person | None:
    """Return the signed-in person, or None."""
    if not current_user.is_authenticated:
        return None
    # The person themselves, not the proxy: services use them in the writer's thread.
    return cast(Person, current_user._get_current_object())


def current_person() -> Person:
    """Return the signed-in person; outside a guarded view raises `auth.missing`."""
    person = find_person()
    if person is None:
        raise Problem("auth.missing")
    return person


def start_session(user: User, *, stay: bool | None = None) -> None:
    """Sign a person in on this browser; `stay` keeps the cookie over a restart."""
    keep = session.permanent if stay is None else stay
    session.clear()
    session.permanent = keep
    login_user(Person(user))


def end_session() -> None:
    """Sign out on this browser. Nothing of the phone's app on it is touched."""
    logout_user()
    session.clear()


def _to_sign_in() -> Response:
    query = f"?{urlencode({'next': request.full_path.rstrip('?')}, quote_via=quote)}"
    return redirect(f"/sign-in{query if request.method == 'GET' else ''}")


def require_roles(
    *roles: str,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let only these roles into a view: 302 to the sign-in for nobody, 403 for others."""
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"unknown roles: {unknown}")

    def guard(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            person = find_person()
            if person is None:
                return _to_sign_in()
            if not person.has_role(*roles):
                if not may_see_office(person.roles):
                    return render_template("sign_in/phone_only.html"), 403
                raise Problem("auth.forbidden")
            return view(*args, **kwargs)

        return guarded

    return guard


require_staff = require_roles(*STAFF_ROLES)
"""For pages that everybody in the office may look at."""

require_anybody = require_roles(*ROLES)
"""For pages of one's own account."""


def _address_warning() -> tuple[str, dict[str, str]] | None:
    """Return what is wrong with the instance's address, for admins only."""
    person = find_person()
    if person is None or not person.has_role("admin"):
        return None
    here = survey()
    return public_url_warning(here.store, here.settings, request.host)


def install(app: Flask) -> None:
    """Hang Flask-Login on the application and give the layout its red warning."""
    manager = LoginManager()
    manager.session_protection = None  # officers' networks change addresses all the time
    manager.user_loader(_load_person)
    manager.init_app(app)
    times.install(app)
    app.jinja_env.globals.update(public_url_warning=_address_warning)
