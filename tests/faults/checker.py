"""The invariant checker: what was acknowledged is on the server once, whole, with all its files.

Asks the database and the disk, never the server's word. Runs beside a server at work as well.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from survey.domain.instants import system_now
from survey.services.verifying import find_file_fault, verify
from survey.settings import Settings
from survey.store.checks import FileRow
from survey.store.connection import Store
from survey.store.files import FileRoom, find_file

MOMENT_FIELDS = ("id", "saved_at", "utc_offset_min", "clock")
"""What two saves of the same content may differ in."""


@dataclass(frozen=True)
class Save:
    """A save that somebody was told is safe: its record, the hash of its payload, its files."""

    record_id: str
    sha256: str
    files: tuple[str, ...] = ()


@dataclass
class Findings:
    """What was looked for and what is wrong; each detail is one line of text."""

    records: int = 0
    files: int = 0
    lost: int = 0
    duplicated: int = 0
    damaged: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The arguments of record_tally."""
        names = ("records", "files", "lost", "duplicated", "damaged")
        return {name: getattr(self, name) for name in names}

    def lose(self, text: str) -> None:
        """Note something that is not there."""
        self.lost += 1
        self.details.append(f"lost: {text}")

    def double(self, text: str) -> None:
        """Note something that is there twice."""
        self.duplicated += 1
        self.details.append(f"duplicated: {text}")

    def damage(self, text: str) -> None:
        """Note something that is there and not right."""
        self.damaged += 1
        self.details.append(f"damaged: {text}")


def check(
    settings: Settings,
    saves: Iterable[Save],
    *,
    all_of_it: bool = False,
    deep: bool = True,
    workspace: Path | None = None,
) -> Findings:
    """Look for every save on the server; return what is lost, twice or damaged.

    `all_of_it`: `saves` is everything that phones ever saved, so whatever else the server holds
    is one too many, and no content may be there twice under two ids. `deep` also compares the
    projection, walks the audit chain and reads every file, as `survey verify` does.
    """
    findings = Findings()
    wanted = list(dict.fromkeys(saves))
    with closing(Store.open(settings.database)) as store:
        reader, room = store.reader(), FileRoom(settings.instance)
        held = _held(reader)
        for save in wanted:
            _check_record(findings, held, save)
        gone = _check_files(findings, reader, room, wanted)
        if all_of_it:
            _check_surplus(findings, held, wanted)
            _check_contents(findings, reader)
        if deep:
            now = system_now()
            for line in verify(store, room, now, workspace=workspace).damage:
                # A file of an acknowledged save that is not there counts as lost, once.
                if not any(sha256 in line for sha256 in gone):
                    findings.damage(line)
    return findings


def _held(reader: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """Return how often each (record id, hash) is here, readable or quarantined."""
    rows = reader.execute(
        """
        SELECT record_id, sha256, count(*) FROM (
          SELECT record_id, sha256 FROM revisions UNION ALL
          SELECT record_id, sha256 FROM quarantine
        ) GROUP BY 1, 2
        """
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _check_record(findings: Findings, held: dict[tuple[str, str], int], save: Save) -> None:
    findings.records += 1
    times = held.get((save.record_id, save.sha256), 0)
    if times == 0:
        findings.lose(f"record {save.record_id} {save.sha256}")
    elif times > 1:
        findings.double(f"record {save.record_id} {save.sha256} is there {times} times")


def _check_files(
    findings: Findings, reader: sqlite3.Connection, room: FileRoom, saves: list[Save]
) -> set[str]:
    """Look at the files of the saves; return those that are not there."""
    gone = set()
    for sha256 in sorted({sha256 for save in saves for sha256 in save.files}):
        findings.files += 1
        row = find_file(reader, sha256)
        if row is None or room.stored_size(sha256) is None:
            gone.add(sha256)
            findings.lose(f"file {sha256}" + ("" if row is None else " (its bytes)"))
            continue
        fault = find_file_fault(room, FileRow(sha256, row["bytes"], row["erased_at"]))
        if fault:
            gone.add(sha256)
            findings.damage(f"file {sha256} {fault}")
    return gone


def _check_surplus(findings: Findings, held: dict[tuple[str, str], int], saves: list[Save]) -> None:
    """Look for revisions that no phone saved."""
    for record_id, sha256 in sorted(held.keys() - {(one.record_id, one.sha256) for one in saves}):
        findings.double(f"record {record_id} {sha256} is there and was never saved")


def _check_contents(findings: Findings, reader: sqlite3.Connection) -> None:
    """Look for one content under two ids."""
    seen: dict[str, str] = {}
    rows = reader.execute(
        "SELECT record_id, payload FROM revisions WHERE payload IS NOT NULL ORDER BY key"
    )
    for record_id, payload in rows:
        try:
            content = json.loads(payload)
        except ValueError:
            continue
        if not isinstance(content, dict):
            continue
        rest = {name: value for name, value in content.items() if name not in MOMENT_FIELDS}
        first = seen.setdefault(json.dumps(rest, sort_keys=True), record_id)
        if first != record_id:
            findings.double(f"the content of record {first} is there again as {record_id}")
