"""How the wire's doors read a request: the sender's token, a bounded JSON body.

A body is inflated only up to its limit, so a gzip bomb costs no more than an honest body.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from flask import g, request

from survey.domain.problems import Problem
from survey.services.enrolling import Device, authenticate_device
from survey.web.context import survey

SMALL_BODY = 64_000
"""Bytes of a request that carries no records."""


def require_device() -> Device:
    """Return the enrolled device of this request's Bearer token, else a Problem (401)."""
    if "device" not in g:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem("auth.missing")
        g.device = authenticate_device(survey().store, token.strip(), survey().clock())
    device: Device = g.device
    return device


def read_body(limit: int) -> bytes:
    """Return the JSON body's bytes, at most `limit` of them after inflating."""
    if request.mimetype != "application/json":
        raise Problem("request.wrong_type")
    if (request.content_length or 0) > limit:
        raise Problem("request.too_large")
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise Problem("request.wrong_type")
    raw = request.stream.read(limit + 1)
    if len(raw) > limit:
        raise Problem("request.too_large")
    return _inflate(raw, limit) if encoding == "gzip" else raw


def _inflate(raw: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(raw, limit + 1)
    except zlib.error:
        raise Problem("request.malformed") from None
    if len(body) > limit or inflater.unconsumed_tail:
        raise Problem("request.too_large")
    if not inflater.eof:
        raise Problem("request.malformed")
    return body


def read_object(limit: int = SMALL_BODY) -> dict[str, Any]:
    """Return the body as a JSON object."""
    try:
        value = json.loads(read_body(limit))
    except (ValueError, RecursionError):
        raise Problem("request.malformed") from None
    if not isinstance(value, dict):
        raise Problem("request.malformed")
    return value


def client_address() -> str:
    """Return the address of who asks, for throttling."""
    return request.remote_addr or "unknown"
