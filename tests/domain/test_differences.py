"""Differences of two payloads: matched by meaning, nothing lost, nothing invented."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.domain.differences import Difference, compare_payloads


def sim(operator: str, result: str, slot: int = 1) -> dict[str, Any]:
    return {"operator": operator, "handset": "own", "sim_slot": slot, "result": result}


def test_equal_payloads_have_no_differences() -> None:
    payload = {"note": "x", "service_tests": [sim("xl", "none")]}
    assert compare_payloads(payload, dict(payload)) == []


def test_changed_field_is_named_by_its_path() -> None:
    before = {"position": {"accuracy_m": 40.0, "fixes": 2}}
    after = {"position": {"accuracy_m": 6.2, "fixes": 2}}
    assert compare_payloads(before, after) == [Difference(("position", "accuracy_m"), 40.0, 6.2)]


def test_one_more_sim_in_front_is_one_difference() -> None:
    before = {"service_tests": [sim("xl", "none")]}
    after = {"service_tests": [sim("tri", "data"), sim("xl", "none")]}
    assert compare_payloads(before, after) == [
        Difference(("service_tests", "tri · own · 1"), None, sim("tri", "data"))
    ]


def test_two_tests_of_the_same_sim_keep_apart() -> None:
    before = {"service_tests": [sim("xl", "none"), sim("xl", "voice")]}
    after = {"service_tests": [sim("xl", "none"), sim("xl", "data")]}
    assert compare_payloads(before, after) == [
        Difference(("service_tests", "xl · own · 1 #2", "result"), "voice", "data")
    ]


def test_removed_photo_is_seen() -> None:
    photo = {"sha256": "a" * 64, "kind": "site"}
    assert compare_payloads({"photos": [photo]}, {"photos": []}) == [
        Difference(("photos", "a" * 64), photo, None)
    ]


def test_missing_and_null_are_the_same() -> None:
    assert compare_payloads({"note": None}, {}) == []


def test_number_and_truth_are_not_the_same() -> None:
    assert compare_payloads({"bars": 1}, {"bars": True}) == [Difference(("bars",), 1, True)]


def test_technical_fields_come_last_and_the_reason_is_left_out() -> None:
    before = {"saved_at": "a", "note": "x", "correction_reason": None}
    after = {"saved_at": "b", "note": "y", "correction_reason": "typing mistake"}
    assert [difference.path for difference in compare_payloads(before, after)] == [
        ("note",),
        ("saved_at",),
    ]


@pytest.mark.parametrize("other", [None, [], "text", 7])
def test_erased_or_odd_payload_has_no_differences(other: object) -> None:
    assert compare_payloads(other, {"note": "x"}) == []
    assert compare_payloads({"note": "x"}, other) == []


def test_list_of_odd_elements_is_compared_as_a_whole() -> None:
    before, after = {"photos": ["x"]}, {"photos": [{"sha256": "y"}]}
    assert compare_payloads(before, after) == [Difference(("photos",), ["x"], [{"sha256": "y"}])]


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["note", "photos", "sha256", "service_tests", "operator"]), inner
        )
    ),
    max_leaves=12,
)
_payload = st.dictionaries(st.sampled_from(["note", "photos", "service_tests"]), _json)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_payload, _payload)
def test_any_two_payloads_compare_and_swapping_swaps_the_sides(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    forth = compare_payloads(before, after)
    back = compare_payloads(after, before)
    assert {d.path for d in forth} == {d.path for d in back}
    assert all(d.before != d.after or type(d.before) is not type(d.after) for d in forth)
