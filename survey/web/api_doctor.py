"""The door that `survey doctor` knocks at: it tells how a request arrived, and keeps nothing.

Without a token, so that a server is examined before the first phone: bodies are small, few are
read at a time, and what is told is what the asker sent and what every QR code shows.
"""

from __future__ import annotations

import hashlib
import threading
import time

from flask import Blueprint, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Response

from survey import __version__
from survey.domain.limits import CHUNK_BYTES
from survey.domain.problems import Problem
from survey.web.api import answer
from survey.web.api_requests import client_address
from survey.web.context import survey
from survey.web.shell import shell_pages

blueprint = Blueprint("api_doctor", __name__, url_prefix="/api/v1/doctor")

PROBE_BYTES = CHUNK_BYTES[1]
"""As large as the largest chunk of a phone."""
AT_ONCE = 4
"""Bodies of strangers that are read here at a time."""
LONGEST_S = 180
"""A body that comes more slowly than a phone on 2G sends a chunk is not read to its end."""
PIECE_BYTES = 1 << 14
PIECES_TOLD = 64

_bodies = threading.BoundedSemaphore(AT_ONCE)


def _read_body() -> dict[str, object]:
    """Read the body as it comes; return its bytes, hash and when each piece arrived."""
    if (request.content_length or 0) > PROBE_BYTES:
        raise Problem("request.too_large")
    digest, count, arrivals = hashlib.sha256(), 0, []
    started = time.monotonic()
    while True:
        try:
            piece = request.stream.read(PIECE_BYTES)
        except (ClientDisconnected, ConnectionError):
            raise Problem("request.malformed") from None
        if not piece:
            break
        digest.update(piece)
        count += len(piece)
        elapsed = time.monotonic() - started
        if count > PROBE_BYTES or elapsed > LONGEST_S:
            raise Problem("request.too_large")
        arrivals.append([round(elapsed * 1000), count])
    return {
        "bytes": count,
        "sha256": digest.hexdigest(),
        "pieces": len(arrivals),
        "arrivals": [*arrivals[: PIECES_TOLD - 1], *arrivals[PIECES_TOLD - 1 :][-1:]],
    }


@blueprint.route("", methods=["GET", "PUT", "POST"])
def examine_request() -> Response:
    """Say under which name, by which address and in which pieces this request came."""
    body: dict[str, object] = {}
    if request.method not in ("GET", "HEAD"):
        if not _bodies.acquire(blocking=False):
            raise Problem("server.busy")
        try:
            body = _read_body()
        finally:
            _bodies.release()
    seen = {
        "method": request.method,
        "scheme": request.scheme,
        "host": request.host,
        "address": client_address(),
        "authorization": "Authorization" in request.headers,
        "content_encoding": request.headers.get("Content-Encoding", ""),
        **{
            name: request.headers.get(header, "")
            for name, header in (
                ("upload_offset", "Upload-Offset"),
                ("upload_length", "Upload-Length"),
                ("file_kind", "X-File-Kind"),
            )
        },
        **body,
    }
    response = answer(
        {
            "name": "Jejak Sinyal",
            "version": __version__,
            "public_url": survey().settings.public_url,
            "worker_sha256": shell_pages()["/sw.js"].sha256,
            "request": seen,
        }
    )
    for header in ("Upload-Offset", "Upload-Length"):
        text = request.headers.get(header, "")
        if text.isascii() and text.isdigit() and len(text) < 20:
            response.headers[header] = text
    return response
