"""How many tries an account, an address or a code-typing address gets in a time.

A try is noted before its password is checked, so that many tries at once count as many.
"""

from __future__ import annotations

import hashlib
import ipaddress
import sqlite3
import threading
from typing import Final

from survey.domain.instants import Instant, add_to_instant, milliseconds_between
from survey.store import failures

WINDOW_MINUTES: Final = 15
TRIES: Final = {"account": 10, "address": 30, "code_address": 20}
"""Failed tries in the window; an address may be a whole office or a carrier's gateway."""

LOOKS: Final = 50_000
"""Codes in the window that are looked up for addresses which have had their tries.

A right code passes even then: a carrier's gateway is one address to thousands of phones, and one
guesser behind it must not keep an officer out. What guards the codes is their number. 32^8 are
1.1e12; with 200 of them open, 50,000 guesses a quarter of an hour find one in three years without
a pause, and codes live a week.
"""


class LookCounter:
    """Counts such look-ups in memory, so that a flood of guesses writes nothing to the disk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: Instant = ""
        self._looks = 0

    def may_look(self, now: Instant) -> bool:
        """Count one look-up and tell whether it is allowed in this window."""
        with self._lock:
            since, until = _window(now)
            if not since < self._since <= until:
                self._since, self._looks = now, 0
            self._looks += 1
            return self._looks <= LOOKS


def account_subject(username: str) -> str:
    """Return what stands for an account, whether it exists or not; length is bounded."""
    folded = username.strip().casefold()
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()


def address_subject(address: str) -> str:
    """Return what stands for a caller's address: the /64 network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _window(now: Instant) -> tuple[Instant, Instant]:
    """Return between which instants tries count: a clock set back locks nobody out for a year.

    Requests under way at once note theirs a moment after each other's now.
    """
    return add_to_instant(now, seconds=-60 * WINDOW_MINUTES), add_to_instant(now, seconds=60)


def minutes_to_wait(connection: sqlite3.Connection, scope: str, subject: str, now: Instant) -> int:
    """Return the minutes until another try is allowed, 0 when it is allowed now."""
    since, until = _window(now)
    oldest = failures.find_nth_failure(connection, scope, subject, since, until, TRIES[scope])
    if oldest is None:
        return 0
    return max(1, WINDOW_MINUTES - milliseconds_between(oldest, now) // 60_000)


def note_try(connection: sqlite3.Connection, scope: str, subject: str, now: Instant) -> int:
    """Note a try and return its key; forgets the tries that no longer count."""
    failures.delete_failures_outside(connection, *_window(now))
    return failures.insert_failure(connection, scope, subject, now)
