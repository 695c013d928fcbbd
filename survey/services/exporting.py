"""Exports: what was asked for is read from one snapshot into a file, then streamed from it.

The file is written before the first byte leaves, so a slow client holds no transaction and a
fault is an error, not half a file. It has no name in the folder: a kill leaves nothing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Final

from survey.domain.exports import ExportFilters
from survey.domain.instants import Instant, local_day
from survey.domain.labels import N_
from survey.domain.operators import OPERATORS
from survey.domain.problems import Problem
from survey.formats import csv_export, geojson, gpx
from survey.formats.catalogue import Catalogue, load_catalogue
from survey.formats.visit_words import Words
from survey.services.export_reading import Progress, Reading, start_reading
from survey.settings import Settings
from survey.store.areas import find_root_area
from survey.store.connection import Store, snapshot
from survey.store.exports import list_office_brands

CONTENT_TYPES: Final = {
    "gpx": "application/gpx+xml",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}
FORMATS: Final = tuple(CONTENT_TYPES)

MEMORY_BYTES: Final = 2_000_000
"""A smaller export never touches the disk."""
CHUNK_BYTES: Final = 64_000


class Chunks:
    """The bytes of a finished export, once; `close` lets go of its file."""

    def __init__(self, head: bytes, file: IO[bytes]) -> None:
        self._head = head
        self._file = file

    def __iter__(self) -> Chunks:
        return self

    def __next__(self) -> bytes:
        chunk, self._head = self._head, b""
        if not chunk and not self._file.closed:
            chunk = self._file.read(CHUNK_BYTES)
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


@dataclass(frozen=True, slots=True)
class _Task:
    """One export on its way."""

    settings: Settings
    reading: Reading
    tracks: bool
    excel: bool
    root: str


def open_export(
    store: Store,
    settings: Settings,
    format_name: str,
    filters: ExportFilters,
    *,
    personal: bool = False,
    tracks: bool = True,
    excel: bool = False,
    progress: Progress | None = None,
) -> Export:
    """Write an export of one snapshot of the store and return it ready to stream.

    Raises export.unknown_format, area.not_found, user.not_found, campaign.not_found or
    field.invalid. `excel` changes the spelling of CSV only. A track tells where a person
    walked: `tracks` is for those who may see personal data, asked for or not.
    """
    if format_name not in CONTENT_TYPES:
        raise Problem("export.unknown_format")
    folder = settings.instance / "cache"
    folder.mkdir(exist_ok=True)
    with snapshot(store.reader()) as connection:
        root = find_root_area(connection)
        task = _Task(
            settings,
            start_reading(
                connection, filters, demo=settings.demo, personal=personal, progress=progress
            ),
            tracks,
            excel,
            root["name"] if root else "",
        )
        file = tempfile.SpooledTemporaryFile(MEMORY_BYTES, "w+b", dir=str(folder))  # noqa: SIM115
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
        visits=task.reading.extent.visits,
        as_of=task.reading.extent.as_of,
        chunks=Chunks(head, file),
    )


def _write(file: IO[bytes], pieces: Iterable[str]) -> None:
    for piece in pieces:
        file.write(piece.encode())


def _write_csv(task: _Task, file: IO[bytes]) -> bytes:
    """Write the table; it has no head that must be known first."""
    rows = csv_export.csv_rows(
        task.reading.visits(),
        task.settings.timezone,
        dialect=csv_export.EXCEL_INDONESIA if task.excel else csv_export.PLAIN,
        personal=task.reading.personal,
    )
    _write(file, rows)
    return b""


def _write_geojson(task: _Task, file: IO[bytes]) -> bytes:
    """Write the features and return the head, which holds what was learned on the way."""
    reading = task.reading
    _write(file, geojson.geojson_features(reading.visits(), personal=reading.personal))
    _write(file, [geojson.TAIL])
    head = geojson.geojson_head(
        _title(task), reading.extent, demo=reading.demo, class_rules=reading.rules.as_data()
    )
    return head.encode()


def _write_gpx(task: _Task, file: IO[bytes]) -> bytes:
    """Write waypoints and tracks and return the head, which holds bounds and as-of."""
    reading = task.reading
    brands = {operator.key: operator.brand for operator in OPERATORS}
    brands |= list_office_brands(reading.connection)
    _write(file, gpx.gpx_waypoints(reading.visits(), Words(_indonesian(), brands)))
    for name, segments in reading.tracks() if task.tracks else ():
        _write(file, gpx.gpx_track(name, segments))
    _write(file, [gpx.TAIL])
    return gpx.gpx_head(_title(task), _describe(task), "Jejak Sinyal", reading.extent).encode()


def _title(task: _Task) -> str:
    title = f"Jejak Sinyal {task.root}".strip()
    return f"[DEMO] {title}" if task.settings.demo else title


def _describe(task: _Task) -> str:
    """Return what a reader must know of the whole file, in Indonesian."""
    say = _indonesian().translate
    extent = task.reading.extent
    texts = [
        say(
            N_("Survey of mobile signal: {n} visits, {tracks} tracks."),
            n=extent.visits,
            tracks=extent.tracks,
        ),
        say(N_("Classes: A no service, B voice and SMS only, C weak internet, D usable internet.")),
    ]
    if extent.without_position:
        text = N_("{n} visits without a position are not in this file.")
        texts.append(say(text, n=extent.without_position))
    if task.settings.demo:
        texts.insert(0, say(N_("Demo data: nothing here was measured.")))
    return " ".join(texts)


@cache
def _indonesian() -> Catalogue:
    """Return the texts of exports, which people outside the office read in Indonesian."""
    return load_catalogue("id", Path(__file__).parent.parent / "translations" / "id.po")


def _file_name(task: _Task, format_name: str) -> str:
    """Return a name that sorts: regency, day of the newest change, what it holds."""
    as_of = task.reading.extent.as_of
    day = local_day(as_of, task.settings.timezone).isoformat() if as_of else "empty"
    slug = re.sub(r"[^a-z0-9]+", "-", task.root.lower()).strip("-")
    words = ["demo" if task.settings.demo else "", "jejak-sinyal", slug, day, "visits"]
    words.append("excel" if task.excel and format_name == "csv" else "")
    words.append("personal" if task.reading.personal else "")
    return "-".join(word for word in words if word) + f".{format_name}"


_WRITERS: Final[dict[str, Callable[[_Task, IO[bytes]], bytes]]] = {
    "gpx": _write_gpx,
    "csv": _write_csv,
    "geojson": _write_geojson,
}
