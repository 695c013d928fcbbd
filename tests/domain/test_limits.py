"""Each quantity just below, on and above its bounds."""

from __future__ import annotations

import math

import pytest

from survey.domain.limits import LIMITS, MAIN_QUANTITY, TECHNOLOGIES, TECHNOLOGY_LIMITS


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_a_limit_allows_its_bounds_and_nothing_beyond(name: str) -> None:
    limit = LIMITS[name]
    below = math.nextafter(limit.minimum, -math.inf)
    above = math.nextafter(limit.maximum, math.inf)
    assert [limit.allows(value) for value in (below, limit.minimum, limit.maximum, above)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_no_number_at_all_is_not_allowed(name: str) -> None:
    assert not LIMITS[name].allows(math.nan)
    assert not LIMITS[name].allows(math.inf)
    assert not LIMITS[name].allows(-math.inf)


@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_a_technologys_bounds_lie_within_the_stores(technology: str) -> None:
    for field, (minimum, maximum) in TECHNOLOGY_LIMITS[technology].items():
        if field in LIMITS:
            assert LIMITS[field].allows(minimum)
            assert LIMITS[field].allows(maximum)
        assert minimum < maximum


@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_every_technology_has_a_value_that_tells_coverage(technology: str) -> None:
    assert MAIN_QUANTITY[technology] in TECHNOLOGY_LIMITS[technology]


def test_every_limit_names_its_unit_and_source() -> None:
    assert all(limit.unit and limit.source for limit in LIMITS.values())
