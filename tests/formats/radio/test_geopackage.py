"""Network Survey's GeoPackage: its tables read, and nothing of a stranger's run."""

from __future__ import annotations

import sqlite3
import struct
import time
from pathlib import Path
from typing import Any

import pytest

from survey.domain.samples import Sample
from survey.formats.radio.geopackage import read_point
from survey.formats.radio.items import Rejected
from survey.formats.radio.recognising import recognise
from tests.radio_kit import AT, LATITUDE, LONGITUDE, context, read_all, reasons, samples

LTE_COLUMNS = (
    'id INTEGER PRIMARY KEY, geom BLOB, "Time" TEXT, RecordNumber INTEGER, MissionId TEXT,'
    ' GroupNumber INTEGER, "Serving Cell" INTEGER, Provider TEXT, MCC INTEGER, MNC INTEGER,'
    " TAC INTEGER, ECI INTEGER, DL_EARFCN INTEGER, Phys_Cell_ID INTEGER, RSRP REAL, RSRQ REAL,"
    " TA INTEGER, DL_Bandwidth TEXT, signalStrength REAL, cqi INTEGER, snr REAL, speed REAL,"
    " accuracy INTEGER, deviceSerialNumber TEXT"
)


def point(longitude: float = LONGITUDE, latitude: float = LATITUDE, order: str = "<") -> bytes:
    mark = 1 if order == "<" else 0
    head = b"GP\x00" + bytes([mark]) + struct.pack(f"{order}i", 4326)
    return head + bytes([mark]) + struct.pack(f"{order}I2d", 1, longitude, latitude)


ROW: dict[str, Any] = {
    "id": 5,
    "geom": point(),
    "Time": "2026-05-04T02:14:41.000Z",
    "Serving Cell": 1,
    "Provider": "IM3",
    "MCC": 510,
    "MNC": 1,
    "TAC": 20000,
    "ECI": 8553995,
    "DL_EARFCN": 1850,
    "Phys_Cell_ID": 301,
    "RSRP": -108.0,
    "RSRQ": -12.0,
    "signalStrength": -79.0,
    "snr": 3.0,
    "accuracy": 6,
    "deviceSerialNumber": "abc123",
}


def package(path: Path, *rows: dict[str, Any], script: str = "") -> bytes:
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE LTE_MESSAGE ({LTE_COLUMNS})")
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO LTE_MESSAGE ({names}) VALUES ({marks})", [*row.values()])
    connection.executescript(script)
    connection.commit()
    connection.close()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.gpkg"


def test_a_row_gives_what_the_csv_gives(path: Path) -> None:
    around = context()
    (sample,) = samples(package(path, ROW), around)
    assert (sample.at, sample.line) == (AT, 5)
    assert (sample.latitude_deg, sample.longitude_deg) == (LATITUDE, LONGITUDE)
    assert (sample.mnc, sample.cell_id, sample.area_code, sample.operator) == (
        "01",
        8553995,
        20000,
        "indosat",
    )
    assert (sample.rsrp_dbm, sample.rsrq_db, sample.sinr_db, sample.rssi_dbm) == (-108, -12, 3, -79)
    assert (sample.arfcn, sample.pci, sample.accuracy_m) == (1850, 301, 6)
    assert around.device == "abc123"


def test_nr_umts_and_gsm_tables_are_read_by_their_names(path: Path) -> None:
    common = "id INTEGER PRIMARY KEY, geom BLOB, deviceTime INTEGER, mcc, mnc, servingCell, slot"
    script = f"""
      CREATE TABLE NR_MESSAGE ({common}, tac, nci, narfcn, pci, ssRsrp, ssRsrq, ssSinr);
      CREATE TABLE UMTS_MESSAGE ({common}, lac, cid, uarfcn, psc, rscp, ecno, signalStrength);
      CREATE TABLE GSM_MESSAGE ({common}, lac, ci, arfcn, bsic, signalStrength);
      INSERT INTO NR_MESSAGE SELECT 1, geom, 1777860881000, '510', '10', 'false', 1, 5, {2**30},
        462000, 7, -98, -11, 13.5 FROM LTE_MESSAGE;
      INSERT INTO UMTS_MESSAGE SELECT 2, geom, 1777860881000, 510, 10, 1, 0, 300, 262910932, 3000,
        511, -101, -9.5, -77 FROM LTE_MESSAGE;
      INSERT INTO GSM_MESSAGE SELECT 3, geom, 1777860881000, 510, 10, 1, 0, 300, 8136, 60, 63, -93
        FROM LTE_MESSAGE;
      CREATE TABLE WIFI_BEACON_MESSAGE (id INTEGER PRIMARY KEY, bssid TEXT);
      INSERT INTO WIFI_BEACON_MESSAGE VALUES (1, 'aa'), (2, 'bb');
    """
    content = package(path, ROW, script=script)
    found = {sample.technology: sample for sample in samples(content)}
    assert {name: sample.level_dbm for name, sample in found.items()} == {
        "gsm": -93,
        "lte": -108,
        "nr_sa": -98,
        "wcdma": -101,
    }
    assert (found["nr_sa"].serving, found["nr_sa"].sim_slot, found["nr_sa"].at) == (False, 2, AT)
    assert reasons(content) == {"wifi": 2}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"geom": None}, "no_position"),
        ({"geom": b"GP\x00"}, "no_position"),
        ({"geom": point(0, 0)}, "zero_position"),
        ({"geom": point(float("nan"), 1)}, "no_position"),
        ({"Time": "2026-05-04 02:14:41"}, "bad_time"),
        ({"Time": b"\xff"}, "bad_time"),
        ({"RSRP": "x", "RSRQ": None, "snr": 2147483647, "signalStrength": b"1"}, "no_value"),
    ],
)
def test_a_row_is_rejected_with_its_reason(
    path: Path, changes: dict[str, Any], reason: str
) -> None:
    assert read_all(package(path, ROW | changes)) == [Rejected(5, reason)]


def test_points_of_both_byte_orders_with_envelope_and_height_are_read() -> None:
    assert read_point(point(order=">"))[:2] == (LONGITUDE, LATITUDE)
    plain = point()
    boxed = plain[:3] + bytes([plain[3] | 1 << 1]) + plain[4:8] + bytes(32) + plain[8:]
    assert read_point(boxed)[:2] == (LONGITUDE, LATITUDE)
    high = b"GP\x00\x01" + struct.pack("<i", 4326) + b"\x01" + struct.pack("<I3d", 1001, 1, 2, 3)
    assert read_point(high) == (1, 2, 3)
    line = plain[:9] + struct.pack("<I", 2) + plain[13:]
    assert read_point(line) == (None, None, None)


def test_a_file_cut_anywhere_ends_without_a_crash(path: Path) -> None:
    content = package(path, *[ROW | {"id": n} for n in range(1, 400)])
    whole = len(samples(content))
    assert whole == 399
    for cut in (20, 100, 512, 4096, 10_000, len(content) // 2, len(content) - 1):
        rows = read_all(content[:cut])
        assert len([row for row in rows if isinstance(row, Sample)]) <= whole
        assert any(isinstance(row, Rejected) and row.reason == "damaged" for row in rows)


def test_noise_in_the_file_ends_without_a_crash(path: Path) -> None:
    content = bytearray(package(path, *[ROW | {"id": n} for n in range(1, 400)]))
    for start in range(2000, len(content), 1500):
        content[start : start + 300] = b"\xa5" * 300
    rows = read_all(bytes(content))
    assert all(isinstance(row, Sample | Rejected) for row in rows)


def test_what_only_claims_to_be_sqlite_is_damaged() -> None:
    content = b"SQLite format 3\x00" + b"\xff" * 5000
    assert reasons(content) == {"damaged": 1}
    assert recognise(b"not SQLite at all", "log.gpkg") is None


ENDLESS = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
    " SELECT x AS id, x AS RSRP FROM n"
)


def hostile(path: Path, script: str) -> list[Any]:
    content = package(path, script=f"DROP TABLE LTE_MESSAGE; {script}")
    started = time.monotonic()
    rows = read_all(content)
    assert time.monotonic() - started < 20
    return rows


@pytest.mark.parametrize(
    "script",
    [
        f"CREATE VIEW LTE_MESSAGE AS {ENDLESS};",
        "CREATE VIEW LTE_MESSAGE AS SELECT load_extension('/tmp/x') AS id, 1 AS RSRP;",
        "CREATE VIRTUAL TABLE LTE_MESSAGE USING fts5(RSRP);",
        "CREATE TABLE LTE_MESSAGE (id, RSRP AS (abs(id)) VIRTUAL);",
    ],
)
def test_a_view_a_virtual_and_a_computed_table_are_left_alone(path: Path, script: str) -> None:
    assert hostile(path, script) == [Rejected(0, "hostile_table")]


def test_triggers_and_views_beside_the_tables_are_never_run(path: Path) -> None:
    script = f"""
      CREATE VIEW gpkg_contents AS {ENDLESS};
      CREATE VIEW NR_MESSAGE AS {ENDLESS};
      CREATE TRIGGER t AFTER INSERT ON LTE_MESSAGE BEGIN DELETE FROM LTE_MESSAGE; END;
    """
    content = package(path, ROW, script=script)
    before = path.read_bytes()
    assert len(samples(content)) == 1
    assert reasons(content) == {"hostile_table": 1}
    assert path.read_bytes() == before


def test_a_table_name_with_quotes_or_a_column_named_like_code_is_only_a_name(path: Path) -> None:
    script = """
      CREATE TABLE "LTE_MESSAGE""; DROP TABLE x; --" (id);
      CREATE TABLE GSM_MESSAGE (id, geom, "Time", "signal""Strength", "mcc"", (SELECT 1)--");
      INSERT INTO GSM_MESSAGE SELECT id, geom, "Time", -93, 510 FROM LTE_MESSAGE;
    """
    found = samples(package(path, ROW, script=script))
    assert sorted(sample.technology or "" for sample in found) == ["gsm", "lte"]
