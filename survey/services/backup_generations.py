"""Which backups of a folder stay: all of a day, one a day for a while, one a month for longer.

Pure: dates and names in, names out. A day is a day of the office.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from survey.domain.instants import add_to_instant, local_day
from survey.services.backup_folders import Manifest

ALWAYS: Final = 2
"""The newest backups stay whatever their day: the last may turn out to be damaged."""

DAY_LIMIT: Final = 24
"""So many of the last 24 hours stay: those made by hand before something risky."""


@dataclass(frozen=True, slots=True)
class Generations:
    """The names that stay, and when the oldest of those kept for days was made."""

    kept: frozenset[str]
    oldest_day: str


def choose_kept(
    newest_first: Sequence[Manifest], days: int, months: int, zone: ZoneInfo
) -> Generations:
    """Choose among the backups of one store, given newest first."""
    daily = _newest_of_each(newest_first, lambda each: str(local_day(each.made_at, zone)), days)
    monthly = _newest_of_each(
        newest_first, lambda each: str(local_day(each.made_at, zone))[:7], months
    )
    recent = [*newest_first[:ALWAYS], *_of_the_last_day(newest_first), *daily]
    return Generations(
        frozenset(each.name for each in (*recent, *monthly)),
        min((each.made_at for each in recent), default=""),
    )


def _of_the_last_day(newest_first: Sequence[Manifest]) -> list[Manifest]:
    if not newest_first:
        return []
    begin = add_to_instant(newest_first[0].made_at, hours=-24)
    return [each for each in newest_first[:DAY_LIMIT] if each.made_at > begin]


def _newest_of_each(
    newest_first: Sequence[Manifest], period: Callable[[Manifest], str], count: int
) -> list[Manifest]:
    """Return the newest of each period, for the first `count` periods that have any."""
    found: dict[str, Manifest] = {}
    for manifest in newest_first:
        found.setdefault(period(manifest), manifest)
    return list(found.values())[:count]
