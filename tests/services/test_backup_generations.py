"""Which backups stay: all of a day, one a day, one a month; and no clock takes the rest."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from survey.domain.instants import add_to_instant, local_day
from survey.services.backup_folders import Manifest, name_backup
from survey.services.backup_generations import choose_kept
from tests.factories import NOW

ZONE = ZoneInfo("Asia/Jakarta")


def made(*instants: str) -> list[Manifest]:
    """Backups in the order in which they were made, newest first."""
    found = [
        Manifest(name_backup(at), at, "1", (), "s", {}, 1, "x", (), number)
        for number, at in enumerate(instants, start=1)
    ]
    return found[::-1]


def every(hours: float, count: int, start: str = NOW) -> list[str]:
    return [add_to_instant(start, hours=hours * number) for number in range(count)]


def kept(manifests: list[Manifest], days: int, months: int) -> list[str]:
    names = choose_kept(manifests, days, months, ZONE).kept
    return [each.made_at for each in manifests if each.name in names]


def test_one_a_day_and_one_a_month_stay() -> None:
    nights = every(24, 400)
    stay = kept(made(*nights), 14, 12)
    assert stay[:14] == nights[:-15:-1]
    months = [str(local_day(at, ZONE))[:7] for at in stay]
    assert len(set(months)) == 12
    assert len(stay) == 14 + 10  # the newest of two months are among the fourteen


def test_all_of_the_last_day_stay_up_to_a_limit() -> None:
    assert len(kept(made(*every(1, 100)), 14, 0)) == 24 + 3
    assert len(kept(made(*every(0.1, 100)), 14, 0)) == 24


def test_without_months_nothing_old_stays() -> None:
    assert len(kept(made(*every(24, 60)), 7, 0)) == 7


def test_a_day_is_a_day_of_the_office() -> None:
    # 02:00 in Jakarta is 19:00 UTC of the day before.
    pair = ["2026-05-03T19:00:00.000Z", "2026-05-04T16:00:00.000Z"]
    nights = every(24, 30, "2026-05-05T19:00:00.000Z")
    assert kept(made(*pair, *nights), 40, 0)[-1] == pair[1]


@pytest.mark.parametrize("jump", ["2099-01-01T00:00:00.000Z", "1980-01-06T00:00:00.000Z"])
def test_a_backup_of_a_wrong_clock_takes_the_place_of_no_other(jump: str) -> None:
    nights = every(24, 5)
    after = every(24, 5, add_to_instant(nights[-1], hours=24))
    assert set(nights + after) <= set(kept(made(*nights, jump, *after), 14, 0))


def test_erased_files_wait_for_the_days_and_not_for_the_months() -> None:
    nights = every(24, 100)
    assert choose_kept(made(*nights), 14, 12, ZONE).oldest_day == nights[-14]
