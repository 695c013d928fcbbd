"""`survey backup`: what it prints, and how it ends."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from survey.cli import main
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.backup_kit import put_file
from tests.people_kit import add_person


def run(settings: Settings, folder: Path) -> Result:
    environment = {"SURVEY_INSTANCE": str(settings.instance)}
    return CliRunner().invoke(main, ["backup", str(folder)], env=environment)


def test_a_backup_says_what_it_holds(settings: Settings, store: Store, tmp_path: Path) -> None:
    put_file(store, FileRoom(settings.instance), add_person(store), b"foto")
    for copied in (1, 0):
        result = run(settings, tmp_path / "luar" / "cadangan")
        assert (result.exit_code, result.stderr) == (0, "")
        assert f"1 files, {copied} of them copied now; {copied} became safe." in result.stdout


def test_a_file_that_cannot_be_had_is_named_and_ends_with_1(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    photo = put_file(store, FileRoom(settings.instance), add_person(store), b"foto")
    photo.unlink()
    result = run(settings, tmp_path / "cadangan")
    assert result.exit_code == 1
    assert photo.name in result.stderr
    assert ".db is whole." in result.stdout


def test_wrong_folders_are_said_in_a_line(settings: Settings, tmp_path: Path) -> None:
    inside = run(settings, settings.instance / "cadangan")
    assert (inside.exit_code, inside.stderr) == (1, "A backup must lie outside the instance.\n")
    file = tmp_path / "berkas"
    file.write_text("x")
    assert run(settings, file).exit_code == 2
    below = run(settings, file / "cadangan")
    assert below.exit_code == 1
    assert "Not a directory" in below.stderr
