"""`survey export`: files and standard output, filters, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import enrol_officer, make_visit_payload
from tests.gpx_rules import check_gpx
from tests.sending import send_visit


@pytest.fixture(autouse=True)
def visit_id(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the one visit of the instance that the commands find."""
    monkeypatch.setenv("SURVEY_INSTANCE", str(settings.instance))
    payload = make_visit_payload()
    send_visit(store, settings, enrol_officer(store, settings), payload)
    found: str = payload["id"]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to export into."""
    made = tmp_path / "out"
    made.mkdir()
    return made


def survey(*words: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, ("export", *words))
    assert result.exit_code == exit_code, result.output
    return result


def test_gpx_goes_to_a_file(folder: Path) -> None:
    path = folder / "out.gpx"
    result = survey("gpx", "--out", str(path))

    assert len(check_gpx(path).findall("{*}wpt")) == 1
    assert result.stdout == ""
    assert result.stderr == f"Visits: 1, as of 2026-05-04T03:00:00.000Z: {path}\n"
    assert list(folder.iterdir()) == [path]


def test_a_folder_gets_a_file_with_a_name_that_sorts(folder: Path) -> None:
    survey("csv", "--out", str(folder))

    assert [path.name for path in folder.iterdir()] == [
        "jejak-sinyal-solok-selatan-2026-05-04-visits.csv"
    ]


def test_a_dash_is_standard_output(visit_id: str) -> None:
    result = survey("geojson", "--out", "-")

    assert [feature["id"] for feature in json.loads(result.stdout)["features"]] == [visit_id]


def test_an_old_file_is_replaced_whole(folder: Path) -> None:
    path = folder / "out.csv"
    path.write_text("x" * 100_000)
    survey("csv", "--out", str(path))

    assert path.read_text("utf-8").startswith("visit_id,day")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--area", "13.11"], 1),
        (["--area", "13.11.07"], 0),
        (["--officer", "sari"], 1),
        (["--from", "2026-05-04", "--to", "2026-05-04"], 1),
        (["--to", "2026-05-03"], 0),
        (["--state", "approved"], 0),
        (["--state", "approved", "--state", "received"], 1),
    ],
)
def test_filters_choose(options: list[str], count: int) -> None:
    result = survey("geojson", "--out", "-", *options)

    assert len(json.loads(result.stdout)["features"]) == count


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--area", "99.99"], "This area is not known."),
        (["--officer", "nobody"], "This person is not known."),
        (["--campaign", "never"], "This campaign is not known."),
        (["--campaign", "latihan"], "Practice visits are never exported."),
        (["--from", "2026-05-05", "--to", "2026-05-04"], "The first day lies after the last."),
    ],
)
def test_an_unknown_value_is_a_line_on_stderr_and_exit_1(
    options: list[str], message: str, folder: Path
) -> None:
    result = survey("csv", "--out", str(folder / "out.csv"), *options, exit_code=1)

    assert message in result.stderr
    assert "Traceback" not in result.output
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["pdf", "--out", "-"],
        ["csv"],
        ["csv", "--out", "-", "--state", "lost"],
        ["csv", "--out", "-", "--from", "04/05/2026"],
        ["gpx", "--out", "-", "--excel"],
    ],
)
def test_a_wrong_word_is_exit_2(words: list[str]) -> None:
    survey(*words, exit_code=2)


def test_a_missing_folder_is_exit_1(folder: Path) -> None:
    result = survey("csv", "--out", str(folder / "no" / "out.csv"), exit_code=1)

    assert "No such file or directory" in result.stderr


def test_personal_data_comes_only_when_asked_for() -> None:
    assert "Sari" not in survey("csv", "--out", "-").stdout
    assert "Sari" in survey("csv", "--out", "-", "--personal").stdout


def test_excel_has_semicolons() -> None:
    assert survey("csv", "--out", "-", "--excel").stdout.startswith("\ufeffvisit_id;day")


def test_a_reader_that_stops_early_gets_no_traceback(settings: Settings) -> None:
    code = "from survey.cli import main; main()"
    words = [sys.executable, "-c", code, "export", "csv", "--out", "-"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode == 1
    assert b"Traceback" not in told


def test_progress_is_told_on_stderr_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.commands.export.QUIET_SECONDS", 0)
    monkeypatch.setattr("survey.services.export_reading.PROGRESS_EVERY", 1)
    result = survey("csv", "--out", "-")

    assert result.stderr.startswith("1 of 1 visits ...\n")
    assert result.stdout.startswith("visit_id,")
