"""What an area file says, line by line, and what is wrong with it. Knows nothing of bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FILE_BYTES = 20_000_000
"""The largest area file that is read."""

FILE_ROWS = 20_000
"""The most rows or features of one file."""

SHOWN_FAULTS = 200
"""Reading stops after so many faults: the rest is the same mistake again."""

NOTE_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to repair or to know: row 0 is the file itself; `message` is a msgid."""

    row: int
    column: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The English sentence."""
        return self.message.format(**self.params)

    @property
    def place(self) -> str:
        """Where it is, for a line of text: "row 7, name", or "file"."""
        where = f"row {self.row}" if self.row else "file"
        return f"{where}, {self.column}" if self.column else where


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One row of a list of areas; an empty cell is None and changes nothing."""

    row: int
    level: str
    name: str
    id: str | None = None
    parent: str | None = None
    kemendagri_code: str | None = None
    bps_code: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    aliases: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class BoundaryLine:
    """One feature of a boundary file: what it says of its area, the geometry and its JSON text."""

    row: int
    codes: tuple[str, ...]
    name: str | None
    level: str | None
    parent: str | None
    geometry: Mapping[str, Any]
    text: str


@dataclass(slots=True)
class AreaFile:
    """A file as read: its lines or boundaries, and every fault found on the way."""

    lines: list[AreaLine] = field(default_factory=list)
    boundaries: list[BoundaryLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
