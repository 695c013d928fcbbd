"""`survey verify`: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.commands._progress import ProgressLine
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone
from tests.sending import send


def run(settings: Settings, *arguments: str) -> Result:
    environment = {"SURVEY_INSTANCE": str(settings.instance)}
    return CliRunner().invoke(main, ["verify", *arguments], env=environment)


@pytest.fixture
def envelope(store: Store, settings: Settings) -> dict[str, object]:
    """A visit that the server acknowledged."""
    made = make_envelope(make_visit_payload())
    send(store, settings, enrol_phone(store, settings, add_person(store)), made)
    return made


def test_a_whole_instance_is_said_with_counts(
    settings: Settings, envelope: dict[str, object]
) -> None:
    result = run(settings)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "records: 1 checked\n" in result.stdout
    assert result.stdout.endswith("No damage was found.\n")


def test_damage_is_a_line_on_stderr_and_exit_1(
    settings: Settings, store: Store, envelope: dict[str, object]
) -> None:
    store.write(lambda connection: connection.execute("UPDATE visits SET note = 'x'").fetchall())
    result = run(settings)
    assert result.exit_code == 1
    assert result.stderr == (
        "visits against their records: visits (key 1) differs from its records\n"
    )
    assert "No damage" not in result.stdout


def test_receipts_are_looked_for(
    settings: Settings, envelope: dict[str, object], tmp_path: Path
) -> None:
    receipts = tmp_path / "receipts.jsonl"
    held = {"id": envelope["id"], "sha256": envelope["sha256"]}
    receipts.write_text(json.dumps(held) + "\n")
    assert run(settings, "--receipts", str(receipts)).exit_code == 0
    receipts.write_text(json.dumps([held, {"id": "hilang", "sha256": "ab" * 32}]))
    result = run(settings, "--receipts", str(receipts))
    assert result.exit_code == 1
    assert "hilang" in result.stderr


def test_receipts_that_are_no_text_are_said(settings: Settings, tmp_path: Path) -> None:
    receipts = tmp_path / "receipts"
    receipts.write_bytes(b"\xff\xfe")
    result = run(settings, "--receipts", str(receipts))
    assert result.exit_code == 1
    assert result.stderr.startswith("The receipts are not readable")


def test_a_database_that_is_none_is_said_without_a_traceback(settings: Settings) -> None:
    settings.database.write_bytes(b"bukan basis data" * 500)
    result = run(settings)
    assert result.exit_code == 1
    assert result.stderr.startswith("The store is not usable: ")


def test_progress_is_silent_at_first_then_one_line_that_is_wiped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [10.0]
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    line = ProgressLine()
    line("files", 1, 9)
    now[0] = 11.5
    line("files", 5, 9)
    line("files", 6, 9)
    line.end()
    assert capsys.readouterr().err == "\rfiles: 5 / 9\r            \r"
