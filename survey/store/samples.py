"""Samples of radio logs, and the files that they and the tower lists came from.

Decimal fractions are kept as integers (1e-6 degrees, 0.1 m, 0.01 m/s, ms); this module turns
them back. A sample that is here already is left as it is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final, NamedTuple

from survey.domain.instants import Instant, format_instant, parse_instant
from survey.domain.samples import Sample, sample_key


class Tie(NamedTuple):
    """The jorong of a place: how it was found, and how far its point is (0 within a boundary)."""

    area_id: str | None = None
    by: str | None = None
    distance_m: int | None = None


@dataclass(frozen=True, slots=True)
class SampleSource:
    """One file that was taken in; `reasons` counts the rows that gave nothing, by reason."""

    key: int
    sha256: str
    name: str
    format: str
    app: str | None
    device: str | None
    officer_key: int | None
    received_at: Instant
    finished_at: Instant | None
    kept_count: int
    new_count: int
    rejected_count: int
    dropped_count: int
    reasons: Mapping[str, int]


_SOURCE: Final = """
SELECT key, sha256, name, format, app, device, officer_key, received_at, finished_at, kept_count,
  new_count, rejected_count, dropped_count, reasons
FROM sample_sources
"""


def _source(row: sqlite3.Row) -> SampleSource:
    return SampleSource(**{**dict(row), "reasons": json.loads(row["reasons"])})


def find_source(connection: sqlite3.Connection, sha256: str) -> SampleSource | None:
    """Return what is known of a file by the hash of its bytes, or None."""
    row = connection.execute(f"{_SOURCE} WHERE sha256 = ?", (sha256,)).fetchone()
    return _source(row) if row else None


def list_sources(connection: sqlite3.Connection, limit: int = 200) -> list[SampleSource]:
    """Return the files that were taken in, the newest first."""
    rows = connection.execute(f"{_SOURCE} ORDER BY received_at DESC, key DESC LIMIT ?", (limit,))
    return [_source(row) for row in rows]


def begin_source(
    connection: sqlite3.Connection,
    sha256: str,
    name: str,
    format_key: str,
    officer_key: int | None,
    record_id: str | None,
    actor: str,
    now: Instant,
) -> int:
    """Note a file before its rows, or again after a kill, and return its key."""
    connection.execute(
        """
        INSERT INTO sample_sources
          (sha256, name, format, officer_key, record_id, actor, received_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (sha256) DO UPDATE
        SET officer_key = coalesce(officer_key, excluded.officer_key),
          record_id = coalesce(record_id, excluded.record_id)
        """,
        (sha256, name, format_key, officer_key, record_id, actor, now),
    )
    key: int = connection.execute(
        "SELECT key FROM sample_sources WHERE sha256 = ?", (sha256,)
    ).fetchone()[0]
    return key


def finish_source(
    connection: sqlite3.Connection,
    key: int,
    app: str | None,
    device: str | None,
    kept: int,
    reasons: Mapping[str, int],
    dropped: int,
    now: Instant,
) -> None:
    """Note that all rows of a file are in, and what became of them."""
    connection.execute(
        """
        UPDATE sample_sources SET finished_at = :now, app = :app, device = :device,
          kept_count = :kept, rejected_count = :rejected, dropped_count = :dropped,
          reasons = :reasons,
          new_count = (SELECT count(*) FROM samples WHERE source_key = :key)
            + (SELECT count(*) FROM reference_cells WHERE source_key = :key)
        WHERE key = :key
        """,
        {
            "key": key,
            "now": now,
            "app": app[:100] if app else None,
            "device": device[:100] if device else None,
            "kept": kept,
            "rejected": sum(reasons.values()) - dropped,
            "dropped": dropped,
            "reasons": json.dumps(reasons, sort_keys=True),
        },
    )


_COLUMNS: Final = (
    "sample_key, source_key, line, at_ms, latitude_e6, longitude_e6, accuracy_dm, altitude_dm,"
    " speed_cm_s, technology, mcc, mnc, area_code, cell_id, pci, arfcn, serving, sim_slot,"
    " rsrp_dbm, rsrq_db, sinr_db, rssi_dbm, rscp_dbm, ecno_db, rxlev_dbm, ta, no_service,"
    " operator, area_id, area_by, area_distance_m"
)
_INSERT: Final = (
    f"INSERT INTO samples ({_COLUMNS}) VALUES ({', '.join('?' * 31)})"
    " ON CONFLICT (sample_key) DO NOTHING"
)

Encoded = tuple[Any, ...]


def encode_sample(sample: Sample, source_key: int, tie: Tie) -> Encoded:
    """Return a sample as the values of its row; outside a transaction, because it takes time."""
    s = sample
    return (
        bytes.fromhex(sample_key(s)),
        source_key,
        s.line,
        _milliseconds(s.at),
        round(s.latitude_deg * 1_000_000),
        round(s.longitude_deg * 1_000_000),
        None if s.accuracy_m is None else round(s.accuracy_m * 10),
        None if s.altitude_m is None else round(s.altitude_m * 10),
        None if s.speed_m_s is None else round(s.speed_m_s * 100),
        s.technology,
        s.mcc,
        s.mnc,
        s.area_code,
        s.cell_id,
        s.pci,
        s.arfcn,
        s.serving,
        s.sim_slot,
        s.rsrp_dbm,
        s.rsrq_db,
        s.sinr_db,
        s.rssi_dbm,
        s.rscp_dbm,
        s.ecno_db,
        s.rxlev_dbm,
        s.ta,
        s.no_service,
        s.operator,
        tie.area_id,
        tie.by,
        tie.distance_m,
    )


def insert_samples(connection: sqlite3.Connection, rows: list[Encoded]) -> int:
    """Insert encoded samples and return how many are new."""
    before = connection.total_changes
    # In the order of the key, so that the unique index is walked and not jumped about in.
    connection.executemany(_INSERT, sorted(rows, key=itemgetter(0)))
    return connection.total_changes - before


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def _milliseconds(at: Instant) -> int:
    return (parse_instant(at) - _EPOCH) // _MILLISECOND


def _sample(row: sqlite3.Row) -> Sample:
    def scaled(name: str, scale: int) -> float | None:
        value = row[name]
        return None if value is None else value / scale

    return Sample(
        at=format_instant(_EPOCH + row["at_ms"] * _MILLISECOND),
        latitude_deg=row["latitude_e6"] / 1_000_000,
        longitude_deg=row["longitude_e6"] / 1_000_000,
        accuracy_m=scaled("accuracy_dm", 10),
        altitude_m=scaled("altitude_dm", 10),
        speed_m_s=scaled("speed_cm_s", 100),
        serving=bool(row["serving"]),
        no_service=bool(row["no_service"]),
        **{name: row[name] for name in _PLAIN},
    )


_PLAIN: Final = (
    *("line", "technology", "mcc", "mnc", "area_code", "cell_id", "pci", "arfcn", "sim_slot"),
    *("rsrp_dbm", "rsrq_db", "sinr_db", "rssi_dbm", "rscp_dbm", "ecno_db", "rxlev_dbm"),
    *("ta", "operator"),
)


def iter_samples(
    connection: sqlite3.Connection, area_id: str | None = None
) -> Iterator[tuple[Sample, Tie]]:
    """Yield the samples of a jorong, or all, in the lasting order of their keys."""
    where = "" if area_id is None else "WHERE area_id = ?"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM samples {where} ORDER BY sample_key",
        () if area_id is None else (area_id,),
    )
    for row in rows:
        yield _sample(row), Tie(row["area_id"], row["area_by"], row["area_distance_m"])


def count_samples(connection: sqlite3.Connection) -> int:
    """Return how many samples there are."""
    count: int = connection.execute("SELECT count(*) FROM samples").fetchone()[0]
    return count


class LogRecord(NamedTuple):
    """The record of a phone that names a radio log."""

    record_id: str
    payload: str


def find_log_record(
    connection: sqlite3.Connection, sha256: str, officer_key: int
) -> LogRecord | None:
    """Return the newest radio_log record of an officer that names a file, or None."""
    row = connection.execute(
        """
        SELECT record_id, payload FROM revisions
        WHERE officer_key = ? AND kind = 'radio_log' AND instr(payload, ?) > 0
        ORDER BY key DESC LIMIT 1
        """,
        (officer_key, sha256),
    ).fetchone()
    return LogRecord(row["record_id"], row["payload"]) if row else None


def has_samples(connection: sqlite3.Connection) -> bool:
    """Tell whether there is any sample."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM samples)").fetchone()[0])


def list_places(
    connection: sqlite3.Connection, after_key: int, limit: int
) -> list[tuple[int, float, float, Tie]]:
    """Return key, latitude, longitude and tie of samples behind a key, in order."""
    rows = connection.execute(
        """
        SELECT key, latitude_e6, longitude_e6, area_id, area_by, area_distance_m FROM samples
        WHERE key > ? ORDER BY key LIMIT ?
        """,
        (after_key, limit),
    )
    return [
        (key, latitude / 1_000_000, longitude / 1_000_000, Tie(*tie))
        for key, latitude, longitude, *tie in rows
    ]


def set_ties(connection: sqlite3.Connection, ties: list[tuple[int, Tie]]) -> None:
    """Tie samples (by key) to other jorong."""
    connection.executemany(
        "UPDATE samples SET area_id = ?, area_by = ?, area_distance_m = ? WHERE key = ?",
        [(*tie, key) for key, tie in ties],
    )
