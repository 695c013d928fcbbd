"""The server's own clock: is it behind what it wrote before, or in a year that cannot be?

Order never rests on it: the audit's number is the order of all events. It is noticed and said,
because times that people read, and days, come from it.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Final

from survey.domain.instants import Instant, add_to_instant, milliseconds_between, parse_instant
from survey.domain.labels import N_
from survey.store import clock_rows
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.meta import find_meta, set_meta

EARLIEST: Final = "2020-01-01T00:00:00.000Z"
"""No server of this survey ran before."""

TOLERATED_SECONDS: Final = 120
"""Time servers set clocks by less."""

SHOWN: Final = 5
"""Steps back that `survey verify` names."""

CONFIRMED: Final = "clock_confirmed_seq"
"""The meta: rows of the audit up to here were looked at; their odd times are told no more."""

IMPOSSIBLE: Final = N_("The server's clock says {now}. That cannot be: set it, and keep it by NTP.")
BEHIND: Final = N_(
    "The server's clock says {now}, but its newest entry is of {newest}: the clock is wrong now, "
    "or it was then. Set it and keep it by NTP; if it is right now, say so."
)


def clock_warning(store: Store, now: Instant) -> tuple[str, dict[str, Instant]] | None:
    """Return the msgid and parameters of what is wrong with the server's clock, or None."""
    if now < EARLIEST:
        return IMPOSSIBLE, {"now": now}
    reader = store.reader()
    newest = clock_rows.find_newest_instant(reader, _confirmed(reader))
    if newest is None or newest <= add_to_instant(now, seconds=TOLERATED_SECONDS):
        return None
    return BEHIND, {"now": now, "newest": newest}


def _confirmed(connection: sqlite3.Connection) -> int:
    return int(find_meta(connection, CONFIRMED) or 0)


def confirm_clock(store: Store, now: Instant, *, actor: str) -> None:
    """Note that an admin found the clock right: entries of a future that never was are known."""

    def confirm(connection: sqlite3.Connection) -> None:
        seq = append_audit(connection, now, actor, "clock.confirmed", now)
        set_meta(connection, CONFIRMED, str(seq))

    store.write(confirm)


def describe_clock(connection: sqlite3.Connection, now: Instant) -> list[str]:
    """Return what `survey verify` says of the clock, a line each; none is damage."""
    lines = []
    newest = clock_rows.find_newest_instant(connection, 0)
    if newest is not None and newest > add_to_instant(now, seconds=TOLERATED_SECONDS):
        lines.append(f"The clock is {_span(now, newest)} behind the newest entry of {newest}.")
    steps = [
        step
        for step in clock_rows.iter_steps_back(connection)
        if milliseconds_between(step.at, step.before) > TOLERATED_SECONDS * 1000
    ]
    for step in steps[:SHOWN]:
        lines.append(
            f"The clock was set back by {_span(step.at, step.before)} before entry {step.seq} "
            f"({step.at}); the order of entries holds."
        )
    if len(steps) > SHOWN:
        lines.append(f"The clock was set back {len(steps) - SHOWN} more times.")
    return lines


def _span(earlier: Instant, later: Instant) -> str:
    span = parse_instant(later) - parse_instant(earlier)
    if span >= timedelta(days=2):
        return f"{span.days} days"
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
