"""`survey import`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload
from tests.rescuing import file_line, record_line, rescue_text, zipped


@pytest.fixture(autouse=True)
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command find the instance of this test."""
    monkeypatch.setenv("SURVEY_INSTANCE", str(settings.instance))


@pytest.fixture
def phone(store: Store, settings: Settings) -> Enrolled:
    return enrol_officer(store, settings)


def run(*words: str | Path, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["import", *map(str, words)])
    assert result.exit_code == exit_code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def rescue(folder: Path, phone: Enrolled, name: str = "sari.txt", **changes: object) -> Path:
    envelope = make_envelope(make_visit_payload(), token=phone.token)
    path = folder / name
    line = {**record_line(envelope, phone.officer_id), **changes}
    path.write_bytes(rescue_text(line, file_line(b"a photo", phone.officer_id)))
    return path


def test_an_import_prints_a_line_a_record_and_a_summary(tmp_path: Path, phone: Enrolled) -> None:
    row, summary = run(rescue(tmp_path, phone)).stdout.splitlines()
    assert row.startswith("stored\tsealed\tvisit\t")
    assert summary == (
        "sari.txt: 1 records (1 stored); seals (1 sealed); 1 files (1 stored);"
        " 0 lines not read, 0 drafts left out"
    )


def test_the_same_file_again_is_no_error(tmp_path: Path, phone: Enrolled) -> None:
    file = rescue(tmp_path, phone)
    run(file)
    assert "1 records (1 already stored)" in run(file).stdout


def test_refused_records_are_told_and_are_no_error(tmp_path: Path, phone: Enrolled) -> None:
    result = run(rescue(tmp_path, phone, sha256="0" * 64))
    assert result.stdout.startswith("refused\t")
    assert "hash does not match" in result.stdout


def test_an_unreadable_file_is_told_and_the_others_are_taken(
    tmp_path: Path, phone: Enrolled
) -> None:
    track = tmp_path / "jejak.gpx"
    track.write_text('<?xml version="1.0"?>\n<gpx/>\n')
    packed = tmp_path / "tas.zip"
    packed.write_bytes(zipped(a__txt=rescue(tmp_path, phone).read_bytes()))
    result = run(track, packed, exit_code=1)
    assert "tas.zip: 1 records (1 stored)" in result.stdout
    assert result.stderr.splitlines() == [
        "jejak.gpx: The file is not readable.",
        "Accepted are the .txt file of the phone's rescue page, and a ZIP of such files.",
    ]


def test_bad_lines_are_named_on_stderr(tmp_path: Path, phone: Enrolled) -> None:
    file = rescue(tmp_path, phone)
    file.write_bytes(file.read_bytes() + b"\x1b[2Jhalo\n" + file.read_bytes()[:300])
    result = run(file)
    assert "sari.txt, line 4: This line is not of a rescue file." in result.stderr
    assert "\x1b" not in result.output


def test_officer_names_the_owner_of_what_names_none(tmp_path: Path, phone: Enrolled) -> None:
    file = rescue(tmp_path, phone, officer_id="somebody else")
    assert "1 records (1 refused)" in run(file).stdout
    assert "1 records (1 stored)" in run(file, "--officer", "sari").stdout


@pytest.mark.parametrize(
    ("name", "why"),
    [("tiada", "This person is not known."), ("admin", "Admin has no officer role.")],
)
def test_somebody_who_is_no_officer_stops_the_command(
    tmp_path: Path, phone: Enrolled, name: str, why: str
) -> None:
    result = run(rescue(tmp_path, phone), "--officer", name, exit_code=1)
    assert (result.stdout, result.stderr) == ("", f"{why}\n")


def test_words_from_a_file_cannot_steer_the_terminal(tmp_path: Path, phone: Enrolled) -> None:
    summary = {"area_name": "\x1b[31mPasia\nstored"}
    payload = make_visit_payload(area={"id": None, "claimed": None})
    envelope = make_envelope(payload, token=phone.token)
    file = tmp_path / "a.txt"
    file.write_bytes(rescue_text(record_line(envelope, phone.officer_id, summary=summary)))
    assert "?[31mPasia?stored" in run(file).stdout
