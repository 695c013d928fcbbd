"""What phones of every released schema wrote is read today as it was then (tests/golden)."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from survey.domain.instants import Instant
from survey.domain.limits import LIMITS, RECORD_KINDS
from survey.formats import upcasting
from survey.formats.payloads import SHAPE_OF_KIND, read_payload
from survey.formats.tracks import unpack_part
from survey.services import verifying
from survey.services.enrolling import create_code, enrol
from survey.services.import_report import Report
from survey.services.importing import count_photos, import_rescue
from survey.services.projecting import rebuild
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.factories import NOW, Enrolled, add_officer, new_device_id
from tests.sending import send

GOLDEN = Path(__file__).parents[1] / "golden"
STATIC = Path(__file__).parents[2] / "static"
SCHEMAS = range(upcasting.OLDEST, upcasting.NEWEST + 1)
RESCUES = sorted(path for path in GOLDEN.glob("rescue/*/*") if path.is_file())
TOKEN = "golden-token-of-no-phone-golden-token-of-no"
LATER: Instant = "2027-01-01T00:00:00.000Z"


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    """The golden phone, enrolled here under its own token."""
    officer = add_officer(store, "sari")
    golden = Enrolled(TOKEN, new_device_id(), officer.id, "sari")
    code = create_code(store, settings, officer.id, NOW, actor="cli")
    enrol(
        store,
        settings,
        code=code,
        device_id=golden.device_id,
        token=TOKEN,
        phone={"model": "Redmi 9A"},
        address="127.0.0.1",
        now=NOW,
    )
    return golden


def golden_payloads(schema: int) -> dict[str, dict[str, Any]]:
    """Return the records of a schema by name, in the order in which the phone made them."""
    folder = GOLDEN / "payloads" / str(schema)
    order = ("visit", "visit_correction", "comment", "withdrawal")
    paths = sorted(folder.glob("*.json"), key=lambda path: (path.stem not in order, path.stem))
    paths.sort(key=lambda path: order.index(path.stem) if path.stem in order else len(order))
    return {path.stem: json.loads(path.read_bytes()) for path in paths}


def rows(store: Store, sql: str) -> list[dict[str, Any]]:
    return [dict(row) for row in store.reader().execute(sql)]


LEFT_OUT = ("key", "_key", "_seq", "columns")


def tables_of(store: Store) -> dict[str, Any]:
    """Return what the tables say, without keys and numbers that count up."""
    said: dict[str, Any] = {
        table: [
            {name: value for name, value in row.items() if not name.endswith(LEFT_OUT)}
            for row in rows(store, f"SELECT * FROM {table}")
        ]
        for table in (
            "visits",
            "service_tests",
            "readings",
            "visit_photos",
            "tracks",
            "track_parts",
            "comments",
            "withdrawals",
        )
    }
    parts = rows(store, "SELECT columns FROM track_parts")
    said["points"] = [_points(part["columns"]) for part in parts]
    return said


def _points(packed: bytes) -> dict[str, Any]:
    part = unpack_part(packed)
    columns = part.columns
    return {
        "segment_starts": part.segment_starts,
        **{name: getattr(columns, name) for name in columns.__dataclass_fields__},
    }


def assert_holds(found: Any, known: Any, path: str = "") -> None:
    """Assert that everything that was known is said today; more may be said."""
    if isinstance(known, dict):
        assert isinstance(found, dict), path
        for name, value in known.items():
            assert name in found, f"{path}.{name} is gone"
            assert_holds(found[name], value, f"{path}.{name}")
    elif isinstance(known, list):
        assert isinstance(found, list), path
        assert len(found) == len(known), path
        for number, (one, other) in enumerate(zip(found, known, strict=True)):
            assert_holds(one, other, f"{path}[{number}]")
    else:
        assert found == known, path


# --- the rules ------------------------------------------------------------------------------


def test_no_golden_file_was_edited_renamed_or_removed() -> None:
    known = json.loads((GOLDEN / "hashes.json").read_bytes())
    folders = (GOLDEN / "payloads", GOLDEN / "rescue")
    found = {
        path.relative_to(GOLDEN).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == known, "golden files are never edited; a new one is added to hashes.json"


def test_the_phone_writes_the_newest_schema_that_the_server_reads() -> None:
    source = (STATIC / "core" / "payload.js").read_text("utf-8")
    match = re.search(r"export const VISIT_SCHEMA = (\d+);", source)
    assert match is not None
    assert int(match[1]) == upcasting.NEWEST == int(LIMITS["schema"].maximum)


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_each_kind_of_each_schema_has_a_golden_file(kind: str, schema: int) -> None:
    record = golden_payloads(schema)[kind]
    assert (record["kind"], record["schema"]) == (kind, schema)


def test_each_kind_has_a_step_from_each_schema_to_the_next() -> None:
    wanted = {(kind, schema) for kind in RECORD_KINDS for schema in SCHEMAS[:-1]}
    assert upcasting.UPCASTERS.keys() == wanted, "see tests/golden/README.md"


def test_each_kind_of_record_is_read() -> None:
    assert set(SHAPE_OF_KIND) == set(RECORD_KINDS)


# --- payloads -------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_golden_payload_is_what_its_phone_hashed_and_has_no_oddity(schema: int) -> None:
    for record in golden_payloads(schema).values():
        assert hashlib.sha256(record["payload"].encode()).hexdigest() == record["sha256"]
        assert read_payload(record["kind"], schema, record["payload"]).oddities == ()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_golden_records_are_taken_in_to_the_known_tables_and_so_after_a_rebuild(
    store: Store, settings: Settings, phone: Enrolled, schema: int
) -> None:
    known = json.loads((GOLDEN / "projections" / f"{schema}.json").read_bytes())
    records = golden_payloads(schema)
    answers = send(store, settings, phone, *records.values())
    assert [(answer["result"], answer["errors"]) for answer in answers] == [("stored", [])] * len(
        records
    )
    assert [answer["missing_files"] for answer in answers] == list(known["missing_files"].values())
    assert_holds(tables_of(store), known["tables"])
    kept = rows(store, "SELECT payload, sealed FROM revisions ORDER BY key")
    assert kept == [{"payload": record["payload"], "sealed": 1} for record in records.values()]
    rebuild(store, LATER)
    assert_holds(tables_of(store), known["tables"])
    assert verifying.verify(store, FileRoom(settings.instance), LATER).damage == []


# --- rescue files ---------------------------------------------------------------------------


def take(store: Store, settings: Settings, path: Path) -> Report:
    room = FileRoom(settings.instance)
    with path.open("rb") as stream:
        report = import_rescue(store, room, settings, stream, path.name, "cli", NOW, "sari")
    count_photos(store, [report])
    return report


def test_both_forms_and_the_plain_page_have_a_golden_file() -> None:
    assert {"app.txt", "app.zip", "page.txt"} <= {path.name for path in RESCUES}


@pytest.mark.parametrize("path", RESCUES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_golden_rescue_file_gives_every_record_photo_and_seal(
    store: Store, settings: Settings, phone: Enrolled, path: Path
) -> None:
    report = take(store, settings, path)
    assert [(row.kind, row.result, row.seal) for row in report.rows] == [
        ("visit", "stored", "sealed"),
        ("visit", "stored", "sealed"),
        ("comment", "stored", "sealed"),
        ("withdrawal", "stored", "sealed"),
    ]
    assert dict(report.files) == {"stored": 2}
    assert (report.photos_missing, report.drafts, report.bad_lines) == (0, 1, [])
    assert [row.area_name for row in report.rows] == ["Pasia Talang"] * 4
    again = take(store, settings, path)
    assert (again.results, dict(again.files)) == ({"already_stored": 4}, {"known": 2})


def test_golden_rescue_files_of_every_form_together_make_one_visit(
    store: Store, settings: Settings, phone: Enrolled, tmp_path: Path
) -> None:
    for path in RESCUES:
        take(store, settings, shutil.copy(path, tmp_path / f"renamed{path.suffix}.bak"))
    (visit,) = rows(store, "SELECT id, state, place_kind FROM visits")
    assert (visit["state"], visit["place_kind"]) == ("withdrawn", "centre")
    assert rows(store, "SELECT cause FROM conflicts") == []
