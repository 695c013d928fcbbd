"""What the fault tests counted: each notes its row, the end of the run prints one table.

A row travels as a property of its test, so that it also arrives from the workers of xdist.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

import pytest

PROPERTY = "fault_tally"
COUNTS = ("moments", "records", "files", "lost", "duplicated", "damaged")


@dataclass
class Tally:
    """One row: how often a fault was tried, what was acknowledged, what became of it."""

    fault: str
    moments: int
    records: int
    files: int
    lost: int
    duplicated: int
    damaged: int
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in another test of the same fault."""
        for name in (*COUNTS, "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def record_tally(
    record_property: Callable[[str, object], None],
    *,
    fault: str,
    moments: int,
    records: int,
    files: int = 0,
    lost: int = 0,
    duplicated: int = 0,
    damaged: int = 0,
) -> None:
    """Note what a test counted; `record_property` is pytest's own fixture."""
    row = Tally(fault, moments, records, files, lost, duplicated, damaged)
    record_property(PROPERTY, json.dumps(asdict(row)))


def gather(reports: Iterable[pytest.TestReport]) -> list[Tally]:
    """Return one row a fault, in the order of their names, with the time their tests took."""
    rows: dict[str, Tally] = {}
    for report in reports:
        found = [value for name, value in report.user_properties if name == PROPERTY]
        for number, value in enumerate(found):
            row = Tally(**json.loads(str(value)))
            # A test that counts several faults is timed once.
            row.seconds = report.duration if number == 0 else 0.0
            if row.fault in rows:
                rows[row.fault].add(row)
            else:
                rows[row.fault] = row
    return [rows[name] for name in sorted(rows)]


def table(rows: list[Tally]) -> list[str]:
    """Return the lines of the table, with a last line of sums."""
    total = Tally("together", 0, 0, 0, 0, 0, 0)
    for row in rows:
        total.add(row)
    width = max(len(row.fault) for row in [*rows, total])
    head = f"{'fault':<{width}}" + "".join(f"{name:>11}" for name in COUNTS) + f"{'seconds':>9}"
    lines = [head]
    for row in [*rows, total]:
        counts = "".join(f"{getattr(row, name):>11}" for name in COUNTS)
        lines.append(f"{row.fault:<{width}}{counts}{row.seconds:>9.1f}")
    return lines
