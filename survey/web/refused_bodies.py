"""What becomes of a body that nobody reads: it is taken and thrown away before the answer.

Whoever answers in the middle of a body and hangs up resets the connection, and a proxy that was
still sending then says 502 for us: the phone would hear "server down" instead of "new code", or
instead of "this photo is here already".
"""

from __future__ import annotations

import threading
import time

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from survey.domain.limits import SINGLE_RECORD_BYTES
from survey.web.context import survey

LARGEST = SINGLE_RECORD_BYTES + 300_000
"""As large as the largest batch; what is longer is no phone's and is cut."""
AT_ONCE = 128
"""Unread bodies taken at a time: strangers who trickle them in leave threads for phones."""
LONGEST_S = 300.0
"""1.3 MB at 2G speed; who trickles slower is hung up on."""
PIECE_BYTES = 1 << 16

_bodies = threading.BoundedSemaphore(AT_ONCE)


def _take_rest(response: Response) -> Response:
    length = request.content_length or 0
    if (
        not request.path.startswith("/api/")
        or not 0 < length <= LARGEST
        or "Expect" in request.headers  # has sent nothing yet and waits for our word
        or not _bodies.acquire(blocking=False)
    ):
        return response
    try:
        survey().store.release()  # the rest may take minutes over 2G, and needs no reader
        ends = time.monotonic() + LONGEST_S
        while time.monotonic() < ends and request.stream.read(PIECE_BYTES):
            pass
    except (HTTPException, OSError):
        pass  # the sender is gone
    finally:
        _bodies.release()
    return response


def install(app: Flask) -> None:
    """Take what nobody read of each body under /api."""
    app.after_request(_take_rest)
