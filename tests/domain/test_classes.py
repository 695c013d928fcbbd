"""Classes A to D: by the service test first, by the cut on both sides of it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from survey.domain.classes import (
    CLASS_WORDS,
    CLASSES,
    DEFAULT_CUTS_DBM,
    RULE_OF_TECHNOLOGY,
    class_of_operator,
    class_of_reading,
    class_of_test,
    read_cuts,
)
from survey.domain.limits import SERVICE_RESULTS
from survey.domain.visit import Reading, ServiceTest


def reading(technology: str, **values: float) -> Reading:
    return Reading(
        operator="xl",
        technology=technology,
        handset="own",
        sim_slot=1,
        **values,  # type: ignore[arg-type]
    )


def service_test(result: str | None, technology: str | None = None) -> ServiceTest:
    return ServiceTest(
        operator="xl", handset="own", sim_slot=1, result=result, technology=technology
    )


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("none", "A"),
        ("emergency_only", "A"),
        ("voice", "B"),
        ("voice_sms", "B"),
        ("data", "D"),
        (None, None),
        ("telepathy", None),
    ],
)
def test_result_of_a_service_test_gives_the_class(result: str | None, expected: str | None) -> None:
    assert class_of_test(service_test(result), [], DEFAULT_CUTS_DBM) == expected


def test_every_result_has_a_class_and_every_class_a_word() -> None:
    classes = {class_of_test(service_test(r), [], DEFAULT_CUTS_DBM) for r in SERVICE_RESULTS}
    assert None not in classes
    assert set(CLASS_WORDS) == set(CLASSES)


@pytest.mark.parametrize(
    ("technology", "quantity", "cut"),
    [
        ("lte", "rsrp_dbm", -110.0),
        ("nr_nsa", "rsrp_dbm", -110.0),
        ("nr_sa", "rsrp_dbm", -110.0),
        ("wcdma", "rscp_dbm", -100.0),
    ],
)
@pytest.mark.parametrize(("offset", "expected"), [(-0.1, "C"), (0, "D"), (0.1, "D")])
def test_reading_just_below_on_and_above_the_cut(
    technology: str, quantity: str, cut: float, offset: float, expected: str
) -> None:
    value = reading(technology, **{quantity: cut + offset})
    assert class_of_reading(value, DEFAULT_CUTS_DBM) == expected
    assert class_of_test(service_test("data"), [value], DEFAULT_CUTS_DBM) == expected


def test_second_generation_carries_voice_only() -> None:
    assert class_of_reading(reading("gsm", rssi_dbm=-60), DEFAULT_CUTS_DBM) == "B"
    assert class_of_test(service_test("data", "gsm"), [], DEFAULT_CUTS_DBM) == "C"


def test_reading_without_its_main_quantity_tells_nothing() -> None:
    assert class_of_reading(reading("lte", rssi_dbm=-60), DEFAULT_CUTS_DBM) is None
    assert class_of_reading(Reading(technology=None, rsrp_dbm=-60), DEFAULT_CUTS_DBM) is None


def test_strong_reading_never_lifts_a_failed_test() -> None:
    strong = reading("lte", rsrp_dbm=-70)
    assert class_of_test(service_test("none"), [strong], DEFAULT_CUTS_DBM) == "A"
    assert class_of_test(service_test("voice"), [strong], DEFAULT_CUTS_DBM) == "B"


def test_weak_reading_of_another_sim_or_technology_does_not_lower_a_test() -> None:
    other_sim = reading("lte", rsrp_dbm=-120)
    other_sim.sim_slot = 2
    other_technology = reading("wcdma", rscp_dbm=-115)
    test = service_test("data", "lte")
    assert class_of_test(test, [other_sim, other_technology], DEFAULT_CUTS_DBM) == "D"


def test_operator_gets_the_best_of_its_tests_and_readings_only_without_tests() -> None:
    readings = [reading("lte", rsrp_dbm=-80)]
    tests = [service_test("none"), service_test("voice")]
    assert class_of_operator("xl", tests, readings, DEFAULT_CUTS_DBM) == "B"
    assert class_of_operator("xl", [], readings, DEFAULT_CUTS_DBM) == "D"
    assert class_of_operator("tri", tests, readings, DEFAULT_CUTS_DBM) is None


@pytest.mark.parametrize(
    ("rules", "lte_cut"),
    [
        ({}, -110.0),
        ({"lte_rsrp_cut_dbm": -105}, -105.0),
        ({"lte_rsrp_cut_dbm": -157}, -110.0),
        ({"lte_rsrp_cut_dbm": -156}, -156.0),
        ({"lte_rsrp_cut_dbm": -155}, -155.0),
        ({"lte_rsrp_cut_dbm": "-105"}, -110.0),
        ({"lte_rsrp_cut_dbm": True}, -110.0),
        ({"lte_rsrp_cut_dbm": float("nan")}, -110.0),
        ({"lte_rsrp_cut_dbm": ["nonsense"]}, -110.0),
        ({"smoke_cut_dbm": -100}, -110.0),
    ],
)
def test_office_sets_the_cut_and_nonsense_does_not(
    rules: dict[str, object], lte_cut: float
) -> None:
    cuts = read_cuts(rules)
    assert cuts["lte"] == lte_cut
    assert set(cuts) == set(DEFAULT_CUTS_DBM)


def test_first_rules_of_the_office_say_the_default_cuts() -> None:
    text = files("survey").joinpath("data/first_rules.json").read_text("utf-8")
    rules = json.loads(text)
    assert set(RULE_OF_TECHNOLOGY.values()) <= set(rules)
    assert read_cuts(rules) == DEFAULT_CUTS_DBM
