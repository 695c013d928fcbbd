"""A radio log of a million rows taken in, beside the csv module reading the same file.

Each side runs in a process of its own, so that its peak memory is its own. CPU time is
compared; jorong have points, so that every row is tied to one as in the field.
"""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from pathlib import Path

from bench.exporting import apart, peak_mib
from bench.instance import make_instance
from bench.report import Line
from survey.domain.instants import system_now
from survey.services.radio_importing import Origin, import_logs
from survey.settings import load_settings
from survey.store.areas import list_areas, save_area
from survey.store.connection import Store
from tests.radio_kit import TOWERCOLLECTOR, towercollector_row

ROWS = 1_000_000
CELLS_A_FIX = 4
"""Rows that share place and time: the serving cell and its neighbours."""

FEW_ROWS = 20_000
MEMORY_GOAL_MIB = 32


def measure_importing(folder: Path) -> list[Line]:
    """Return the lines about a radio log; takes a minute or two."""
    instance = folder / "instance"
    _fill(instance)
    few = apart(_import_few, instance)
    mine = apart(_import_many, instance)
    again = apart(_import_many, instance)
    plain = apart(_read_with_csv_module, instance)
    return [
        Line(
            f"radio log of {ROWS:,} rows taken in: CPU of the csv module reading it",
            mine["cpu"] / plain["cpu"],
            "<=",
            None,
            "x",
            f"{ROWS / mine['cpu']:,.0f} rows/s, csv module {ROWS / plain['cpu']:,.0f} rows/s,"
            f" {mine['wall']:.0f} s on the clock, {mine['mib_file']:.0f} MB",
        ),
        Line(
            f"  memory over that of {FEW_ROWS:,} rows",
            mine["mib"] - few["mib"],
            "<=",
            MEMORY_GOAL_MIB,
            "MiB",
        ),
        Line("  store grown by a row", mine["row_bytes"], "<=", None, "B"),
        Line("  the same file again", again["wall"], "<=", None, "s"),
    ]


def _fill(instance: Path) -> None:
    settings = make_instance(instance)
    store = Store.open(settings.database)
    jorong = [area for area in list_areas(store.reader()).values() if area.level == "jorong"]
    for number, area in enumerate(sorted(jorong, key=lambda area: area.id)):
        placed = replace(
            area,
            latitude_deg=-1.8 + 0.01 * (number % 60),
            longitude_deg=101.0 + 0.01 * (number // 60 * 7 + number % 7),
            point_source="office",
        )
        store.write(lambda connection, placed=placed: save_area(connection, placed))  # type: ignore[misc]
    store.close()
    _write_log(instance / "few.csv", FEW_ROWS)
    _write_log(instance / "many.csv", ROWS)


def _write_log(path: Path, rows: int) -> None:
    """Write a walk on foot: a fix a second, the cells of each, one row in fifty of no use."""
    pattern = towercollector_row(
        lat="{lat}", lon="{lon}", measured_at='"{at}"', rsrp="{rsrp}", psc="{psc}", rssi=""
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(TOWERCOLLECTOR) + "\r\n")
        for number in range(rows):
            fix = number // CELLS_A_FIX
            day, second = divmod(fix, 28_800)
            hour, rest = divmod(second, 3_600)
            file.write(
                pattern.format(
                    lat=f"{-1.8 + 0.6 * (fix % 9_973) / 9_973:.6f}" if number % 50 else "0.0",
                    lon=f"{101.0 + 0.5 * (fix % 7_919) / 7_919:.6f}" if number % 50 else "0.0",
                    at=f"2026-01-{1 + day:02}T{hour:02}:{rest // 60:02}:{rest % 60:02}.000Z",
                    rsrp=-70 - number * 7 % 60,
                    psc=number % 504,
                )
                + "\r\n"
            )


def _import_few(instance: Path) -> dict[str, float]:
    return _import(instance, "few.csv")


def _import_many(instance: Path) -> dict[str, float]:
    return _import(instance, "many.csv")


def _import(instance: Path, name: str) -> dict[str, float]:
    settings = load_settings({}, instance)
    store = Store.open(settings.database)
    before = _pages(store)
    wall, cpu = time.perf_counter(), time.process_time()
    with (instance / name).open("rb") as stream:
        (report,) = import_logs(store, settings, stream, name, Origin("cli"), system_now())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    grown = (_pages(store) - before) / max(report.new, 1)
    store.close()
    return {
        "cpu": cpu,
        "wall": wall,
        "mib": peak_mib(),
        "row_bytes": grown,
        "mib_file": (instance / name).stat().st_size / 1e6,
    }


def _pages(store: Store) -> float:
    reader = store.reader()
    count = reader.execute("PRAGMA page_count").fetchone()[0]
    return float(count * reader.execute("PRAGMA page_size").fetchone()[0])


def _read_with_csv_module(instance: Path) -> dict[str, float]:
    """Let the csv module read the same rows and do nothing with them."""
    cpu = time.process_time()
    with (instance / "many.csv").open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass
    return {"cpu": time.process_time() - cpu}
