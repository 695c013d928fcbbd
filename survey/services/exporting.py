"""Exports: what was asked for is read from one snapshot into a file, then streamed from it.

The file is written before the first byte leaves, so a slow client holds no transaction and a
fault is an error, not half a file. It has no name in the folder: a kill leaves nothing.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import IO, Final
from zoneinfo import ZoneInfo

from survey.domain.classes import class_of_operator, read_cuts
from survey.domain.exports import (
    AreaPath,
    ExportedVisit,
    ExportFilters,
    Extent,
    Segment,
    pseudonym,
)
from survey.domain.instants import Instant, local_day
from survey.domain.labels import N_
from survey.domain.operators import OPERATORS
from survey.domain.problems import FieldError, Problem
from survey.domain.review import STATES
from survey.formats import csv_export, geojson, gpx
from survey.formats.catalogue import Catalogue, load_catalogue
from survey.settings import Settings
from survey.store import exports
from survey.store.connection import Store

Progress = Callable[[int, int], None]
"""Called with visits written and visits in all, now and then."""

CONTENT_TYPES: Final = {
    "gpx": "application/gpx+xml",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}
FORMATS: Final = tuple(CONTENT_TYPES)

MEMORY_BYTES: Final = 2_000_000
"""A smaller export never touches the disk."""
CHUNK_BYTES: Final = 64_000
PROGRESS_EVERY: Final = 500


class Chunks:
    """The bytes of a finished export, once; `close` lets go of its file."""

    def __init__(self, head: bytes, file: IO[bytes]) -> None:
        self._head = head
        self._file = file

    def __iter__(self) -> Chunks:
        return self

    def __next__(self) -> bytes:
        chunk, self._head = self._head, b""
        chunk = chunk or self._file.read(CHUNK_BYTES)
        if not chunk:
            self.close()
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Remove the file; a second call does nothing."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export: whoever takes it iterates `chunks` or closes them."""

    file_name: str
    content_type: str
    size: int
    visits: int
    as_of: Instant | None
    chunks: Chunks


@dataclass(slots=True)
class _Task:
    """One export on its way: where it reads, what it keeps track of."""

    connection: sqlite3.Connection
    selection: exports.Selection
    filters: ExportFilters
    paths: dict[str, AreaPath]
    zone: ZoneInfo
    demo: bool
    personal: bool
    excel: bool
    progress: Progress | None
    extent: Extent = field(default_factory=Extent)
    officer_days: set[tuple[str, str]] = field(default_factory=set)


def open_export(
    store: Store,
    settings: Settings,
    format_name: str,
    filters: ExportFilters,
    *,
    personal: bool = False,
    excel: bool = False,
    progress: Progress | None = None,
) -> Export:
    """Write an export of one snapshot of the store and return it ready to stream.

    Raises export.unknown_format, area.not_found, user.not_found, campaign.not_found or
    field.invalid. `excel` changes the spelling of CSV only.
    """
    if format_name not in CONTENT_TYPES:
        raise Problem("export.unknown_format")
    connection = store.reader()
    with _snapshot(connection):
        paths = exports.list_area_paths(connection)
        task = _Task(
            connection=connection,
            selection=_select(connection, filters, paths),
            filters=filters,
            paths=paths,
            zone=settings.timezone,
            demo=settings.demo,
            personal=personal,
            excel=excel,
            progress=progress,
        )
        folder = settings.instance / "cache"
        folder.mkdir(exist_ok=True)
        file: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES, dir=folder)  # noqa: SIM115
        try:
            head = _WRITERS[format_name](task, file)
        except BaseException:
            file.close()
            raise
    size = len(head) + file.tell()
    file.seek(0)
    return Export(
        file_name=_file_name(task, format_name),
        content_type=CONTENT_TYPES[format_name],
        size=size,
        visits=task.extent.visits,
        as_of=task.extent.as_of,
        chunks=Chunks(head, file),
    )


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all reads see one state of the store."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _select(
    connection: sqlite3.Connection, filters: ExportFilters, paths: dict[str, AreaPath]
) -> exports.Selection:
    if not filters.states or not set(filters.states) <= set(STATES):
        raise Problem("field.invalid", [FieldError("state", N_("This state is not known."))])
    first, last = filters.first_day, filters.last_day
    if first and last and first > last:
        message = N_("The first day lies after the last.")
        raise Problem("field.invalid", [FieldError("from", message)])
    area_ids = None
    if filters.area is not None:
        if filters.area not in paths:
            raise Problem("area.not_found")
        target = paths[filters.area].ids[-1]
        area_ids = [area for area, path in paths.items() if target in path.ids]
    officer_key = None
    if filters.officer is not None:
        officer_key = exports.find_officer_key(connection, filters.officer)
        if officer_key is None:
            raise Problem("user.not_found")
    campaign_id = None
    if filters.campaign is not None:
        campaign = exports.find_campaign(connection, filters.campaign)
        if campaign is None:
            raise Problem("campaign.not_found")
        campaign_id, practice = campaign
        if practice:
            message = N_("Practice visits are never exported.")
            raise Problem("field.invalid", [FieldError("campaign", message)])
    return exports.select_rows(
        filters, campaign_id=campaign_id, officer_key=officer_key, area_ids=area_ids
    )


def _visits(task: _Task) -> Iterator[ExportedVisit]:
    """Yield the visits with their classes, without personal fields nobody asked for."""
    cuts = read_cuts(exports.find_rules(task.connection))
    total = exports.count_visits(task.connection, task.selection) if task.progress else 0
    for visit in exports.iter_visits(task.connection, task.selection, task.paths):
        operators = {test.operator for test in visit.service_tests}
        operators |= {reading.operator for reading in visit.readings}
        for operator in operators - {None}:
            letter = class_of_operator(operator, visit.service_tests, visit.readings, cuts)
            if letter:
                visit.operator_classes[operator] = letter
        visit.demo = visit.demo or task.demo
        task.extent.add_visit(visit)
        task.officer_days.add((visit.officer_id, visit.day))
        if not task.personal:
            _hide_personal(visit)
        if task.progress and task.extent.visits % PROGRESS_EVERY == 0:
            task.progress(task.extent.visits, total)
        yield visit


def _hide_personal(visit: ExportedVisit) -> None:
    visit.officer_username = visit.officer_name = visit.reviewer_name = None
    visit.claimed_said_by = visit.phone_model = visit.app_version = None
    visit.companions = []


def _write(file: IO[bytes], pieces: Iterable[str]) -> None:
    for piece in pieces:
        file.write(piece.encode())


def _write_csv(task: _Task, file: IO[bytes]) -> bytes:
    dialect = csv_export.EXCEL_INDONESIA if task.excel else csv_export.PLAIN
    _write(
        file,
        csv_export.csv_rows(_visits(task), task.zone, dialect=dialect, personal=task.personal),
    )
    return b""


def _write_geojson(task: _Task, file: IO[bytes]) -> bytes:
    _write(file, geojson.geojson_features(_visits(task), personal=task.personal))
    _write(file, [geojson.TAIL])
    return geojson.geojson_head(_title(task), task.extent, demo=task.demo).encode()


def _write_gpx(task: _Task, file: IO[bytes]) -> bytes:
    brands = {operator.key: operator.brand for operator in OPERATORS}
    brands |= exports.list_office_brands(task.connection)
    words = gpx.Words(_indonesian(), brands)
    _write(file, gpx.gpx_waypoints(_visits(task), words))
    _write(file, _tracks(task))
    _write(file, [gpx.TAIL])
    author = "Jejak Sinyal" + (f", {_root(task)}" if _root(task) else "")
    return gpx.gpx_head(_title(task), _describe(task), author, task.extent).encode()


def _tracks(task: _Task) -> Iterator[str]:
    """Yield one track an officer and day; with a place or state asked for, only the walks
    to the visits that were chosen."""
    rows = exports.iter_tracks(task.connection, task.selection)
    for (day, officer_id), group in groupby(rows, lambda row: (row.day, row.officer_id)):
        if task.filters.by_place_or_state and (officer_id, day) not in task.officer_days:
            continue
        tracks = list(group)
        officer = tracks[0].officer_name if task.personal else pseudonym(officer_id)
        yield from gpx.gpx_track(f"{day} {officer}", _segments(task, tracks))


def _segments(task: _Task, tracks: list[exports.TrackRow]) -> Iterator[Segment]:
    for number, track in enumerate(tracks):
        task.extent.tracks += number == 0
        task.extent.add_change(track.changed_at)
        for segment in split_at_gaps(
            unpack_columns(part) for part in exports.iter_parts(task.connection, track.id)
        ):
            task.extent.add_segment(segment)
            yield segment


def _root(task: _Task) -> str:
    roots = {path.kabupaten.name for path in task.paths.values() if path.kabupaten}
    return min(roots, default="")


def _title(task: _Task) -> str:
    title = f"Jejak Sinyal {_root(task)}".strip()
    return f"[DEMO] {title}" if task.demo else title


def _describe(task: _Task) -> str:
    """Return what a reader must know of the whole file, in Indonesian."""
    say = _indonesian().translate
    extent = task.extent
    lines = [
        say(N_("Survey of mobile signal, {n} visits."), n=extent.visits),
        say(N_("Class A: no service; B: voice and SMS only; C: weak internet; D: usable.")),
    ]
    if extent.without_position:
        text = N_("{n} visits without a position are not in this file.")
        lines.append(say(text, n=extent.without_position))
    if task.demo:
        lines.insert(0, say(N_("Demo data: made up, not measured.")))
    return " ".join(lines)


@cache
def _indonesian() -> Catalogue:
    """Return the texts of exports, which people outside the office read in Indonesian."""
    path = Path(__file__).parent.parent / "translations" / "id.po"
    return load_catalogue("id", path)


def _file_name(task: _Task, format_name: str) -> str:
    """Return a name that sorts: instance, regency, day of the newest change."""
    slug = re.sub(r"[^a-z0-9]+", "-", _root(task).lower()).strip("-")
    as_of = task.extent.as_of
    day = local_day(as_of, task.zone).isoformat() if as_of else "empty"
    words = ["demo"] if task.demo else []
    words += ["jejak-sinyal", slug, day, "visits"]
    words += ["excel"] if task.excel and format_name == "csv" else []
    words += ["personal"] if task.personal else []
    return "-".join(word for word in words if word) + f".{format_name}"


_WRITERS: Final[dict[str, Callable[[_Task, IO[bytes]], bytes]]] = {
    "gpx": _write_gpx,
    "csv": _write_csv,
    "geojson": _write_geojson,
}
