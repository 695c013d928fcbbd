"""The schema: steps with rows on both sides, head equals fresh, CHECKs equal the domain."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.domain import limits, review, roles
from survey.store.connection import connect
from survey.store.migrations import STEPS, list_pending, migrate

UUID = "01970000-0000-7000-8000-00000000000{}"
HASH = "a" * 64
AT = "2026-05-04T03:00:00.000Z"

ROWS_AFTER = {
    "0001_people": (
        "INSERT INTO meta VALUES ('store_id', 'abc')",
        "INSERT INTO users (key, id, username, name, created_at)"
        f" VALUES (1, '{UUID.format(1)}', 'sari', 'Sari', '{AT}')",
        "INSERT INTO user_roles VALUES (1, 'officer')",
        "INSERT INTO devices (key, id, user_key, token_hash, enrolled_at, expires_at)"
        f" VALUES (1, '{UUID.format(2)}', 1, '{HASH}', '{AT}', '{AT}')",
    ),
    "0002_areas": (
        "INSERT INTO areas (id, level, name, folded_name, standing)"
        " VALUES ('99.01', 'kabupaten', 'Contoh', 'contoh', 'official')",
        "INSERT INTO campaigns (id, name) VALUES ('c1', 'Putaran 1')",
    ),
    "0003_records": (
        "INSERT INTO revisions (key, kind, record_id, revision, schema, sha256, sealed, payload,"
        " officer_key, device_key, received_at, audit_seq)"
        f" VALUES (1, 'visit', '{UUID.format(3)}', 1, 1, '{HASH}', 1, '{{}}', 1, 1, '{AT}', 1)",
        "INSERT INTO visits (key, id, officer_key, head_key, revision, state, changed_seq,"
        " changed_at, first_received_at, received_at, practice, occurred_at, day)"
        f" VALUES (1, '{UUID.format(3)}', 1, 1, 1, 'received', 1, '{AT}', '{AT}', '{AT}', 0,"
        f" '{AT}', '2026-05-04')",
    ),
    "0004_office": (
        "INSERT INTO reviews (id, visit_id, revision_sha256, decision, reviewer_key, at, audit_seq)"
        f" VALUES ('{UUID.format(4)}', '{UUID.format(3)}', '{HASH}', 'approved', 1, '{AT}', 2)",
    ),
    "0005_quarantine": (
        "INSERT INTO quarantine (record_id, sha256, why, envelope, payload, officer_key,"
        " received_at, settled_at, settled_by, remark)"
        f" VALUES ('{UUID.format(5)}', '{HASH}', 'not_json', '{{}}', x'7b', 1, '{AT}', '{AT}', 1,"
        " 'dibicarakan')",
    ),
    "0006_samples": (
        "INSERT INTO sample_sources (key, sha256, name, format, actor, received_at)"
        f" VALUES (1, '{HASH}', 'log.csv', 'towercollector', 'cli', '{AT}')",
        "INSERT INTO samples (sample_key, source_key, line, at_ms, latitude_e6, longitude_e6,"
        " technology, serving, rsrp_dbm, no_service, area_id, area_by)"
        f" VALUES (x'{HASH[:32]}', 1, 2, 1777860881000, -1541671, 101243342, 'lte', 1, -108, 0,"
        " '99.01', 'nearest')",
        "INSERT INTO reference_cells (cell_key, source_key, line, technology, mcc, mnc, cell_id,"
        f" latitude_e6, longitude_e6) VALUES (x'{HASH[:32]}', 1, 2, 'lte', '510', '10', 8553995,"
        " -1541671, 101243342)",
    ),
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = connect(tmp_path / "survey.db")
    yield opened
    opened.close()


def schema_of(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    return [
        tuple(row)
        for row in connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
        )
    ]


def dump(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite_%'"
        )
    ]
    return {
        table: [tuple(row) for row in connection.execute(f"SELECT * FROM {table}")]
        for table in tables
    }


def test_every_step_keeps_the_rows_that_stood_before_it(connection: sqlite3.Connection) -> None:
    names = [name for name, _ in STEPS]
    assert list(ROWS_AFTER) == names, "a new step needs rows here"
    for name, following in zip(names, [*names[1:], None], strict=True):
        before = dump(connection)
        migrate(connection, stop_before=following)
        after = dump(connection)
        assert {table: after[table] for table in before} == before
        for statement in ROWS_AFTER[name]:
            connection.execute(statement)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert list_pending(connection) == []


def test_step_by_step_and_fresh_give_the_same_schema(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    migrate(connection)
    stepwise = connect(tmp_path / "stepwise.db")
    names = [name for name, _ in STEPS]
    for following in [*names[1:], None]:
        migrate(stepwise, stop_before=following)
    assert schema_of(stepwise) == schema_of(connection)
    stepwise.close()


def test_migrating_again_changes_nothing(connection: sqlite3.Connection) -> None:
    assert migrate(connection) == [name for name, _ in STEPS]
    before = schema_of(connection)
    assert migrate(connection) == []
    assert schema_of(connection) == before


def test_a_failing_step_leaves_no_trace(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(connection, stop_before="0004_office")
    before = schema_of(connection)
    connection.execute("CREATE TABLE comments (in_the_way TEXT) STRICT")
    with pytest.raises(sqlite3.OperationalError, match="comments"):
        migrate(connection)
    connection.execute("DROP TABLE comments")
    assert schema_of(connection) == before
    assert list_pending(connection)[0] == "0004_office"


def test_every_table_is_strict(connection: sqlite3.Connection) -> None:
    migrate(connection)
    loose = [
        row["name"]
        for row in connection.execute("PRAGMA table_list")
        if row["schema"] == "main" and not row["strict"] and "sqlite_" not in row["name"]
    ]
    assert loose == []


def table_sql(connection: sqlite3.Connection, table: str) -> str:
    row = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    return " ".join(row[0].split())


@pytest.mark.parametrize(
    ("table", "column", "limit"),
    [
        *(
            ("visits", column, column)
            for column in (
                "latitude_deg",
                "longitude_deg",
                "accuracy_m",
                "altitude_m",
                "fixes",
                "utc_offset_min",
                "clock_offset_ms",
                "revision",
            )
        ),
        *(
            ("readings", column, column)
            for column in (
                "rsrp_dbm",
                "rsrq_db",
                "sinr_db",
                "rssi_dbm",
                "rscp_dbm",
                "ecno_db",
                "bars",
                "sim_slot",
            )
        ),
        *(
            ("samples", column, column)
            for column in (
                "rsrp_dbm",
                "rsrq_db",
                "sinr_db",
                "rssi_dbm",
                "rscp_dbm",
                "ecno_db",
                "rxlev_dbm",
                "sim_slot",
            )
        ),
        ("service_tests", "waited_s", "waited_s"),
        ("service_tests", "sim_slot", "sim_slot"),
        ("visit_photos", "bytes", "photo_bytes"),
        ("visit_photos", "width_px", "image_side_px"),
        ("visit_photos", "height_px", "image_side_px"),
        ("areas", "latitude_deg", "latitude_deg"),
        ("areas", "longitude_deg", "longitude_deg"),
        ("revisions", "revision", "revision"),
        ("files", "bytes", "photo_bytes"),
    ],
)
def test_a_range_in_the_schema_is_the_domains(
    connection: sqlite3.Connection, table: str, column: str, limit: str
) -> None:
    migrate(connection)
    found = re.search(
        rf"CHECK \({column} BETWEEN (\S+) AND ([^)]+)\)", table_sql(connection, table)
    )
    assert found, f"{table}.{column} has no range"
    bound = limits.LIMITS[limit]
    assert (float(found[1]), float(found[2])) == (bound.minimum, bound.maximum)


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("revisions", "kind", limits.RECORD_KINDS),
        ("visits", "state", review.STATES),
        ("visits", "place_kind", limits.PLACE_KINDS),
        ("visits", "setting", limits.SETTINGS_OF_STAND),
        ("visits", "power", limits.POWER_STATES),
        ("visits", "usually_signal", limits.USUALLY_SIGNAL),
        ("visits", "position_method", limits.POSITION_METHODS),
        ("service_tests", "result", limits.SERVICE_RESULTS),
        ("service_tests", "proof", limits.PROOFS),
        ("service_tests", "technology", limits.TECHNOLOGIES),
        ("readings", "technology", limits.TECHNOLOGIES),
        ("samples", "technology", limits.TECHNOLOGIES),
        ("reference_cells", "technology", limits.TECHNOLOGIES),
        ("readings", "source", limits.READING_SOURCES),
        ("visit_photos", "kind", limits.PHOTO_KINDS),
        ("files", "kind", limits.FILE_KINDS),
        ("user_roles", "role", roles.ROLES),
        ("reviews", "decision", review.DECISIONS),
        ("office_layers", "field", review.LAYER_FIELDS),
    ],
)
def test_the_words_in_the_schema_are_the_domains(
    connection: sqlite3.Connection, table: str, column: str, words: tuple[str, ...]
) -> None:
    migrate(connection)
    found = re.search(rf"CHECK \({column} IN \(([^)]*)\)\)", table_sql(connection, table))
    assert found, f"{table}.{column} has no list of words"
    assert set(re.findall(r"'([^']*)'", found[1])) == set(words)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
        "DELETE FROM revisions",
        "UPDATE revisions SET payload = '{\"changed\": 1}'",
        "UPDATE reviews SET reason = 'x'",
        "DELETE FROM reviews",
    ],
)
def test_history_cannot_be_rewritten(connection: sqlite3.Connection, statement: str) -> None:
    migrate(connection)
    for statements in ROWS_AFTER.values():
        for row in statements:
            connection.execute(row)
    connection.execute(
        "INSERT INTO audit (at, actor, action, subject, digest, previous_hash, hash)"
        f" VALUES ('{AT}', 'cli', 'x', 'y', '{HASH}', '{HASH}', '{HASH}')"
    )
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
