"""The table at the end of a run: one row a fault, sums at the bottom."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from tests.faults.tally import PROPERTY, Tally, gather, table


def report(seconds: float, *rows: Tally) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="a",
        location=("a", 1, "a"),
        keywords={},
        outcome="passed",
        longrepr=None,
        when="call",
        duration=seconds,
        user_properties=[(PROPERTY, json.dumps(asdict(row))) for row in rows],
    )


def test_rows_of_the_same_fault_are_added_up() -> None:
    rows = gather(
        [
            report(2.0, Tally("kill", 3, 10, 2, 0, 0, 0), Tally("cut", 1, 1, 1, 1, 0, 0)),
            report(1.5, Tally("kill", 4, 5, 0, 0, 1, 0)),
            report(9.0),
        ]
    )
    assert rows == [Tally("cut", 1, 1, 1, 1, 0, 0, 0.0), Tally("kill", 7, 15, 2, 0, 1, 0, 3.5)]


def test_the_table_ends_with_the_sums() -> None:
    lines = table([Tally("cut", 1, 2, 3, 0, 0, 0, 1.0), Tally("kill", 4, 5, 6, 0, 0, 0, 2.0)])
    assert lines[-1].split() == ["together", "5", "7", "9", "0", "0", "0", "3.0"]
