"""The table that a bench run prints: goal, measured, met or not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One figure beside its goal; `better` is whether more ('>=') or less ('<=') is wanted."""

    what: str
    measured: float
    better: str
    goal: float | None
    unit: str = ""
    note: str = ""

    @property
    def met(self) -> str:
        """Return yes, no, or a dash where there is no goal."""
        if self.goal is None:
            return "-"
        good = self.measured >= self.goal if self.better == ">=" else self.measured <= self.goal
        return "yes" if good else "NO"


def format_table(lines: list[Line]) -> str:
    """Return the lines as an aligned table."""
    rows = [("what", "measured", "goal", "met", "note")]
    for line in lines:
        goal = "" if line.goal is None else f"{line.better} {line.goal:g} {line.unit}".rstrip()
        measured = f"{_short(line.measured)} {line.unit}".rstrip()
        rows.append((line.what, measured, goal, line.met, line.note))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
