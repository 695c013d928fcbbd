"""The door to photos: safe JPEGs for the office, a drawn note where there is none."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from survey.domain.labels import N_
from survey.services.picturing import draw_picture
from survey.web.context import survey
from survey.web.guards import require_staff

blueprint = Blueprint("photos", __name__, url_prefix="/photos")

SANDBOX: Final = "default-src 'none'; sandbox"
NOTES: Final = {
    "missing": (404, N_("Not arrived yet")),
    "erased": (410, N_("Erased by the office")),
    "broken": (422, N_("Not readable as a picture")),
}
"""State of a picture that cannot be drawn -> status and what the note says."""

CACHE_S: Final = 3_600
"""Short, so that an erased photo leaves the browsers of the office within the hour."""


@blueprint.get("/<sha256>")
@require_staff
def show_photo(sha256: str) -> ResponseReturnValue:
    """A photo at the size it is looked at."""
    return _answer(sha256, "full")


@blueprint.get("/<sha256>/thumbnail")
@require_staff
def show_thumbnail(sha256: str) -> ResponseReturnValue:
    """A photo small, for lists."""
    return _answer(sha256, "thumbnail")


def _answer(sha256: str, size: str) -> Response:
    here = survey()
    picture = draw_picture(here.store, here.files, sha256, size)
    if picture.state == "drawn":
        response = Response(picture.data, mimetype="image/jpeg")
        response.headers["Cache-Control"] = f"private, max-age={CACHE_S}"
        response.set_etag(f"{sha256}-{size}")
        response.make_conditional(request.environ)
    else:
        status, words = NOTES[picture.state]
        note = render_template("visits/placeholder.svg", words=words)
        response = Response(note, status, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
