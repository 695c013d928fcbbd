"""Searching areas by name: exact, other spellings, beginnings, slips of the finger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey.domain.area_search import search_names
from survey.domain.areas import Area


def area(number: int, name: str, *aliases: str, level: str = "jorong") -> Area:
    return Area(f"99.01/j{number:04d}", level, name, "99.01", aliases=aliases)


AREAS = [
    area(1, "Gunung Pasia"),
    area(2, "Gunung Pasir"),
    area(3, "Pasia Panjang", "Pasir Panjang"),
    area(4, "Simancuang"),
    area(5, "Tigo Lareh Bakapanjangan", "TLB"),
    area(6, "Lubuk Gadang", level="nagari"),
    area(7, "Lubuk Gadang"),
    area(8, "Muara Labuh"),
]


def found(text: str, limit: int = 10) -> list[tuple[str, str, bool]]:
    return [(s.area.name, s.match, s.suggested) for s in search_names(AREAS, text, limit)]


def test_exact_name_comes_before_its_other_spelling() -> None:
    assert found("gunung pasir") == [
        ("Gunung Pasir", "exact", False),
        ("Gunung Pasia", "folded", True),
    ]


def test_other_spelling_is_a_suggestion() -> None:
    assert found("Simancung") == [("Simancuang", "folded", True)]


def test_words_written_together_are_found() -> None:
    assert found("muarolabuah")[0][0] == "Muara Labuh"


def test_alias_answers_with_the_name_that_matched() -> None:
    suggestion = search_names(AREAS, "tlb", 5)[0]
    assert (suggestion.area.name, suggestion.matched_name, suggestion.match) == (
        "Tigo Lareh Bakapanjangan",
        "TLB",
        "exact",
    )


def test_beginnings_of_words_in_any_order_are_found() -> None:
    assert ("Pasia Panjang", "prefix", False) in found("panj pasi")


def test_beginning_in_another_spelling_is_a_suggestion() -> None:
    assert found("gunuang pas")[0][1:] == ("folded_prefix", True)


def test_slip_of_a_finger_is_a_suggestion() -> None:
    assert found("simancag") == [("Simancuang", "near", True)]


def test_level_words_before_the_name_do_not_matter() -> None:
    assert found("Jr. Simancuang") == [("Simancuang", "exact", False)]


def test_higher_level_comes_first_among_equal_names() -> None:
    assert [s.area.level for s in search_names(AREAS, "lubuk gadang", 5)] == ["nagari", "jorong"]


@pytest.mark.parametrize("text", ["", "  ", "...", "zzzz"])
def test_nothing_answers_to_nothing(text: str) -> None:
    assert found(text) == []


def test_merged_and_retired_areas_do_not_answer() -> None:
    gone = [
        replace(AREAS[3], merged_into="99.01/j0001"),
        replace(AREAS[3], retired_at="2026-01-01T00:00:00.000Z"),
    ]
    assert search_names(gone, "Simancuang", 5) == []


def test_limit_cuts_the_list() -> None:
    assert len(found("gunung", limit=1)) == 1
