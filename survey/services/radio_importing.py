"""Taking in logs of radio apps and public tower lists: streamed, in batches, once each row.

The same file again changes nothing, nor does a re-export that overlaps; a run that was killed
goes on when the file comes again. Knows no format (see formats/radio).
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from survey.domain.instants import Instant
from survey.domain.labels import N_
from survey.domain.problems import FieldError, Problem
from survey.domain.samples import Sample
from survey.formats.radio.items import DROPPED, LogContext, Rejected
from survey.formats.radio.parts import list_logs
from survey.formats.radio.reading import read_log
from survey.formats.radio.recognising import FORMAT_NAMES, TOWER_LISTS, find_missing
from survey.formats.radio.texts import HEAD_BYTES
from survey.formats.zip_entries import ZIP_ERRORS
from survey.services.sample_areas import AreaFinder
from survey.settings import Settings
from survey.store.audit import append_audit
from survey.store.connection import Store
from survey.store.copies import is_disk_full
from survey.store.reference_cells import encode_cell, insert_cells
from survey.store.samples import (
    Encoded,
    SampleSource,
    begin_source,
    encode_sample,
    find_source,
    finish_source,
    insert_samples,
)
from survey.store.users import User, find_user_by_name

BATCH_ROWS: Final = 5_000
"""Rows of one transaction: phones that send meanwhile wait for it some tenths of a second."""

SHOWN_ROWS: Final = 500
_NAME_CHARACTERS: Final = 200

Progress = Callable[[int], None]


@dataclass(slots=True)
class LogReport:
    """What became of one log: new rows, rows known before, and by reason those that gave nothing.

    `rejected` holds the first rows turned away, without those left out on purpose.
    `known_file`: it was taken in before, whole; nothing was read again.
    """

    name: str
    format: str
    sha256: str
    new: int = 0
    known: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    known_file: bool = False
    app: str | None = None
    device: str | None = None

    @property
    def is_tower_list(self) -> bool:
        """Whether its rows are reference cells and no samples."""
        return self.format in TOWER_LISTS

    @property
    def dropped_count(self) -> int:
        """Rows left out on purpose: Wi-Fi and Bluetooth."""
        return sum(self.reasons[reason] for reason in DROPPED)

    @property
    def rejected_count(self) -> int:
        """Rows that could not be used."""
        return self.reasons.total() - self.dropped_count


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a log came from: who took it in, whose it is, and the visit it travelled with."""

    actor: str
    officer: User | None = None
    officer_key: int | None = None
    record_id: str | None = None
    at: Instant | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    accuracy_m: float | None = None


def is_radio_log(stream: BinaryIO, name: str) -> bool:
    """Tell by its content whether a file is a radio log or a tower list, or a ZIP with one.

    Raises import.columns_missing for a table that would be one if it had all its columns.
    """
    try:
        if next(list_logs(stream, name, look=True), None) is not None:
            return True
        stream.seek(0)
        near = find_missing(stream.read(HEAD_BYTES))
    except ZIP_ERRORS:
        return False
    finally:
        stream.seek(0)
    if near is not None:
        columns = ", ".join(near[1])
        raise Problem("import.columns_missing", format=FORMAT_NAMES[near[0]], columns=columns)
    return False


def import_logs(
    store: Store,
    settings: Settings,
    stream: BinaryIO,
    name: str,
    origin: Origin,
    now: Instant,
    progress: Progress | None = None,
) -> list[LogReport]:
    """Take in a log, or all of a ZIP, and return what became of each; `stream` must seek.

    `progress` is told the bytes read so far. Raises import.unreadable when it is none,
    import.too_large for what is packed, server.disk_full; whatever was taken in before stays.
    """
    reports = []
    try:
        for part_name, format_key, part in list_logs(stream, name):
            reports.append(
                _import_one(store, settings, part, part_name, format_key, origin, now, progress)
            )
    except ZIP_ERRORS as error:
        if is_disk_full(error):
            raise Problem("server.disk_full") from error
        text = N_("What is packed in this file is damaged.")
        raise Problem("import.unreadable", [FieldError("file", text)]) from error
    if not reports:
        text = N_("This is no log of a radio app that is known here, and no tower list.")
        raise Problem("import.unreadable", [FieldError("file", text)])
    return reports


def find_log_officer(store: Store, username: str | None) -> User | None:
    """Return whose logs these are; raises user.not_found, import.not_an_officer."""
    if username is None:
        return None
    user = find_user_by_name(store.reader(), username)
    if user is None:
        raise Problem("user.not_found")
    if "officer" not in user.roles:
        raise Problem("import.not_an_officer", name=user.name)
    return user


def _import_one(
    store: Store,
    settings: Settings,
    stream: BinaryIO,
    name: str,
    format_key: str,
    origin: Origin,
    now: Instant,
    progress: Progress | None,
) -> LogReport:
    stream.seek(0)
    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    report = LogReport(name, format_key, sha256)
    known = find_source(store.reader(), sha256)
    # A row from the future is none when its time has come, and a paste may say the same twice.
    settled = known is not None and known.finished_at and not known.reasons.get("future_time")
    if known is not None and settled and origin.at is None:
        return _report_again(report, known)
    context = LogContext(
        settings.timezone,
        now,
        origin.at,
        origin.latitude_deg,
        origin.longitude_deg,
        origin.accuracy_m,
    )
    officer_key = origin.officer.key if origin.officer is not None else origin.officer_key
    short = name[-_NAME_CHARACTERS:] or "?"
    key = store.write(
        lambda c: begin_source(
            c, sha256, short, format_key, officer_key, origin.record_id, origin.actor, now
        )
    )
    _Run(store, report, key).take_all(stream, context, progress)
    report.app, report.device = context.app, context.device
    counts = {"name": short, "new": report.new, "known": report.known, **report.reasons}

    def finish(connection: sqlite3.Connection) -> None:
        kept, dropped = report.new + report.known, report.dropped_count
        finish_source(
            connection, key, context.app, context.device, kept, report.reasons, dropped, now
        )
        content = json.dumps(counts)
        append_audit(connection, now, origin.actor, "radio_log.imported", sha256, content)

    store.write(finish)
    return report


def _report_again(report: LogReport, known: SampleSource) -> LogReport:
    report.known_file = True
    report.known = known.kept_count
    report.reasons.update(known.reasons)
    report.app, report.device = known.app, known.device
    return report


class _Run:
    """One pass over a log: gathers rows and stores them batch by batch."""

    def __init__(self, store: Store, report: LogReport, source_key: int) -> None:
        self.store, self.report, self.source_key = store, report, source_key
        self.finder = AreaFinder(store.reader())
        self.samples: list[Encoded] = []
        self.cells: list[Encoded] = []

    def take_all(self, stream: BinaryIO, context: LogContext, progress: Progress | None) -> None:
        """Read every row; what could not be used is counted and the first of it kept."""
        report, key, find = self.report, self.source_key, self.finder.find
        for row in read_log(stream, report.format, context):
            if isinstance(row, Sample):
                # As it is kept, so that tying anew gives the same.
                tie = find(round(row.latitude_deg, 6), round(row.longitude_deg, 6))
                self.samples.append(encode_sample(row, key, tie))
            elif isinstance(row, Rejected):
                report.reasons[row.reason] += row.count
                if row.reason not in DROPPED and len(report.rejected) < SHOWN_ROWS:
                    report.rejected.append(row)
                continue
            else:
                self.cells.append(encode_cell(row, key))
            if len(self.samples) + len(self.cells) >= BATCH_ROWS:
                self._store()
                if progress is not None:
                    progress(_position(stream))
        self._store()

    def _store(self) -> None:
        samples, self.samples = self.samples, []
        cells, self.cells = self.cells, []
        if not samples and not cells:
            return
        new = self.store.write(lambda c: insert_samples(c, samples) + insert_cells(c, cells))
        self.report.new += new
        self.report.known += len(samples) + len(cells) - new


def _position(stream: BinaryIO) -> int:
    """Return how far a stream was read."""
    try:
        return stream.tell()
    except (OSError, ValueError, io.UnsupportedOperation):
        return 0
