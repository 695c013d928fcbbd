"""A seeded bad day: 500 visits and more, with photos, by the app itself through random faults."""

from __future__ import annotations

import os
from random import Random

import pytest

from tests.faults.cells import Note
from tests.faults.field import FieldPhone
from tests.faults.soak import Soak, draw_step
from tests.faults.tally import record_tally

SEED = int(os.environ.get("SEED", "41"))
RECORDS, FILES = 500, 50


def test_a_seed_draws_the_same_day_again() -> None:
    def day(seed: int) -> list[str]:
        random = Random(seed)
        return [repr(draw_step(random, 2)).partition("random=")[0] for _ in range(60)]

    assert day(SEED) == day(SEED)
    assert day(SEED) != day(SEED + 1)


@pytest.mark.browser
@pytest.mark.xdist_group("soak")
def test_five_hundred_visits_arrive_once_through_random_faults(
    enrolled_phone: FieldPhone, record_property: Note
) -> None:
    phone = enrolled_phone
    soak, random = Soak(phone.server, phone.proxy, [phone]), Random(SEED)
    while len(soak.saves) < RECORDS or soak.files < FILES:
        soak.take(draw_step(random))
    soak.settle()
    findings = soak.judge()
    record_tally(
        record_property,
        fault=f"soak: random faults and kills, seed {SEED}",
        moments=soak.moments,
        **findings.counts,
    )
    assert findings.details == [], f"seed {SEED}, {dict(soak.events)}, {dict(soak.proxy.done)}"
    assert findings.records >= RECORDS
    assert findings.files >= FILES
    assert soak.events["kill the server"]
