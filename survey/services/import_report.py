"""What an import of a rescue file tells: a row a record, counts of files, lines without use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from survey.formats.rescue_items import BadLine, Place


@dataclass(slots=True)
class Row:
    """What became of one record.

    `result` is one of the wire's; `seal` one of sealed, revoked (by a phone that may not send any
    more), unsealed, unknown (of no phone known here); `reason` a msgid, empty when there is
    nothing to say; `photos` the hashes of those it names, `photos_missing` how many are not here.
    """

    place: Place
    record_id: str
    kind: str
    area_name: str
    officer_name: str
    result: str
    seal: str
    reason: str
    photos: tuple[str, ...] = ()
    photos_missing: int = 0


@dataclass(slots=True)
class Report:
    """What an import did: rows of records, counts of files, lines that gave nothing."""

    name: str
    rows: list[Row] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)
    file_faults: list[tuple[Place, str]] = field(default_factory=list)
    bad_lines: list[BadLine] = field(default_factory=list)
    bad_count: int = 0
    drafts: int = 0

    @property
    def results(self) -> Counter[str]:
        """Count the records by result."""
        return Counter(row.result for row in self.rows)

    @property
    def photos_missing(self) -> int:
        """Count the photos that records name and that are not here."""
        return sum(row.photos_missing for row in self.rows)

    @property
    def seals(self) -> Counter[str]:
        """Count the records by seal."""
        return Counter(row.seal for row in self.rows)
