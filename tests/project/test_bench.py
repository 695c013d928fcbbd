"""The parts of the bench that judge: percentiles, goals, the table."""

from __future__ import annotations

import pytest

from bench.load import Load, build_request
from bench.report import Line, format_table
from bench.soak import verdict
from tests.faults.checker import Findings


def test_a_percentile_is_an_answer_that_came() -> None:
    load = Load(seconds=2.0, milliseconds=[float(number) for number in range(100, 0, -1)])

    assert load.rate == 50
    assert (load.percentile(0.5), load.percentile(0.99), load.percentile(1)) == (51, 100, 100)


@pytest.mark.parametrize(
    ("measured", "better", "goal", "met"),
    [
        (0.6, ">=", 0.6, "yes"),
        (0.59, ">=", 0.6, "NO"),
        (25.0, "<=", 25.0, "yes"),
        (25.1, "<=", 25.0, "NO"),
        (1.0, "<=", None, "-"),
    ],
)
def test_a_goal_is_met_at_its_very_value(
    measured: float, better: str, goal: float | None, met: str
) -> None:
    assert Line("x", measured, better, goal).met == met


def test_the_table_shows_goal_and_verdict_on_one_line() -> None:
    text = format_table([Line("visits", 0.5, ">=", 0.6, "x", "3/s")])

    assert text.splitlines()[1].split() == ["visits", "0.5", "x", ">=", "0.6", "x", "NO", "3/s"]


def test_a_request_says_its_length() -> None:
    request = build_request("PUT", "/x", {"A": "b"}, b"12345")

    assert request.startswith(b"PUT /x HTTP/1.1\r\n")
    assert b"Content-Length: 5\r\n" in request
    assert request.endswith(b"\r\n\r\n12345")


def test_the_last_line_of_a_soak_can_be_read_by_programs() -> None:
    whole = Findings(records=4_800, files=320)
    assert verdict(41, whole) == "seed 41: 5120 acknowledged, 0 lost, 0 duplicated, 0 damaged"
    whole.lose("record 1")
    whole.damage("still to be sent: visit 2")
    assert verdict(7, whole) == "seed 7: 5120 acknowledged, 1 lost, 0 duplicated, 1 damaged"
