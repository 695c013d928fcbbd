"""The wire's doors for files: where an upload stands, its chunks, reading it back."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, request, send_file
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Response

from survey.domain.problems import Problem
from survey.services.files import get_progress, open_own_file, read_upload, receive_chunk
from survey.web.api_requests import require_device
from survey.web.context import survey
from survey.web.errors import answer_problem

blueprint = Blueprint("api_files", __name__, url_prefix="/api/v1/files")

PIECE_BYTES = 1 << 14
"""Small enough that a link cut in the middle loses little of what arrived."""


def _pieces() -> Iterator[bytes]:
    """Yield the body as it arrives; a cut ends it, and what came stays on disk."""
    while True:
        try:
            piece = request.stream.read(PIECE_BYTES)
        except (ClientDisconnected, ConnectionError):
            return
        if not piece:
            return
        yield piece


def _empty(status: int, offset: int, length: int) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(offset)
    response.headers["Upload-Length"] = str(length)
    return response


@blueprint.get("/<sha256>")
def show_file(sha256: str) -> Response:
    """Give an officer a file of their own visits; HEAD says how much of it is here."""
    device = require_device()
    here = survey()
    if request.method == "HEAD":
        progress = get_progress(here.store, here.files, device, sha256)
        if progress is None:
            raise Problem("file.not_found")
        return _empty(200, progress.offset, progress.length)
    path, content_type = open_own_file(here.store, here.files, device, sha256)
    response = send_file(path, mimetype=content_type, as_attachment=True, download_name=sha256)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@blueprint.route("/<sha256>", methods=["PUT", "POST"])
def receive_file(sha256: str) -> Response:
    """Take one chunk of a file; POST is PUT for proxies that block it."""
    device = require_device()
    here = survey()
    headers = request.headers
    upload = read_upload(
        sha256,
        headers.get("Upload-Offset"),
        headers.get("Upload-Length"),
        request.content_type,
        headers.get("X-File-Kind"),
    )
    try:
        outcome, offset = receive_chunk(
            here.store, here.files, device, upload, _pieces(), here.clock()
        )
    except Problem as problem:
        response = answer_problem(problem)
        if problem.code == "file.wrong_offset":
            response.headers["Upload-Offset"] = str(problem.params["offset"])
        return response
    status = {"partial": 204, "stored": 201, "known": 200}[outcome]
    return _empty(status, offset, upload.length)
