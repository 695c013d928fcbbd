"""Headers and checks that hold for every answer, in one place."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Mapping
from typing import Final

from flask import Flask, g, request
from flask_login import current_user
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from survey.domain.limits import FILE_BYTES
from survey.domain.problems import Problem
from survey.web.context import survey
from survey.web.shell import import_map_hash

COMPRESS_FROM = 1_000
COMPRESSED_PATHS = ("/api/", "/app", "/sw.js")
"""Office pages hold CSRF tokens beside what people typed: they are not compressed here."""


FORM_BYTES = 500_000
"""The largest form: a million empty fields cost a second and a hundred megabytes to read."""

UPLOADS: Final[Mapping[str, tuple[int, frozenset[str]]]] = {
    "area_imports.preview_import": (25_000_000, frozenset({"admin"})),
    "imports.import_file": (501_000_000, frozenset({"supervisor", "admin"})),
}
"""Forms with a file: how large, and the roles that may send so much (Werkzeug keeps it on disk)."""

WIRE_BYTES = FILE_BYTES + 1_000
"""The wire's doors read no more than each allows; a file in one piece is the largest."""

FORMS_AT_ONCE = 256
"""Bodies of strangers that are read at a time; one sent byte by byte holds a thread for hours."""

_forms = threading.BoundedSemaphore(FORMS_AT_ONCE)


def content_security_policy(tile_origin: str, import_map_hash: str) -> str:
    """Return the one policy of all pages: only our own files, and the import map by hash."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'sha256-{import_map_hash}'",
            f"img-src 'self' blob: data: {tile_origin}".strip(),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def refuse_foreign_site() -> None:
    """Refuse what another site makes a browser send; programs send no such header."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Problem("request.foreign_site")


def limit_body() -> None:
    """Set how large a body this door takes."""
    if request.path.startswith("/api/"):
        request.max_content_length = WIRE_BYTES
    elif request.endpoint in UPLOADS and request.mimetype == "multipart/form-data":
        largest, roles = UPLOADS[request.endpoint or ""]
        allowed = current_user.is_authenticated and current_user.has_role(*roles)
        request.max_content_length = largest if allowed else FORM_BYTES


def take_turn() -> None:
    """Let only so many forms in at a time, so that threads are left for phones and pages."""
    if request.method != "POST":
        return
    if request.path.startswith("/api/") and request.path != "/api/v1/enrol":
        return  # there the token comes before the body
    if not _forms.acquire(blocking=False):
        raise Problem("server.busy")
    g.holds_turn = True


def give_turn_back(_: BaseException | None) -> None:
    """Let the next form in."""
    if g.pop("holds_turn", False):
        _forms.release()


def refuse_nul() -> None:
    """Refuse NUL in a path or a form: no keyboard types it, and SQLite ends a text there."""
    if request.path.startswith(("/api/", "/app")):
        return  # the wire keeps such records in quarantine, the shell reads nothing
    if "\0" in request.path:
        raise Problem("request.not_found")
    if any("\0" in value for _, values in request.form.lists() for value in values):
        raise Problem("request.malformed")


class KeyConverter(IntegerConverter):
    """A whole number in an address that a row of the store can have as its key."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = content_security_policy(
            survey().settings.tile_origin, import_map_hash()
        )
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


def _compress(response: Response) -> Response:
    if (
        response.direct_passthrough
        or response.is_streamed
        or not request.path.startswith(COMPRESSED_PATHS)
        or "Content-Encoding" in response.headers
        or request.accept_encodings.quality("gzip") <= 0
        or response.mimetype
        not in ("application/json", "text/html", "text/javascript", "application/manifest+json")
    ):
        return response
    body = response.get_data()
    if len(body) >= COMPRESS_FROM:
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response


def install(app: Flask) -> None:
    """Hang checks and headers on the application."""
    app.url_map.converters["int"] = KeyConverter
    app.before_request(refuse_foreign_site)
    app.before_request(limit_body)
    app.before_request(take_turn)
    app.teardown_request(give_turn_back)
    app.before_request(refuse_nul)
    app.after_request(_compress)
    app.after_request(_add_headers)
