"""The doctor's checks of the way up: methods, sizes, pieces as they come, gzip.

What blocks here keeps photos on the phones although texts go through.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from itertools import pairwise
from typing import Any

from survey.domain.limits import CHUNK_BYTES, SINGLE_RECORD_BYTES
from survey.services.doctor_probe import Answer, Probe, UnreachableError
from survey.services.doctor_server import NAME, Met
from survey.services.doctor_target import Finding

UNKNOWN_FILE = f"/api/v1/files/{'0' * 64}"
DOOR = "/api/v1/doctor"
BODY_BYTES = CHUNK_BYTES[1]
PIECE_BYTES = 32_000
RECORD_BYTES = SINGLE_RECORD_BYTES + 200_000
"""A record may have 1 MB, and its text grows by the escapes of JSON."""
PAUSE_S = 1.5
SLOW_PIECES, SLOW_PIECE_BYTES, SLOW_PAUSE_S = 64, 1_000, 1.5
BLOCKED = {403, 405, 501}
SIZE_REMEDY = (
    "Allow bodies of 30 MB: nginx `client_max_body_size 30m;`, Apache `LimitRequestBody 0`;\n"
    "a web application firewall or balancer has a limit of its own."
)
HOLD_REMEDY = (
    "Pass bodies on as they arrive: nginx `proxy_request_buffering off;`. Otherwise a link that\n"
    "is cut in the middle of a piece loses all of the piece."
)
METHOD_REMEDY = "Allow GET, HEAD, PUT and POST for /api (a firewall's rule or `limit_except`)."


def check_methods(probe: Probe, met: Met) -> list[Finding]:
    """Ask without a token by each method: our program's own 401 proves that it arrives."""
    seen: dict[str, str] = {}
    for method in ("PUT", "POST", "HEAD"):
        try:
            answer = probe.ask(method, UNKNOWN_FILE)
            passes = answer.problem() == "auth.missing"
            if method == "HEAD":  # has no body to tell ours by
                passes = answer.status == 401 and answer.content_type == "application/json"
                if passes and met.arrival:
                    answer = probe.ask(method, DOOR)
                    passes = answer.header("X-Store-Id") == met.store_id
            seen[method] = "" if passes else answer.describe()
            if method == "PUT" and not passes and answer.status in BLOCKED:
                seen["fallback"] = "POST"
        except UnreachableError as error:
            seen[method] = str(error)
    blocked = {method: text for method, text in seen.items() if text and method != "fallback"}
    if not blocked:
        return [Finding("methods", "ok", "PUT, POST and HEAD reach the server")]
    said = "; ".join(f"{method} is answered by {text}" for method, text in blocked.items())
    if list(blocked) == ["PUT"] and "fallback" in seen:
        said += " (phones send photos by POST then, which passes)"
        return [Finding("methods", "warn", said, METHOD_REMEDY)]
    return [Finding("methods", "fail", said, METHOD_REMEDY)]


def check_chunk(probe: Probe) -> list[Finding]:
    """Send the largest chunk in two halves, and hear in which pieces it arrived."""
    body = os.urandom(BODY_BYTES)
    halves = (body[: BODY_BYTES // 2], body[BODY_BYTES // 2 :])
    headers = {
        "Content-Type": "image/jpeg",
        "Upload-Offset": "0",
        "Upload-Length": str(BODY_BYTES),
        "X-File-Kind": "photo",
    }
    try:
        for method in ("PUT", "POST"):
            answer = probe.ask(method, DOOR, headers, halves, pauses=(PAUSE_S,))
            if answer.status not in BLOCKED or answer.problem():
                break
    except UnreachableError as error:
        return [Finding("body", "fail", f"a body of 256 kB: {error}", SIZE_REMEDY)]
    seen = _arrival_of(answer)
    if seen is None:
        if answer.problem() == "server.busy":
            return [Finding("body", "warn", "others ask the doctor just now", "Ask again soon.")]
        said = f"a body of 256 kB is answered by {answer.describe()}"
        return [Finding("body", "fail", said, SIZE_REMEDY)]
    if seen["sha256"] != hashlib.sha256(body).hexdigest():
        said = f"a body of {BODY_BYTES} bytes arrived changed, with {seen['bytes']} bytes"
        remedy = "Something on the way rewrites bodies: switch it off for this name."
        return [Finding("body", "fail", said, remedy)]
    found = [Finding("body", "ok", "a body of 256 kB arrives whole and unchanged")]
    lost = [name for name in ("Upload-Offset", "Upload-Length") if not answer.header(name)]
    lost += [
        header
        for header, name in (("Upload-Offset", "upload_offset"), ("X-File-Kind", "file_kind"))
        if not seen[name]
    ]
    if lost:
        said = f"these headers do not pass: {', '.join(sorted(set(lost)))}"
        found.append(Finding("body", "fail", said, "Let the proxy pass all headers, both ways."))
    return [*found, _judge_arrivals(seen["arrivals"])]


def _judge_arrivals(arrivals: list[list[int]]) -> Finding:
    """A pause of ours that the server saw too means that nothing held the body back."""
    times = [moment for moment, _ in arrivals]
    longest = max((b - a for a, b in pairwise(times)), default=0) / 1000
    if longest > PAUSE_S / 2:
        return Finding("buffering", "ok", "what a phone sends arrives piece by piece")
    said = "the proxy holds a body back until it has all of it"
    return Finding("buffering", "warn", said, HOLD_REMEDY)


def _arrival_of(answer: Answer) -> dict[str, Any] | None:
    body = answer.json() or {}
    seen = body.get("request")
    if answer.status != 200 or body.get("name") != NAME or not isinstance(seen, dict):
        return None
    return seen if "sha256" in seen else None


def check_large_record(probe: Probe) -> list[Finding]:
    """Offer the largest record; our program refuses it for want of a token, not of room."""
    pieces = [b" " * PIECE_BYTES] * (RECORD_BYTES // PIECE_BYTES)
    headers = {"Content-Type": "application/json"}
    try:
        answer = probe.ask("POST", "/api/v1/records", headers, pieces, pauses=(PAUSE_S,))
    except UnreachableError as error:
        return [Finding("record", "fail", f"a record of 1 MB: {error}", SIZE_REMEDY)]
    if answer.problem() == "auth.missing":
        return [Finding("record", "ok", "a record of 1 MB may come")]
    said = f"a record of 1 MB is answered by {answer.describe()}"
    return [Finding("record", "fail", said, SIZE_REMEDY)]


def check_packed_body(probe: Probe) -> list[Finding]:
    """Send a body as phones pack their records."""
    plain = b'{"records": [' + b" " * 20_000 + b"]}"
    packed = gzip.compress(plain)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    remedy = "Let bodies with Content-Encoding: gzip pass as they are (a firewall's rule)."
    try:
        answer = probe.ask("POST", DOOR, headers, (packed,))
    except UnreachableError as error:
        return [Finding("gzip-up", "fail", f"a packed body: {error}", remedy)]
    seen = _arrival_of(answer)
    if seen is None:
        said = f"a packed body is answered by {answer.describe()}"
        return [Finding("gzip-up", "fail", said, remedy)]
    if seen["sha256"] == hashlib.sha256(packed).hexdigest() and seen["content_encoding"] == "gzip":
        return [Finding("gzip-up", "ok", "packed bodies arrive as they were sent")]
    if seen["sha256"] == hashlib.sha256(plain).hexdigest() and not seen["content_encoding"]:
        said = "something on the way unpacks bodies; the server bears that"
        return [Finding("gzip-up", "warn", said, remedy)]
    return [Finding("gzip-up", "fail", "a packed body arrives changed", remedy)]


def check_slow_body(probe: Probe) -> list[Finding]:
    """Send a body as slowly as a phone on 2G does; takes a minute and a half."""
    body = os.urandom(SLOW_PIECES * SLOW_PIECE_BYTES)
    pieces = [
        body[start : start + SLOW_PIECE_BYTES] for start in range(0, len(body), SLOW_PIECE_BYTES)
    ]
    remedy = (
        "Give bodies time: nginx `client_body_timeout 120s;` and `proxy_read_timeout 300s;`,\n"
        "Caddy `read_body` not under 10 minutes; balancers have an idle timeout of their own."
    )
    pauses = (SLOW_PAUSE_S,) * SLOW_PIECES
    try:
        answer = probe.ask("POST", DOOR, None, pieces, pauses=pauses, timeout_s=60)
    except UnreachableError as error:
        return [Finding("slow", "fail", f"a body as slow as on 2G: {error}", remedy)]
    seen = _arrival_of(answer)
    if seen is not None and seen["sha256"] == hashlib.sha256(body).hexdigest():
        said = f"a body that took {answer.seconds:.0f} s came through"
        return [Finding("slow", "ok", said)]
    said = f"after {answer.seconds:.0f} s a slow body is answered by {answer.describe()}"
    return [Finding("slow", "fail", said, remedy)]
