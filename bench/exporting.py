"""Exports beside gpxpy and the csv module: seconds of CPU, first byte, memory.

Each side runs in a process of its own, so that its peak memory is its own. CPU time is
compared, because both sides compute and other work on the machine must not count.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import resource
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import gpxpy.gpx

from bench.instance import OFFICER, enrol_phones, make_instance
from bench.report import Line
from survey.domain.exports import ExportFilters
from survey.domain.identifiers import new_id
from survey.domain.instants import add_to_instant, system_now
from survey.formats.gpx import SURVEY_NAMESPACE
from survey.formats.tracks import read_segments
from survey.formats.wire import read_batch
from survey.services.enrolling import authenticate_device
from survey.services.exporting import open_export
from survey.services.intake import store_batch
from survey.settings import load_settings
from survey.store.connection import Store
from tests.factories import Enrolled, make_envelope, make_visit_payload

VISITS = 10_000
VISITS_A_DAY = 100
TRACKS = 10
PARTS = 10
POINTS = 3_000

# The least a program can do for the same rows and columns: no guard, no spelling, no classes.
PLAIN_ROWS = """
WITH measured AS (
  SELECT visit_key, 'test', number, operator, technology, result, proof, handset, sim_slot,
    waited_s, airplane_toggled, networks_heard, NULL AS a, NULL AS b, NULL AS c, NULL AS d,
    NULL AS e, NULL AS f, NULL AS g, NULL AS h, NULL AS i, at
  FROM service_tests
  UNION ALL
  SELECT visit_key, 'reading', number, operator, technology, NULL, NULL, handset, sim_slot,
    NULL, NULL, NULL, rsrp_dbm, rsrq_db, sinr_db, rssi_dbm, rscp_dbm, ecno_db, bars, source,
    raw_text, at
  FROM readings)
SELECT v.id, v.day, v.occurred_at, j.id, j.name, k.id, k.name, v.claimed_name, v.latitude_deg,
  v.longitude_deg, v.accuracy_m, v.altitude_m, v.place_kind, v.setting, v.power,
  v.usually_signal, m.*, v.services_failing, v.note, v.incomplete_reason, v.position_method,
  v.position_reason, v.fixes, v.position_time, v.state, w.decision, w.reason, w.at, u.id,
  v.campaign_id, c.name, v.started_at, v.saved_at, v.first_received_at, v.changed_at,
  v.clock_offset_ms, v.app_version, v.revision, r.sha256
FROM visits v
JOIN measured m ON m.visit_key = v.key
JOIN users u ON u.key = v.officer_key
JOIN revisions r ON r.key = v.head_key
LEFT JOIN areas j ON j.id = v.area_id
LEFT JOIN areas k ON k.id = j.parent_id
LEFT JOIN campaigns c ON c.id = v.campaign_id
LEFT JOIN reviews w ON w.id = v.latest_review
ORDER BY v.day, v.officer_key, v.occurred_at, v.id
"""

GPXPY_GOAL = 10
CSV_GOAL = 1.5
MEMORY_GOAL_MIB = 32
FIRST_BYTE_MS = 50


def measure_exporting(folder: Path) -> list[Line]:
    """Return the lines about GPX and CSV; takes about a minute."""
    instance = folder / "instance"
    _fill(instance)
    idle = apart(_idle, instance)["mib"]
    gpx = apart(_export_gpx, instance)
    other = apart(_write_with_gpxpy, instance)
    table = apart(_export_csv, instance)
    plain = apart(_write_with_csv_module, instance)
    points, visits = TRACKS * PARTS * POINTS, VISITS
    return [
        Line(
            f"GPX of {points:,} points: times less CPU than gpxpy",
            other["cpu"] / gpx["cpu"],
            ">=",
            GPXPY_GOAL,
            "x",
            f"{gpx['cpu']:.2f} s, gpxpy {other['cpu']:.2f} s, {gpx['bytes'] / 1e6:.0f} MB",
        ),
        Line("  first byte", gpx["first_byte"] * 1000, "<=", FIRST_BYTE_MS, "ms"),
        _memory("  memory over the idle process", gpx["mib"] - idle),
        Line("  memory of gpxpy over the idle process", other["mib"] - idle, "<=", None, "MiB"),
        Line(
            f"CSV of {visits:,} visits: CPU of the csv module writing the same rows",
            table["cpu"] / plain["cpu"],
            "<=",
            CSV_GOAL,
            "x",
            f"{table['cpu']:.2f} s, csv module {plain['cpu']:.2f} s, {table['bytes'] / 1e6:.0f} MB",
        ),
        _memory("  memory over the idle process", table["mib"] - idle),
    ]


def _memory(what: str, mib: float) -> Line:
    return Line(what, mib, "<=", MEMORY_GOAL_MIB, "MiB")


def apart(measure: Callable[[Path], dict[str, float]], instance: Path) -> dict[str, float]:
    """Run a measurement in a fresh process and return its figures."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (instance,))


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _fill(instance: Path) -> None:
    """Store visits of one officer and long tracks of another by the service of the wire."""
    settings = make_instance(instance)
    phone, walker = enrol_phones(settings, 2)
    store = Store.open(settings.database)
    now = system_now()

    def send(sender: Enrolled, envelopes: list[dict[str, Any]]) -> None:
        device = authenticate_device(store, sender.token, now)
        batch = read_batch(json.dumps({"records": envelopes}).encode())
        results = store_batch(store, settings.timezone, device, batch.records, None, now)
        if {result["result"] for result in results} != {"stored"}:
            raise RuntimeError(f"not stored: {results[:2]}")

    first = add_to_instant(now, days=-VISITS // VISITS_A_DAY - 1)
    for start in range(0, VISITS, 50):
        send(phone, [_visit(phone, first, number) for number in range(start, start + 50)])
    for number in range(TRACKS):
        header, parts = _track(walker, add_to_instant(first, days=number))
        send(walker, [header])
        for part in parts:
            send(walker, [part])
    store.close()


def _visit(phone: Enrolled, first: str, number: int) -> dict[str, Any]:
    days, place = divmod(number, VISITS_A_DAY)
    saved_at = add_to_instant(first, days=days, seconds=place * 200)
    payload = make_visit_payload(
        saved_at=saved_at, clock={}, note="Sinyal datang dan pergi, warga naik ke bukit."
    )
    reading = payload["readings"][0]
    payload["readings"] = [reading, {**reading, "operator": "telkomsel"}, {**reading, "bars": 2}]
    return make_envelope(payload, token=phone.token)


def _track(phone: Enrolled, started_at: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    header = {
        "id": new_id(),
        "practice": False,
        "started_at": started_at,
        "ended_at": add_to_instant(started_at, seconds=PARTS * POINTS),
        "saved_at": add_to_instant(started_at, seconds=PARTS * POINTS),
        "parts": PARTS,
        "points": PARTS * POINTS,
    }
    begin = round(datetime.fromisoformat(started_at).timestamp() * 1000)
    parts = []
    for number in range(1, PARTS + 1):
        first = begin + (number - 1) * POINTS * 1_000
        columns = {
            "time_ms": [first, *[1_000] * (POINTS - 1)],
            "latitude_e6": [-1_541_000, *[7, -5, 9] * (POINTS // 3)][:POINTS],
            "longitude_e6": [101_243_000, *[5, 8, -6] * (POINTS // 3)][:POINTS],
            "altitude_dm": [4_310, *[1, -1, 0] * (POINTS // 3)][:POINTS],
            "accuracy_dm": [62, *[1, -2, 1] * (POINTS // 3)][:POINTS],
        }
        part = {"id": new_id(), "track_id": header["id"], "number": number, "columns": columns}
        parts.append(make_envelope(part, kind="track_part", token=phone.token))
    return make_envelope(header, kind="track", token=phone.token), parts


def _idle(instance: Path) -> dict[str, float]:
    store = Store.open(load_settings({}, instance).database)
    store.reader().execute("SELECT count(*) FROM visits").fetchone()
    store.close()
    return {"mib": peak_mib()}


def _export(instance: Path, name: str, filters: ExportFilters) -> dict[str, float]:
    settings = load_settings({}, instance)
    store = Store.open(settings.database)
    # A served process has read its texts long ago; the data are as cold as ever.
    open_export(store, settings, name, ExportFilters(states=("withdrawn",))).chunks.close()
    started, cpu = time.perf_counter(), time.process_time()
    export = open_export(store, settings, name, filters)
    first_byte, size = 0.0, 0
    for chunk in export.chunks:
        first_byte = first_byte or time.perf_counter() - started
        size += len(chunk)
    cpu = time.process_time() - cpu
    store.close()
    return {"cpu": cpu, "first_byte": first_byte, "bytes": size, "mib": peak_mib()}


def _export_gpx(instance: Path) -> dict[str, float]:
    return _export(instance, "gpx", ExportFilters(officer=f"{OFFICER}1"))


def _export_csv(instance: Path) -> dict[str, float]:
    return _export(instance, "csv", ExportFilters(officer=f"{OFFICER}0"))


def _write_with_gpxpy(instance: Path) -> dict[str, float]:
    """Read the same parts and let gpxpy write the same points, accuracy and all."""
    connection = sqlite3.connect(instance / "survey.db")
    accuracy_tag = f"{{{SURVEY_NAMESPACE}}}accuracy_m"
    gpx = gpxpy.gpx.GPX()
    gpx.nsmap["sig"] = SURVEY_NAMESPACE
    cpu = time.process_time()
    for (track_id,) in connection.execute("SELECT id FROM tracks ORDER BY day"):
        parts = connection.execute(
            "SELECT columns FROM track_parts WHERE track_id = ? ORDER BY number", (track_id,)
        )
        track = gpxpy.gpx.GPXTrack()
        for columns in read_segments(part for (part,) in parts):
            segment = gpxpy.gpx.GPXTrackSegment()
            for time_ms, latitude, longitude, altitude, accuracy in zip(*columns, strict=True):
                moment = datetime.fromtimestamp(time_ms / 1000, UTC)
                point = gpxpy.gpx.GPXTrackPoint(
                    latitude / 1e6, longitude / 1e6, (altitude or 0) / 10, moment
                )
                element = ElementTree.Element(accuracy_tag)
                element.text = f"{(accuracy or 0) / 10}"
                point.extensions.append(element)
                segment.points.append(point)
            track.segments.append(segment)
        gpx.tracks.append(track)
    (instance / "gpxpy.gpx").write_text(gpx.to_xml(), "utf-8")
    cpu = time.process_time() - cpu
    connection.close()
    return {"cpu": cpu, "mib": peak_mib()}


def _write_with_csv_module(instance: Path) -> dict[str, float]:
    """Join visits with tests and readings by one SELECT and let the csv module write the rows."""
    connection = sqlite3.connect(instance / "survey.db")
    cpu = time.process_time()
    with (instance / "plain.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(connection.execute(PLAIN_ROWS))
    cpu = time.process_time() - cpu
    connection.close()
    return {"cpu": cpu}
