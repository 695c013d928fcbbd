"""Which store answers: carried by every answer of the wire, refusals too.

A phone that meets a restored server may meet it first in a refusal, so errors say it as well.
"""

from __future__ import annotations

import sqlite3

from flask import Flask, g, request
from werkzeug.wrappers import Response

from survey.store.meta import find_meta
from survey.web.context import survey

HEADER = "X-Store-Id"
"""For answers without a body; the others carry it too."""


def find_store_id() -> str | None:
    """Return the store's id, read once a request; None while the store cannot be read."""
    if "store_id" not in g:
        try:
            g.store_id = find_meta(survey().store.reader(), "store_id")
        except (sqlite3.Error, OSError, RuntimeError):
            return None
    store_id: str | None = g.store_id
    return store_id


def _add_header(response: Response) -> Response:
    if request.path.startswith("/api/"):
        store_id = find_store_id()
        if store_id is not None:
            response.headers[HEADER] = store_id
    return response


def install(app: Flask) -> None:
    """Name the store on every answer under /api."""
    app.after_request(_add_header)
