"""`survey import`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.settings import Settings
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer, make_envelope, make_visit_payload
from tests.rescuing import file_line, phone_zip, record_line, rescue_text, zipped


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
        " 0 photos missing; 0 parts not read, 0 drafts left out"
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
        "Accepted are the .txt file and the ZIP that the phone's rescue page writes.",
        "tas.zip > a.txt, line 3: photo or file: It was taken in, but is no picture that can be"
        " shown.",
    ]


def test_bad_lines_are_named_on_stderr(tmp_path: Path, phone: Enrolled) -> None:
    file = rescue(tmp_path, phone)
    file.write_bytes(file.read_bytes() + b"\x1b[2Jhalo\n" + file.read_bytes()[:300])
    result = run(file)
    assert "sari.txt, line 4: This line is not of a rescue file." in result.stderr
    assert "\x1b" not in result.output


def test_a_folder_of_automatic_copies_is_taken_in_the_order_of_names(
    tmp_path: Path, phone: Enrolled
) -> None:
    folder = tmp_path / "salinan"
    folder.mkdir()
    rescue(folder, phone, "b.TXT")
    (folder / "a.zip").write_bytes(phone_zip(rescue(folder, phone, "c.txt").read_bytes()))
    (folder / "catatan.docx").write_bytes(b"no rescue file")
    summaries = [line for line in run(folder).stdout.splitlines() if " records " in line]
    assert [line.partition(":")[0] for line in summaries] == ["a.zip", "b.TXT", "c.txt"]
    assert "(1 already stored)" in summaries[2]


def test_what_is_no_file_or_may_not_be_read_is_told_and_the_others_are_taken(
    tmp_path: Path, phone: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "kosong"
    empty.mkdir()
    shut = tmp_path / "terkunci.txt"
    shut.write_bytes(b"")
    original = Path.open

    def open_or_refuse(path: Path, *words: Any, **more: Any) -> Any:
        if path == shut:  # root may read everything, so the test says it
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, *words, **more)

    monkeypatch.setattr(Path, "open", open_or_refuse)
    result = run(empty, tmp_path / "tiada.txt", shut, rescue(tmp_path, phone), exit_code=1)
    assert "1 records (1 stored)" in result.stdout
    assert result.stderr.splitlines()[:3] == [
        "kosong: There is no .txt and no .zip in this folder.",
        "tiada.txt: No such file or directory",
        "terkunci.txt: Permission denied",
    ]


def test_photos_that_come_with_a_later_file_are_not_called_missing(
    tmp_path: Path, phone: Enrolled
) -> None:
    photo = b"\xff\xd8\xff a photo"
    named = [{"sha256": hashlib.sha256(data).hexdigest()} for data in (photo, b"lost")]
    envelope = make_envelope(make_visit_payload(photos=named), token=phone.token)
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    first.write_bytes(rescue_text(record_line(envelope, phone.officer_id)))
    second.write_bytes(rescue_text(file_line(photo, phone.officer_id)))
    row, summary, _ = run(first, second).stdout.splitlines()
    assert row.endswith("\t1/2")
    assert "; 1 photos missing;" in summary


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


def test_a_radio_log_is_known_by_its_content_and_told_in_one_line(tmp_path: Path) -> None:
    from tests.radio_kit import towercollector, towercollector_row

    file = tmp_path / "whatsapp.txt"
    rows = (towercollector_row(), towercollector_row(lat=0, lon=0), "x")
    file.write_bytes(towercollector(*rows))
    result = run(file)
    assert result.stdout == (
        "whatsapp.txt: TowerCollector CSV; 1 samples (1 new, 0 known);"
        " 2 rows rejected (1 zero position, 1 columns); 0 Wi-Fi and Bluetooth rows left out\n"
    )
    assert result.stderr.splitlines() == [
        "whatsapp.txt, row 3: The position is 0, 0: the phone had none.",
        "whatsapp.txt, row 4: The row has another number of columns than the header.",
    ]
    again = run(file)
    assert "(0 new, 1 known)" in again.stdout
    assert again.stdout.endswith("; this file was taken in before\n")


def test_logs_and_rescue_files_of_a_folder_are_taken_together(
    tmp_path: Path, phone: Enrolled
) -> None:
    from tests.radio_kit import TOWERCOLLECTOR, towercollector, towercollector_row

    folder = tmp_path / "kartu"
    folder.mkdir()
    rescue(folder, phone)
    (folder / "log.csv").write_bytes(towercollector(towercollector_row()))
    (folder / "kurang.csv").write_text(",".join(TOWERCOLLECTOR).replace(",lat,lon", "") + "\n")
    result = run(folder, "--officer", "sari", exit_code=1)
    assert "sari.txt: 1 records (1 stored)" in result.stdout
    assert "log.csv: TowerCollector CSV; 1 samples (1 new, 0 known)" in result.stdout
    assert result.stderr.startswith(
        "kurang.csv: This looks like TowerCollector CSV, but columns are missing: lat, lon."
    )
