"""Which language a request is answered in, and the texts for templates and views."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, g, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from survey.formats.catalogue import Catalogue
from survey.web.context import survey
from survey.web.targets import safe_target

LANGUAGES = ("id", "en")
COOKIE = "language"

blueprint = Blueprint("language", __name__)


def current_language() -> str:
    """Return 'id' or 'en': the cookie's choice, else the person's own, else Indonesian."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    own = getattr(current_user, "language", None)
    return own if own in LANGUAGES else "id"


def _catalogue() -> Catalogue:
    if "catalogue" not in g:
        g.catalogue = survey().catalogues[current_language()]
    found: Catalogue = g.catalogue
    return found


def gettext(message: str, /, **params: Any) -> str:
    """Return the text of a msgid in the language of this request."""
    return _catalogue().translate(message, **params)


def ngettext(one: str, many: str, n: int, /, **params: Any) -> str:
    """Return the text for a count in the language of this request."""
    return _catalogue().translate_plural(one, many, n, **params)


@blueprint.post("/language/<language>")
def choose_language(language: str) -> Response:
    """Keep the choice in a cookie and go back to the page."""
    response = redirect(safe_target(request.form.get("next")) or "/", 303)
    if language in LANGUAGES:
        response.set_cookie(
            COOKIE,
            language,
            max_age=400 * 86_400,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure,
        )
    return response


def install(app: Flask) -> None:
    """Give the templates their texts."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(_=gettext, n_=ngettext, current_language=current_language)
