"""The faults a link between phone and server can have. What they do is done by proxy.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

HTML = "<!doctype html><title>{title}</title><h1>{title}</h1><p>This is not the survey's server."


@dataclass(frozen=True)
class Refuse:
    """Nobody listens: connections are refused, those that are open are reset. Matches no path."""


@dataclass(frozen=True)
class Cut:
    """Reset both sides after `up` bytes of the request's body or `down` bytes of the answer's.

    A body that is shorter is cut at its end, so that the fault happens in any case: `up` then
    before the answer, `down` with all of it under way. With `up=0` nothing reaches the server,
    with `down=0` nothing of the answer reaches the client.
    """

    up: int | None = None
    down: int | None = None


@dataclass(frozen=True)
class LoseAnswer:
    """The server does all it was asked and answers in full; the client gets a reset."""


@dataclass(frozen=True)
class Blackhole:
    """After `up` bytes of the request's body (or `down` of the answer's) there is silence.

    Nothing is closed until the fault is cleared; then what hangs is reset.
    """

    up: int | None = None
    down: int | None = None


@dataclass(frozen=True)
class Answer:
    """Somebody else answers, after reading the whole request; the server hears nothing."""

    status: int
    title: str = "Something in between"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cap:
    """A middlebox refuses request bodies of more than `most` bytes with 413 and HTML."""

    most: int


@dataclass(frozen=True)
class Flaky:
    """A gateway answers that `share` of the requests itself, with one of `statuses` and HTML."""

    share: float
    random: Random
    statuses: tuple[int, ...] = (502, 503)


@dataclass(frozen=True)
class Latency:
    """Every request and every answer comes `seconds` later. Adds to other faults."""

    seconds: float


@dataclass(frozen=True)
class Rate:
    """The link carries so many bytes a second each way, for all connections. Adds to others."""

    up: float
    down: float


Kind = Refuse | Cut | LoseAnswer | Blackhole | Answer | Cap | Flaky | Latency | Rate


def portal() -> Answer:
    """A captive portal that answers everything with 200 and a page."""
    return Answer(200, "Sign in to this Wi-Fi")


def redirecting_portal(to: str = "/portal/sign-in") -> Answer:
    """A captive portal that sends everything to a page of its own."""
    return Answer(302, "Sign in to this Wi-Fi", headers={"Location": to})
