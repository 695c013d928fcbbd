"""`survey backup`, `restore` and `verify` one after the other, as whoever rehearses it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from survey.cli import main
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.backup_kit import put_file
from tests.factories import make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone
from tests.sending import send


def run(instance: Path, *arguments: str) -> Result:
    environment = {"SURVEY_INSTANCE": str(instance)}
    return CliRunner().invoke(main, arguments, env=environment)


def run_process(instance: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name[:7] != "SURVEY_"}
    return subprocess.run(
        [sys.executable, "-m", "survey", *arguments],
        env={**kept, "SURVEY_INSTANCE": str(instance)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_restore_by_real_processes_verifies_clean_with_its_receipts(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    officer = add_person(store)
    envelope = make_envelope(make_visit_payload())
    send(store, settings, enrol_phone(store, settings, officer), envelope)
    put_file(store, FileRoom(settings.instance), officer, b"foto")
    receipts = tmp_path / "receipts.jsonl"
    receipts.write_text(f'{{"id": "{envelope["id"]}", "sha256": "{envelope["sha256"]}"}}\n')
    folder, rebuilt = str(tmp_path / "cadangan"), tmp_path / "baru"
    for instance, arguments in (
        (settings.instance, ("backup", folder)),
        (rebuilt, ("restore", folder)),
        (rebuilt, ("verify", "--receipts", str(receipts))),
    ):
        result = run_process(instance, *arguments)
        assert (result.returncode, result.stderr) == (0, ""), arguments
    assert result.stdout.endswith("No damage was found.\n")


def test_an_instance_with_a_store_is_refused(settings: Settings, tmp_path: Path) -> None:
    folder = str(tmp_path / "cadangan")
    assert run(settings.instance, "backup", folder).exit_code == 0
    result = run(settings.instance, "restore", folder)
    assert (result.exit_code, result.stderr) == (1, "This instance is not empty.\n")


def test_a_folder_without_a_whole_backup_is_said(tmp_path: Path) -> None:
    (tmp_path / "kosong").mkdir()
    result = run(tmp_path / "baru", "restore", str(tmp_path / "kosong"))
    assert (result.exit_code, result.stderr) == (1, "There is no whole backup in this folder.\n")
    assert run(tmp_path / "baru", "restore", str(tmp_path / "tidak-ada")).exit_code == 2


def test_files_that_are_not_in_the_backup_and_damage_are_told(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    officer = add_person(store)
    send(
        store,
        settings,
        enrol_phone(store, settings, officer),
        make_envelope(make_visit_payload()),
    )
    store.write(lambda connection: connection.execute("UPDATE visits SET note = 'x'").fetchall())
    photo = put_file(store, FileRoom(settings.instance), officer, b"foto")
    folder = tmp_path / "cadangan"
    assert run(settings.instance, "backup", str(folder)).exit_code == 0
    FileRoom(folder).path_of(photo.name).unlink()
    result = run(tmp_path / "baru", "restore", str(folder))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"Not in the backup, phones that hold it send it again: {photo.name}",
        "visits against their records: visits (key 1) differs from its records",
    ]
    assert "1 records, 0 files" in result.stdout
