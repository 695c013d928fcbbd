"""Loads the tables that ship with the project: areas, the unofficial jorong, baselines.

Adds what is missing and never touches what stands, so the office's own changes stay.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from survey.domain.areas import Area
from survey.domain.instants import Instant
from survey.store.area_baselines import insert_baseline
from survey.store.areas import add_parent, find_root_area, list_areas, save_area, set_aliases
from survey.store.audit import append_audit
from survey.store.changes import record_change
from survey.store.connection import Store

DATA = Path(__file__).resolve().parent.parent / "data"


def load_reference_areas(store: Store, now: Instant, folder: Path = DATA) -> int:
    """Load the reference tables of a folder and return how many areas are new; again: 0.

    An instance whose kabupaten is another one is left alone.
    """

    def write(connection: sqlite3.Connection) -> int:
        areas = [*_read_areas(folder), *_read_jorong(folder)]
        root = find_root_area(connection)
        if root is not None and root["id"] not in {area.id for area in areas}:
            return 0
        known = list_areas(connection)
        new = [area for area in areas if area.id not in known]
        for area in new:
            save_area(connection, area)
            set_aliases(connection, area.id, area.aliases, area.source)
            if area.parent_id is not None:
                add_parent(connection, area.id, area.parent_id, now)
            record_change(connection, "area", area.id)
        for row in _read(folder / "baselines.csv"):
            insert_baseline(
                connection,
                area_id=row["area_id"],
                as_of=row["as_of"],
                metric=row["metric"],
                value=float(row["value"]),
                unit=row["unit"],
                source=row["source"],
                note=row["note"] or None,
            )
        if new:
            ids = "\n".join(area.id for area in new)
            append_audit(connection, now, "system", "area.reference_loaded", "areas", ids)
        return len(new)

    return store.write(write)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read_areas(folder: Path) -> Iterator[Area]:
    for row in _read(folder / "areas.csv"):
        yield Area(
            id=row["id"],
            level=row["level"],
            name=row["name"],
            parent_id=row["parent_id"] or None,
            kemendagri_code=row["kemendagri_code"] or None,
            bps_code=row["bps_code"] or None,
            postcode=row["postcode"] or None,
            latitude_deg=float(row["latitude_deg"]),
            longitude_deg=float(row["longitude_deg"]),
            point_source="reference",
            standing="official",
            source=row["source"],
        )


def _read_jorong(folder: Path) -> Iterator[Area]:
    for row in _read(folder / "jorong_unofficial.csv"):
        yield Area(
            id=row["id"],
            level="jorong",
            name=row["name"],
            parent_id=row["parent_id"],
            standing="unofficial",
            note=row["note"] or None,
            source=" ".join(filter(None, (row["source"], row["source_date"]))),
            aliases=tuple(filter(None, row["aliases"].split("|"))),
        )
