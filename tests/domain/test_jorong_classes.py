"""Classes of a jorong from its stands: bounds of the rules, final or not, any order the same."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.domain import class_words
from survey.domain.class_rules import DEFAULT_RULES, read_class_rules
from survey.domain.jorong_classes import (
    JorongClass,
    Missing,
    ServiceClass,
    classify,
    reached_class,
)
from survey.domain.limits import PLACE_KINDS, SERVICE_RESULTS, SETTINGS_OF_STAND, TECHNOLOGIES
from survey.domain.not_spots import NOT_SPOTS, Podes, not_spots_of, podes_of
from survey.domain.stands import Stand, is_own_network, no_service
from survey.domain.visit import Reading, ServiceTest

SIM = ("xl", "own", 1)


def stand(
    result: str | None = "data",
    place: str | None = "centre",
    day: str = "2026-05-04",
    *,
    operator: str = "xl",
    proof: str | None = None,
    technology: str | None = None,
    heard: tuple[str, ...] = (),
    rsrp_dbm: float | None = None,
    passed: bool = True,
    **changes: str,
) -> Stand:
    """One stand of one operator; its SIM passed a control unless a test spoils it."""
    stand.number += 1  # type: ignore[attr-defined]
    test = ServiceTest(
        operator=operator,
        handset="own",
        sim_slot=1,
        result=result,
        proof=proof,
        technology=technology,
        networks_heard=list(heard),
    )
    reading = Reading(
        operator=operator, technology="lte", handset="own", sim_slot=1, rsrp_dbm=rsrp_dbm
    )
    return Stand(
        visit_id=f"v{stand.number}",  # type: ignore[attr-defined]
        day=day,
        place_kind=place,
        setting=changes.get("setting", "outdoor"),
        power=changes.get("power", "on"),
        service_tests=[test] if result else [],
        readings=[reading] if rsrp_dbm is not None else [],
        controlled=frozenset({(operator, "own", 1)}) if passed else frozenset(),
    )


stand.number = 0  # type: ignore[attr-defined]

WHOLE = (("centre", "2026-05-04"), ("last_house", "2026-05-04"), ("school", "2026-05-11"))


def whole(result: str, **options: object) -> list[Stand]:
    """The fewest stands that can make a class final."""
    return [stand(result, place, day, **options) for place, day in WHOLE]  # type: ignore[arg-type]


def of_xl(stands: list[Stand], operators: tuple[str, ...] = ("xl",)) -> ServiceClass:
    found = classify(stands, operators, DEFAULT_RULES).operators
    return next(row for row in found if row.operator == "xl")


def codes(row: ServiceClass | JorongClass) -> list[str]:
    return [one.code for one in row.missing]


@pytest.mark.parametrize(
    ("result", "letter"), [("none", "A"), ("voice", "B"), ("voice_sms", "B"), ("data", "D")]
)
def test_a_whole_set_of_stands_is_final(result: str, letter: str) -> None:
    row = of_xl(whole(result, proof="proven"))
    assert (row.letter, row.standing, row.missing) == (letter, "final", ())
    assert (row.n_stands, row.n_days) == (3, 2)


def test_without_a_known_control_nothing_is_final_and_it_is_said() -> None:
    row = of_xl(whole("data", passed=False))
    assert row.standing == "provisional"
    assert row.missing == (Missing("controls", {"stands": 3, "days": 7}),)


def test_one_stand_whose_sim_has_no_control_is_enough_to_hold_a_class_back() -> None:
    stands = whole("none", proof="proven")
    stands[1] = replace(stands[1], controlled=frozenset({("xl", "own", 2)}))
    assert of_xl(stands).missing == (Missing("controls", {"stands": 1, "days": 7}),)


@pytest.mark.parametrize(("n", "lacks"), [(2, True), (3, False), (4, False)])
def test_three_stands_are_the_minimum(n: int, lacks: bool) -> None:
    row = of_xl([*whole("data"), stand("data", "road")][:n])
    assert ("stands" in codes(row)) is lacks


@pytest.mark.parametrize(("n", "lacks"), [(1, True), (2, False), (3, False)])
def test_two_days_are_the_minimum(n: int, lacks: bool) -> None:
    stands = [
        replace(one, day=f"2026-05-{4 + number % n:02}") for number, one in enumerate(whole("data"))
    ]
    row = of_xl(stands)
    assert ("days" in codes(row)) is lacks
    assert row.n_days == n


@pytest.mark.parametrize("spoilt", range(3))
def test_each_of_the_three_places_is_needed(spoilt: int) -> None:
    stands = whole("data")
    stands[spoilt] = replace(stands[spoilt], place_kind="road")
    place = ("centre", "last_house", "public")[spoilt]
    assert of_xl(stands).missing == (Missing("places", {"places": (place,)}),)


@pytest.mark.parametrize("kind", ["school", "health", "mosque", "office", "market"])
def test_any_public_facility_is_one(kind: str) -> None:
    stands = whole("data")
    stands[2] = replace(stands[2], place_kind=kind)
    assert of_xl(stands).standing == "final"


def test_a_none_needs_one_full_proof_and_other_classes_do_not() -> None:
    stands = whole("none", proof="quick")
    assert codes(of_xl(stands)) == ["proven_none"]
    assert of_xl([stand("none", proof="proven"), *stands[1:]]).standing == "final"
    assert of_xl(whole("voice")).standing == "final"


def test_a_proof_that_heard_its_own_network_is_none() -> None:
    stands = whole("none", proof="proven", heard=("XL Axiata", "TELKOMSEL"))
    assert codes(of_xl(stands)) == ["proven_none"]


def test_nones_of_a_power_cut_alone_wait_for_a_second_day() -> None:
    stands = whole("none", proof="proven", power="off")
    row = of_xl(stands)
    assert (row.letter, codes(row)) == ("A", ["power_cut"])
    assert row.n_stands == 3


def test_a_none_without_a_power_cut_on_another_day_confirms_those_of_the_cut() -> None:
    cut = [stand("none", place, day, proof="proven", power="off") for place, day in WHOLE[:2]]
    row = of_xl([*cut, stand("none", "school", "2026-05-11")])
    assert (row.letter, row.standing, row.n_stands, row.n_power_cut_aside) == ("A", "final", 3, 0)


def test_a_none_on_the_same_day_does_not_confirm_those_of_the_cut() -> None:
    cut = [stand("none", place, proof="proven", power="off") for place, _ in WHOLE[:2]]
    row = of_xl([*cut, stand("none", "school")])
    assert (row.letter, row.n_stands, row.n_power_cut_aside) == ("A", 1, 2)


def test_a_none_of_a_power_cut_does_not_lower_what_other_stands_say() -> None:
    cut = [stand("none", "road", power="off") for _ in range(9)]
    row = of_xl([*whole("data"), *cut])
    assert (row.letter, row.standing, row.n_power_cut_aside) == ("D", "final", 9)


@pytest.mark.parametrize("power", ["on", "none", "unknown"])
def test_a_village_without_mains_has_no_power_cut(power: str) -> None:
    assert of_xl(whole("none", proof="proven", power=power)).standing == "final"


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("", None), ("A", "A"), ("AD", "D"), ("AAD", "A"), ("ADD", "D"), ("AABD", "B"),
     ("AAABD", "A"), ("ABD", "B"), ("BCD", "C"), ("ABCD", "C")],
)  # fmt: skip
def test_class_is_the_best_that_half_of_the_stands_reach(
    letters: str, expected: str | None
) -> None:
    for order in itertools.permutations(letters):
        assert reached_class(order, 0.5) == expected


@pytest.mark.parametrize(("reach", "expected"), [(5, "A"), (6, "D"), (7, "D")])
def test_the_share_is_reached_exactly_or_not(reach: int, expected: str) -> None:
    assert reached_class("D" * reach + "A" * (10 - reach), 0.6) == expected


def test_indoor_vehicle_and_signal_spots_stand_apart() -> None:
    apart = [
        stand("none", setting="indoor"),
        stand("none", setting="vehicle"),
        stand("data", "signal_spot"),
    ]
    row = of_xl([*whole("voice"), *apart])
    assert (row.letter, row.standing, row.n_stands) == ("B", "final", 3)
    assert {where: one["letter"] for where, one in row.apart.items()} == {
        "indoor": "A",
        "vehicle": "A",
        "signal_spot": "D",
    }


def test_only_indoor_stands_leave_an_operator_not_measured() -> None:
    row = of_xl([stand("data", setting="indoor")])
    assert (row.letter, row.standing) == (None, "unmeasured")
    assert row.apart["indoor"]["letter"] == "D"


def test_an_operator_that_nobody_tried_is_not_measured_rather_than_none() -> None:
    jorong = classify(whole("none", proof="proven"), ("telkomsel", "xl"), DEFAULT_RULES)
    assert [(row.operator, row.letter, row.standing) for row in jorong.operators] == [
        ("telkomsel", None, "unmeasured"),
        ("xl", "A", "final"),
    ]
    assert jorong.missing == (Missing("operators_unmeasured", {"operators": ("telkomsel",)}),)
    assert (jorong.letter, jorong.standing) == ("A", "provisional")


def test_a_jorong_without_stands_is_not_measured() -> None:
    jorong = classify([], ("xl",), DEFAULT_RULES)
    assert (jorong.letter, jorong.standing, jorong.unmeasured) == (None, "unmeasured", ("xl",))
    assert podes_of(jorong, DEFAULT_RULES) == Podes(None, None)
    assert not_spots_of(jorong) == ()


def test_a_jorong_is_as_good_as_its_best_operator_and_names_the_worst() -> None:
    stands = [*whole("data"), *whole("voice", operator="tri"), stand("none", operator="indosat")]
    jorong = classify(stands, ("indosat", "tri", "xl", "telkomsel"), DEFAULT_RULES)
    assert (jorong.letter, jorong.standing) == ("D", "final")
    assert (jorong.best, jorong.worst, jorong.unmeasured) == (("xl",), ("indosat",), ("telkomsel",))


def test_a_jorong_below_usable_is_final_only_when_every_operator_is() -> None:
    stands = [*whole("voice"), stand("none", operator="tri", proof="proven")]
    jorong = classify(stands, ("tri", "xl"), DEFAULT_RULES)
    assert jorong.missing == (Missing("operators_provisional", {"operators": ("tri",)}),)
    stands = [*whole("voice"), *whole("none", operator="tri", proof="proven")]
    assert classify(stands, ("tri", "xl"), DEFAULT_RULES).standing == "final"


def test_a_technology_has_its_own_class_and_a_silent_network_is_silent_in_it() -> None:
    stands = [
        stand("data", "centre", technology="lte", rsrp_dbm=-100),
        stand("voice", "last_house", technology="gsm"),
        stand("none", "school", "2026-05-11", proof="proven"),
    ]
    row = of_xl(stands)
    assert row.letter == "B"
    assert [(one.technology, one.by_class) for one in row.technologies] == [
        ("gsm", {"A": 1, "B": 1, "C": 0, "D": 0}),
        ("lte", {"A": 1, "B": 0, "C": 0, "D": 1}),
    ]


@pytest.mark.parametrize(("level", "below"), [(-110.1, 1), (-110, 0), (-109.9, 0)])
def test_share_below_the_cut_counts_stands_without_service_too(level: float, below: int) -> None:
    stands = [stand("data", rsrp_dbm=level), stand("data", rsrp_dbm=-90), stand("none"),
              stand("none", rsrp_dbm=-80)]  # fmt: skip
    (lte,) = of_xl(stands).technologies
    assert lte.levels is not None
    assert (lte.levels.n, lte.levels.n_below, lte.levels.n_without_service) == (3, below, 2)
    assert lte.levels.share_below == (below + 2) / 4
    assert (lte.levels.minimum_dbm, lte.levels.maximum_dbm) == (level, -80)


@pytest.mark.parametrize(("n", "too_few"), [(2, True), (3, False), (4, False)])
def test_too_few_values_are_said(n: int, too_few: bool) -> None:
    (lte,) = of_xl([stand("data", rsrp_dbm=-100.0 - i) for i in range(n)]).technologies
    assert lte.levels is not None
    assert lte.levels.too_few is too_few


def test_ten_readings_of_one_stand_count_once() -> None:
    loud = replace(
        stand("data"),
        readings=[
            Reading(operator="xl", technology="lte", handset="own", sim_slot=1, rsrp_dbm=-60)
            for _ in range(10)
        ],
    )
    (lte,) = of_xl([loud, stand("data", rsrp_dbm=-100), stand("data", rsrp_dbm=-104)]).technologies
    assert lte.levels is not None
    assert (lte.levels.n, lte.levels.median_dbm) == (3, -100)


@pytest.mark.parametrize(
    ("result", "heard", "expected"),
    [
        ("none", (), "none"),
        ("none", ("XL",), "none"),
        ("none", ("51011",), "none"),
        ("none", ("510 10",), "emergency_only"),
        ("none", ("TELKOMSEL",), "emergency_only"),
        ("emergency_only", (), "emergency_only"),
        ("voice", ("TELKOMSEL",), None),
        (None, (), None),
    ],
)
def test_emergency_only_is_none_of_the_sims_operator_and_another_network_heard(
    result: str | None, heard: tuple[str, ...], expected: str | None
) -> None:
    test = ServiceTest(operator="xl", result=result, networks_heard=list(heard))
    assert no_service(test) == expected


@pytest.mark.parametrize(
    ("operator", "heard", "own"),
    [
        ("tri", "3", True),
        ("tri", "IND TRI", True),
        ("indosat", "IM3", True),
        ("telkomsel", "510-10", True),
        ("telkomsel", "XL 3G", False),
        ("rimba", "Rimba Net", True),
        ("rimba", "", False),
        (None, "XL", False),
    ],
)
def test_names_heard_are_known_as_own_or_foreign(
    operator: str | None, heard: str, own: bool
) -> None:
    assert is_own_network(operator, heard) is own


@pytest.mark.parametrize(
    ("level", "strength"),
    [(-79.9, "very_strong"), (-80, "very_strong"), (-80.1, "strong"),
     (-99.9, "strong"), (-100, "strong"), (-100.1, "weak")],
)  # fmt: skip
def test_podes_strength_just_above_on_and_below_its_cuts(level: float, strength: str) -> None:
    stands = [stand("data", technology="lte", rsrp_dbm=level)]
    assert podes_of(classify(stands, (), DEFAULT_RULES), DEFAULT_RULES) == Podes(strength, "4g_5g")


@pytest.mark.parametrize(
    ("result", "technology", "expected"),
    [
        ("none", None, Podes("none", "none")),
        ("voice", "gsm", Podes(None, "none")),
        ("data", "gsm", Podes(None, "2g")),
        ("data", "wcdma", Podes(None, "3g")),
        ("data", "nr_sa", Podes(None, "4g_5g")),
        ("data", None, Podes(None, None)),
    ],
)
def test_podes_internet_follows_the_technology_that_carried_it(
    result: str, technology: str | None, expected: Podes
) -> None:
    jorong = classify([stand(result, technology=technology)], (), DEFAULT_RULES)
    assert podes_of(jorong, DEFAULT_RULES) == expected


@pytest.mark.parametrize(
    ("stands", "kinds"),
    [
        ([("xl", "none", "outdoor"), ("tri", "none", "outdoor")], ["complete"]),
        ([("xl", "voice", "outdoor")], ["no_mobile_broadband"]),
        (
            [("xl", "voice", "outdoor"), ("tri", "none", "outdoor")],
            ["no_mobile_broadband", "operator_specific"],
        ),
        ([("xl", "data", "outdoor"), ("tri", "none", "outdoor")], ["operator_specific"]),
        ([("xl", "data", "outdoor"), ("xl", "none", "vehicle")], ["on_the_move"]),
        ([("xl", "data", "outdoor"), ("xl", "none", "indoor")], ["indoor"]),
        ([("xl", "data", "outdoor"), ("xl", "data", "indoor")], []),
    ],
)
def test_kinds_of_not_spot(stands: list[tuple[str, str, str]], kinds: list[str]) -> None:
    made = [
        stand(result, operator=operator, setting=setting) for operator, result, setting in stands
    ]
    found = not_spots_of(classify(made, (), DEFAULT_RULES))
    assert [one.kind for one in found] == kinds
    assert set(kinds) <= set(NOT_SPOTS)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("class_share", 0.01, "share", 0.01),
        ("class_share", 0, "share", 0.5),
        ("class_share", 1, "share", 1.0),
        ("class_share", 1.01, "share", 0.5),
        ("class_share", True, "share", 0.5),
        ("minimum_visits", 0, "minimum_stands", 3),
        ("minimum_visits", 1, "minimum_stands", 1),
        ("minimum_visits", 2.5, "minimum_stands", 3),
        ("class_minimum_days", 1001, "minimum_days", 2),
        ("class_public_places", ["market", "school"], "public_places", ("school", "market")),
        ("class_public_places", ["moon"], "public_places", DEFAULT_RULES.public_places),
        ("class_control_classes", [], "control_classes", ()),
        ("class_control_classes", [["A"]], "control_classes", ("A", "B", "C", "D")),
        ("class_proven_none", "no", "proven_none", True),
        ("class_proven_none", False, "proven_none", False),
        ("podes_strong_dbm", float("nan"), "podes_strong_dbm", -100.0),
    ],
)
def test_office_sets_a_rule_and_nonsense_does_not(
    name: str, value: object, field: str, expected: object
) -> None:
    assert getattr(read_class_rules(4, {name: value}), field) == expected


def test_first_rules_say_every_default_and_a_version_that_lacks_them_means_the_same() -> None:
    content = json.loads(files("survey").joinpath("data/first_rules.json").read_text("utf-8"))
    first = read_class_rules(1, content)
    assert first == replace(DEFAULT_RULES, version=1)
    assert read_class_rules(1, {}) == first


def test_a_rule_that_asks_no_control_lets_a_class_be_final_without_one() -> None:
    rules = replace(DEFAULT_RULES, control_classes=())
    (row,) = classify(whole("data", passed=False), ("xl",), rules).operators
    assert row.standing == "final"


def test_every_code_of_what_is_missing_has_its_words() -> None:
    stands = [
        stand("none", "road", power="off", passed=False),
        *whole("voice", operator="tri", passed=False),
    ]
    jorong = classify(stands, ("xl", "telkomsel"), DEFAULT_RULES)
    found = [*jorong.missing, *(one for row in jorong.operators for one in row.missing)]
    assert {one.code for one in found} == set(class_words.MISSING)
    for one in found:
        assert "{" not in class_words.MISSING[one.code].format(**one.details)


words = st.sampled_from


@st.composite
def some_stands(draw: st.DrawFn) -> list[Stand]:
    made = []
    for _ in range(draw(st.integers(0, 7))):
        test = ServiceTest(
            operator=draw(words(["xl", "tri", None])),
            handset="own",
            sim_slot=1,
            result=draw(words([*SERVICE_RESULTS, None])),
            proof=draw(words(["quick", "proven", None])),
            technology=draw(words([*TECHNOLOGIES, None])),
        )
        reading = Reading(
            operator=draw(words(["xl", "tri"])),
            technology=draw(words([*TECHNOLOGIES, None])),
            handset="own",
            sim_slot=1,
            rsrp_dbm=draw(st.none() | st.integers(-140, -44).map(float)),
        )
        made.append(
            Stand(
                visit_id=str(len(made)),
                day=draw(words(["2026-05-04", "2026-05-05"])),
                place_kind=draw(words([*PLACE_KINDS, None])),
                setting=draw(words([*SETTINGS_OF_STAND, None])),
                power=draw(words(["on", "off", None])),
                service_tests=[test],
                readings=[reading],
                controlled=frozenset({SIM}) if draw(st.booleans()) else frozenset(),
            )
        )
    return made


@settings(max_examples=150, deadline=None)
@given(stands=some_stands(), data=st.data())
def test_any_order_of_the_same_stands_gives_the_same_classes(
    stands: list[Stand], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(stands))
    first = classify(stands, ("xl",), DEFAULT_RULES)
    assert classify(shuffled, ("xl",), DEFAULT_RULES) == first
    for row in first.operators:
        assert sum(row.by_class.values()) == row.n_stands
        assert (row.letter is None) == (row.standing == "unmeasured") == (row.n_stands == 0)
        if row.standing == "final":
            assert row.n_stands >= 3
            assert row.n_days >= 2
            assert row.letter != "A" or row.n_proven
