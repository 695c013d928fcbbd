"""A thousand jorong with a hundred thousand readings classified, in a process of its own."""

from __future__ import annotations

import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path

from bench.exporting import apart, peak_mib
from bench.instance import make_instance
from bench.report import Line
from survey.services.classifying import start_classifying
from survey.settings import load_settings
from survey.store.connection import Store, snapshot

JORONG = 1_000
FEW_JORONG = 50
VISITS_A_JORONG = 20
READINGS_A_VISIT = 5
OPERATORS = ("telkomsel", "xl", "tri")
RESULTS = ("none", "data", "voice_sms", "data")
PLACES = ("centre", "last_house", "school", "road")
SECONDS_GOAL = 5
MEMORY_GOAL_MIB = 32


def measure_classifying(folder: Path) -> list[Line]:
    """Return the lines about classes; takes some seconds."""
    for name, jorong in (("few", FEW_JORONG), ("many", JORONG)):
        settings = make_instance(folder / name)
        _fill(settings.database, jorong)
    few = apart(_classify, folder / "few")
    many = apart(_classify, folder / "many")
    readings = JORONG * VISITS_A_JORONG * READINGS_A_VISIT
    return [
        Line(
            f"{JORONG:,} jorong with {readings:,} readings classified: CPU",
            many["cpu"],
            "<=",
            SECONDS_GOAL,
            "s",
            f"{many['jorong']:.0f} jorong, {many['visits']:.0f} visits,"
            f" {many['wall']:.1f} s on the clock",
        ),
        Line(
            f"  memory over that of {FEW_JORONG} jorong",
            many["mib"] - few["mib"],
            "<=",
            MEMORY_GOAL_MIB,
            "MiB",
        ),
    ]


def _fill(database: Path, jorong: int) -> None:
    """Write approved visits straight into the tables: how they came is not measured here."""
    with closing(sqlite3.connect(database)) as connection:
        parent = connection.execute("SELECT id FROM areas WHERE level = 'kecamatan'").fetchone()[0]
        at = "2026-05-04T00:00:00.000Z"
        for number in range(jorong):
            area = f"{parent}/bench{number}"
            connection.execute(
                "INSERT INTO areas (id, level, name, folded_name, parent_id, standing)"
                " VALUES (?, 'jorong', ?, ?, ?, 'official')",
                (area, f"J{number}", f"j{number}", parent),
            )
            for visit in range(VISITS_A_JORONG):
                key = 1 + number * VISITS_A_JORONG + visit
                connection.execute(
                    "INSERT INTO visits (key, id, officer_key, head_key, revision, state,"
                    " changed_seq, changed_at, first_received_at, received_at, practice, area_id,"
                    " place_kind, setting, power, occurred_at, day)"
                    " VALUES (?, ?, 1, 1, 1, 'approved', ?, ?, ?, ?, 0, ?, ?, 'outdoor', 'on',"
                    " ?, ?)",
                    (key, str(uuid.UUID(int=key)), key, at, at, at, area, PLACES[visit % 4], at,
                     f"2026-05-0{1 + visit % 3}"),
                )  # fmt: skip
                connection.executemany(
                    "INSERT INTO service_tests (visit_key, number, operator, handset, sim_slot,"
                    " result, proof) VALUES (?, ?, ?, 'own', 1, ?, 'quick')",
                    [
                        (key, place, operator, RESULTS[(key + place) % 4])
                        for place, operator in enumerate(OPERATORS)
                    ],
                )
                connection.executemany(
                    "INSERT INTO readings (visit_key, number, operator, technology, handset,"
                    " sim_slot, rsrp_dbm) VALUES (?, ?, ?, 'lte', 'own', 1, ?)",
                    [
                        (key, place, OPERATORS[place % 3], -80 - (key * 7 + place) % 50)
                        for place in range(READINGS_A_VISIT)
                    ],
                )
        connection.commit()


def _classify(instance: Path) -> dict[str, float]:
    store = Store.open(load_settings({}, instance).database)
    wall, cpu = time.perf_counter(), time.process_time()
    with snapshot(store.reader()) as connection:
        found = start_classifying(connection)
        for _ in found.rows():
            pass
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    store.close()
    return {
        "cpu": cpu,
        "wall": wall,
        "mib": peak_mib(),
        "jorong": found.jorong,
        "visits": found.visits,
    }
