"""Verifying: is all that was ever acknowledged here, byte for byte, and does it fit together?

Only looks: the projection is made again on a temporary copy. Damage is named line by line;
leftovers (bytes that no row names) are no damage.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from survey.domain.identifiers import is_sha256
from survey.domain.instants import Instant
from survey.domain.problems import Problem
from survey.services.area_projecting import JOB_KIND as AREA_JOB
from survey.services.projecting import rebuild
from survey.services.server_clock import describe_clock
from survey.services.telling import Progress, no_progress
from survey.store import checks, copies, quarantine, revisions
from survey.store.audit import find_chain_breaks
from survey.store.connection import Store, connect
from survey.store.files import FileRoom, find_file
from survey.store.jobs import count_jobs_of

MOST_LINES = 100
"""Damage of one kind is named so often; the rest of it is counted."""


@dataclass(slots=True)
class Report:
    """What was checked (name, count), what is damaged, what lies about, what was left out."""

    checked: list[tuple[str, int]] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A record that a phone was told is safe."""

    record_id: str
    sha256: str


def verify(
    store: Store,
    room: FileRoom,
    now: Instant,
    receipts: Iterable[Receipt] = (),
    progress: Progress = no_progress,
    workspace: Path | None = None,
) -> Report:
    """Check everything and return what was found; changes nothing.

    Copies of the store are made for a while in `workspace` (TMPDIR without one); without room
    for them verify.no_room.
    """
    report = Report()
    reader = store.reader()
    _check(report, "database pages", 1, lambda: checks.find_broken_pages(reader))
    _check(report, "references between tables", 1, lambda: checks.find_broken_references(reader))
    for name, table, find in (
        ("audit rows", "audit", _find_broken_audit),
        ("records", "revisions", checks.find_broken_revisions),
        ("quarantined records", "quarantine", checks.find_broken_quarantine),
    ):
        progress(name, 0, 1)
        _check_table(report, reader, name, table, find)
    _check_files(report, store, room, progress)
    _check_projection(report, store, now, progress, workspace)
    with suppress(sqlite3.DatabaseError):  # what cannot be read was named above
        report.notes += describe_clock(reader, now)
    wanted = list(receipts)
    if wanted:
        _check(report, "receipts", len(wanted), lambda: _find_lost(reader, wanted))
    return report


def _check(report: Report, name: str, count: int, find: Callable[[], Iterator[str]]) -> None:
    """Note what one check finds; a database that cannot even be read is a finding too."""
    report.checked.append((name, count))
    try:
        found = find()
        report.damage += [f"{name}: {text}" for text in islice(found, MOST_LINES)]
        more = sum(1 for _ in found)
        if more:
            report.damage.append(f"{name}: and {more} more")
    except (sqlite3.DatabaseError, OSError) as error:
        if copies.is_disk_full(error):
            raise Problem("verify.no_room") from error
        report.damage.append(f"{name}: {error}")


def _check_table(
    report: Report,
    reader: sqlite3.Connection,
    name: str,
    table: str,
    find: Callable[[sqlite3.Connection], Iterator[str]],
) -> None:
    try:
        count = checks.count_rows(reader, table)
    except sqlite3.DatabaseError as error:
        report.damage.append(f"{name}: {error}")
        return
    _check(report, name, count, lambda: find(reader))


def _find_broken_audit(connection: sqlite3.Connection) -> Iterator[str]:
    for seq in find_chain_breaks(connection):
        yield f"row {seq} does not follow from the row before it"


def _check_files(report: Report, store: Store, room: FileRoom, progress: Progress) -> None:
    reader = store.reader()
    total = checks.count_rows(reader, "files")

    def find() -> Iterator[str]:
        for done, row in enumerate(checks.iter_file_rows(reader), start=1):
            progress("files", done, total)
            fault = find_file_fault(room, row)
            if fault is None:
                continue
            # An erasure may have come between the row and the look at the disk.
            again = find_file(reader, row.sha256)
            if again is None or again["erased_at"] == row.erased_at:
                yield f"{row.sha256} {fault}"

    _check(report, "files", total, find)
    report.leftovers += _list_leftovers(reader, room)


def find_file_fault(room: FileRoom, row: checks.FileRow) -> str | None:
    """Return what is wrong with a file's bytes, or None."""
    size = room.stored_size(row.sha256)
    if row.erased_at is not None:
        return None if size is None else "was erased and is still here"
    if size is None:
        return "is missing"
    if size != row.bytes:
        return f"has {size} bytes instead of {row.bytes}"
    try:
        right = copies.hash_file(room.path_of(row.sha256)) == row.sha256
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if right else "has other bytes than its hash says"


def _list_leftovers(reader: sqlite3.Connection, room: FileRoom) -> list[str]:
    """Return the paths below files/ that no row names: a killed intake, or not ours at all."""
    if not room.files.is_dir():
        return []
    return [
        str(path.relative_to(room.files))
        for path in sorted(room.files.rglob("*"))
        if path.is_file()
        and not (
            is_sha256(path.name)
            and path == room.path_of(path.name)
            and find_file(reader, path.name) is not None
        )
    ]


def _check_projection(
    report: Report, store: Store, now: Instant, progress: Progress, workspace: Path | None
) -> None:
    waiting = count_jobs_of(store.reader(), AREA_JOB)
    if waiting:
        report.notes.append(f"The projection was not compared: {waiting} areas wait for theirs.")
        return
    visits = checks.count_rows(store.reader(), "visits")
    _check(
        report,
        "visits against their records",
        visits,
        lambda: _compare(store, now, progress, workspace),
    )


def _compare(
    store: Store, now: Instant, progress: Progress, workspace: Path | None
) -> Iterator[str]:
    """Yield each row that a rebuild of a copy makes otherwise."""
    with tempfile.TemporaryDirectory(prefix="survey-verify-", dir=workspace) as folder:
        before, after = Path(folder) / "before.db", Path(folder) / "after.db"
        copies.copy_database(store.path, before)
        copies.copy_closed(before, after)
        copy = Store.open(after)
        try:
            taken = copy.write(checks.take_phone_comments)
            rebuild(copy, now, lambda done, total: progress("visits", done, total))
            copy.write(lambda connection: checks.number_comments(connection, taken))
        finally:
            copy.close()
        with (
            closing(connect(before, read_only=True)) as old,
            closing(connect(after, read_only=True)) as new,
        ):
            for table, key in checks.PROJECTION:
                yield from checks.find_differences(old, new, table, key)


def _find_lost(reader: sqlite3.Connection, receipts: list[Receipt]) -> Iterator[str]:
    for start in range(0, len(receipts), checks.PAGE):
        page = receipts[start : start + checks.PAGE]
        ids = sorted({receipt.record_id for receipt in page})
        held = {(row.record_id, row.sha256) for row in revisions.list_known(reader, ids)}
        held |= quarantine.list_known(reader, ids).keys()
        for receipt in page:
            if (receipt.record_id, receipt.sha256) not in held:
                yield f"{receipt.record_id} {receipt.sha256} was acknowledged and is not here"


def read_receipts(text: str) -> list[Receipt]:
    """Read receipts, a JSON list or a JSON object a line; raises receipts.unreadable."""
    try:
        if text.lstrip().startswith("["):
            items = json.loads(text)
        else:
            items = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise Problem("receipts.unreadable") from None
    receipts = []
    for item in items:
        record_id = item.get("id") if isinstance(item, dict) else None
        sha256 = item.get("sha256") if isinstance(item, dict) else None
        if not isinstance(record_id, str) or not isinstance(sha256, str) or not is_sha256(sha256):
            raise Problem("receipts.unreadable")
        receipts.append(Receipt(record_id, sha256))
    return receipts
