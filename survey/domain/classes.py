"""The class of a service at a place: A none, B voice/SMS only, C weak data, D usable.

A service test decides; a radio value can only lower D to C. The cuts are the office's, part
of its versioned rules, printed wherever a class is. Knows nothing of storage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from survey.domain.labels import N_
from survey.domain.limits import LIMITS, MAIN_QUANTITY
from survey.domain.visit import Reading, ServiceTest

CLASSES: Final = ("A", "B", "C", "D")
"""From nothing to usable; text order is the order of service."""

CLASS_WORDS: Final[Mapping[str, str]] = {
    "A": N_("No service"),
    "B": N_("Voice and SMS only"),
    "C": N_("Weak internet"),
    "D": N_("Usable internet"),
}

DEFAULT_CUTS_DBM: Final[Mapping[str, float]] = {
    "lte": -110.0,
    "nr_nsa": -110.0,
    "nr_sa": -110.0,
    "wcdma": -100.0,
}
"""A main quantity at or above its cut is usable; below it is weak.

3GPP gives ranges, no "good" or "bad", and no Indonesian text names a dBm value. LTE: -110 dBm
is where three radio tools turn red (HiCellTek, CAKRA, G-NetTrack). NR: the lowest bound of
Android's own NR levels; an NSA value is that of the LTE anchor. WCDMA: Ofcom's RSCP cut.
"""

RULE_OF_TECHNOLOGY: Final[Mapping[str, str]] = {
    "lte": "lte_rsrp_cut_dbm",
    "nr_nsa": "nr_rsrp_cut_dbm",
    "nr_sa": "nr_rsrp_cut_dbm",
    "wcdma": "wcdma_rscp_cut_dbm",
}
"""The name of each cut in the content of the office's rules."""

_CLASS_OF_RESULT: Final[Mapping[str, str]] = {
    "none": "A",
    # Another operator's network that takes emergency calls is no service of this operator.
    "emergency_only": "A",
    "voice": "B",
    "voice_sms": "B",
    "data": "D",
}


def read_cuts(rules: Mapping[str, Any]) -> dict[str, float]:
    """Return the cuts in dBm by technology: the office's where they make sense, else ours."""
    cuts = dict(DEFAULT_CUTS_DBM)
    for technology, name in RULE_OF_TECHNOLOGY.items():
        value = rules.get(name)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            continue
        if LIMITS[MAIN_QUANTITY[technology]].allows(value):
            cuts[technology] = float(value)
    return cuts


def main_value(reading: Reading) -> float | None:
    """Return the value in dBm that tells coverage in the reading's technology, or None."""
    if reading.technology not in MAIN_QUANTITY:
        return None
    value: float | None = getattr(reading, MAIN_QUANTITY[reading.technology])
    return value


def class_of_reading(reading: Reading, cuts: Mapping[str, float]) -> str | None:
    """Return the class that one radio reading alone speaks for, None when it tells nothing.

    2G carries voice, whatever its level; bars are no evidence (every maker draws its own).
    """
    value = main_value(reading)
    if value is None or reading.technology is None:
        return None
    if reading.technology == "gsm":
        return "B"
    return "D" if value >= cuts[reading.technology] else "C"


def class_of_test(
    test: ServiceTest, readings: Iterable[Reading], cuts: Mapping[str, float]
) -> str | None:
    """Return the class of one service test, None when its result is unknown.

    `readings` are those of the same visit; only those of the same SIM speak here. Internet
    over 2G, or with every reading of the SIM below its cut, is weak.
    """
    found = _CLASS_OF_RESULT.get(test.result or "")
    if found != "D":
        return found
    if test.technology == "gsm":
        return "C"
    same_sim = [
        class_of_reading(reading, cuts)
        for reading in readings
        if (reading.operator, reading.handset, reading.sim_slot)
        == (test.operator, test.handset, test.sim_slot)
        and test.technology in (None, reading.technology)
    ]
    told = [one for one in same_sim if one is not None]
    return "C" if told and "D" not in told else "D"


def class_of_operator(
    operator: str,
    tests: Iterable[ServiceTest],
    readings: Iterable[Reading],
    cuts: Mapping[str, float],
) -> str | None:
    """Return the best class of one operator at a visit: by its tests, else by its readings."""
    of_readings = [reading for reading in readings if reading.operator == operator]
    of_tests = [
        class_of_test(test, of_readings, cuts) for test in tests if test.operator == operator
    ]
    found = [one for one in of_tests if one is not None]
    if not found:
        told = [class_of_reading(reading, cuts) for reading in of_readings]
        found = [one for one in told if one is not None]
    return max(found, default=None)
