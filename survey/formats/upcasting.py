"""Payloads of earlier schemas, brought to today's step by step; the frozen text stays as it is.

When the phone's schema rises from n to n + 1: raise `schema` in domain/limits.py, write for each
kind what turns a payload of n into one of n + 1 (`unchanged` where nothing did), and keep a
golden file of the new schema (tests/golden). A step takes any JSON object, however odd.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from survey.domain.limits import LIMITS

Payload = dict[str, Any]
Upcaster = Callable[[Payload], Payload]

OLDEST: Final = int(LIMITS["schema"].minimum)
NEWEST: Final = int(LIMITS["schema"].maximum)

UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""By kind and schema: what makes the next schema of it."""


def unchanged(payload: Payload) -> Payload:
    """Return the payload: the next schema has changed nothing for its kind."""
    return payload


def upcast(kind: str, schema: int, payload: Payload, newest: int = NEWEST) -> Payload:
    """Return what a payload of a released schema says in today's; LookupError without a step."""
    for step in range(schema, newest):
        payload = UPCASTERS[kind, step](payload)
    return payload
