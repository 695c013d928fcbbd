"""The wire `/api/v1`: ping, enrolment, records, their status, the change feed.

JSON in and out, Bearer token, no cookie. See docs/api.md, the contract with the phones.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from survey import __version__
from survey.domain.limits import SINGLE_RECORD_BYTES
from survey.domain.problems import FieldError, Problem
from survey.formats.wire import read_batch
from survey.services.changes import list_changes_for
from survey.services.enrolling import enrol
from survey.services.intake import records_status, store_batch
from survey.services.setup import get_store_id
from survey.web.api_requests import client_address, read_body, read_object, require_device
from survey.web.context import survey
from survey.web.openapi import build_openapi
from survey.web.store_identity import find_store_id

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

BATCH_BODY = SINGLE_RECORD_BYTES + 200_000
"""A single record may have 1 MB of payload; as text within JSON it grows by its escapes."""
STATUS_BODY = 1_000_000
CHANGES_LIMIT = 500


def answer(body: dict[str, object], status: int = 200) -> Response:
    """Return a JSON answer that carries `ok`, `store_id` and the server's time."""
    here = survey()
    store_id = find_store_id() or get_store_id(here.store)  # unreadable: its error is the answer
    response: Response = jsonify({"ok": True, "store_id": store_id, "time": here.clock(), **body})
    response.status_code = status
    return response


@blueprint.get("/ping")
def ping() -> Response:
    """Say who is here: the phone believes this body, not a 200 of somebody's portal."""
    return answer({"name": "Jejak Sinyal", "version": __version__})


@blueprint.get("/openapi.json")
def show_openapi() -> Response:
    """Describe the wire to programs."""
    response: Response = jsonify(build_openapi())
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.post("/enrol")
def enrol_phone() -> Response:
    """Bind a phone to an officer by a code; the same code and phone again is the same."""
    body = read_object()
    phone = body.get("phone")
    outcome = enrol(
        survey().store,
        survey().settings,
        code=_text(body, "code"),
        device_id=_text(body, "device_id"),
        token=_text(body, "token"),
        phone=phone if isinstance(phone, dict) else {},
        address=client_address(),
        now=survey().clock(),
    )
    return answer(
        {
            "officer": {
                "id": outcome.officer_id,
                "name": outcome.officer_name,
                "language": outcome.language,
                "supervisor": outcome.supervisor,
            },
            "device": {"id": outcome.device_id},
        },
        201 if outcome.created else 200,
    )


def _text(body: dict[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not value or len(value) > 200:
        raise Problem("request.malformed", [FieldError(field, "a text is needed")])
    return value


@blueprint.post("/records")
def receive_records() -> Response:
    """Take a batch of records; each gets its own result, in order."""
    device = require_device()
    batch = read_batch(read_body(BATCH_BODY))
    results = store_batch(
        survey().store,
        survey().settings.timezone,
        device,
        batch.records,
        batch.device_state,
        survey().clock(),
    )
    return answer({"results": results})


@blueprint.post("/records/status")
def show_records_status() -> Response:
    """Say what the server holds of each record and of its files."""
    device = require_device()
    items = read_object(STATUS_BODY).get("records")
    if not isinstance(items, list) or len(items) > 1_000:
        raise Problem("request.malformed", [FieldError("records", "a list of at most 1000")])
    return answer({"records": records_status(survey().store, device, items)})


@blueprint.get("/changes")
def show_changes() -> Response:
    """Give the officer what they have not seen, oldest first."""
    device = require_device()
    limit = request.args.get("limit", str(CHANGES_LIMIT))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= CHANGES_LIMIT:
        raise Problem(
            "request.malformed", [FieldError("limit", f"a number from 1 to {CHANGES_LIMIT}")]
        )
    page = list_changes_for(
        survey().store,
        device,
        get_store_id(survey().store),
        request.args.get("cursor", ""),
        int(limit),
    )
    return answer({"changes": page.changes, "cursor": page.cursor, "more": page.more})
