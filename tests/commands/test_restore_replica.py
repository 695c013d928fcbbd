"""`survey restore` of a replica and `--rehearse`: what they print, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.domain.instants import add_to_instant, system_now
from survey.services.folder_marks import mark_folder
from survey.services.replicating import Replicator
from survey.services.replicating_files import FileReplica
from survey.services.setup import get_store_id
from survey.settings import Settings
from survey.store.connection import Store
from survey.store.files import FileRoom
from survey.store.meta import find_meta
from tests.backup_kit import put_file
from tests.factories import make_envelope, make_visit_payload
from tests.people_kit import add_person, enrol_phone
from tests.replica_kit import need_litestream, wait_for
from tests.sending import send


def run(instance: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"SURVEY_INSTANCE": str(instance)})


@pytest.fixture
def replica(store: Store, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A replica of an instance with a visit and a photo, made by the real Litestream."""
    need_litestream()
    folder = tmp_path / "replika"
    replicated = replace(settings, replica=str(folder))
    officer = add_person(store)
    visit = make_envelope(make_visit_payload())
    send(store, settings, enrol_phone(store, settings, officer), visit)
    put_file(store, FileRoom(settings.instance), officer, b"foto")
    replicator = Replicator(replicated)
    now = system_now()
    wait_for(lambda: replicator.state.synced_at > now, replicator.tick)
    FileReplica(store, replicated, system_now).step()
    yield folder
    replicator.stop()


def test_a_replica_is_restored_by_its_folder_and_says_as_of_when(
    replica: Path, tmp_path: Path
) -> None:
    result = run(tmp_path / "baru", "restore", str(replica))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "1 records, 1 files, as of 2026-05-04T" in result.stdout
    verified = run(tmp_path / "baru", "verify")
    assert (verified.exit_code, verified.stderr) == (0, "")


def test_a_replica_at_an_address_takes_its_files_from_elsewhere(
    replica: Path, store: Store, settings: Settings, tmp_path: Path
) -> None:
    address = f"file://{replica}/db/{get_store_id(store)}"
    result = run(tmp_path / "baru", "restore", address)
    assert result.exit_code == 0
    assert "1 records, 0 files" in result.stdout
    assert "Not in the backup, phones that hold it send it again" in result.stderr
    more = ("--files", str(settings.instance))
    result = run(tmp_path / "lagi", "restore", address, *more)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "1 records, 1 files" in result.stdout


def test_a_moment_before_anything_was_replicated_is_said(replica: Path, tmp_path: Path) -> None:
    early = add_to_instant(system_now(), days=-3)
    result = run(tmp_path / "baru", "restore", str(replica), "--at", early)
    assert result.exit_code == 1
    assert not (tmp_path / "baru" / "survey.db").exists()
    odd = run(tmp_path / "baru", "restore", str(replica), "--at", "kemarin")
    assert (odd.exit_code, odd.stderr) == (1, "A moment looks like 2026-05-04T02:14:41Z.\n")


def test_a_place_without_a_replica_is_said(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    need_litestream()
    empty = tmp_path / "kosong"
    empty.mkdir()
    mark_folder(store, settings, empty, "replica", system_now())
    for source in (str(empty), f"file://{empty}/db/tidak-ada"):
        result = run(tmp_path / "baru", "restore", source)
        assert (result.exit_code, result.stderr) == (
            1,
            "There is no replica of a store in this place.\n",
        )
    assert run(tmp_path / "baru", "restore", str(tmp_path / "tidak-ada")).exit_code == 2
    assert list((tmp_path / "baru").glob("*.db*")) == []


def test_a_replica_that_rotted_is_said_and_leaves_no_store(replica: Path, tmp_path: Path) -> None:
    for path in (replica / "db").rglob("*.ltx"):
        path.write_bytes(path.read_bytes()[:50])
    result = run(tmp_path / "baru", "restore", str(replica))
    assert result.exit_code == 1
    assert result.stderr.startswith("Litestream says: ")
    assert list((tmp_path / "baru").glob("*.db*")) == []


def test_a_rehearsal_of_the_replica_says_what_it_proved_and_is_noted(
    replica: Path, store: Store, settings: Settings
) -> None:
    result = run(settings.instance, "restore", "--rehearse", str(replica))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "All 1 records that the instance had by then are in it." in result.stdout
    assert "A restore from this works" in result.stdout
    assert "It took " in result.stdout
    assert find_meta(store.reader(), "last_tested_restore") is not None
    assert not (settings.instance / "rehearsal").exists()


def test_a_rehearsal_of_a_backup_with_faults_names_them_and_ends_with_1(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    photo = put_file(store, FileRoom(settings.instance), add_person(store), b"foto")
    folder = tmp_path / "cadangan"
    assert run(settings.instance, "backup", str(folder)).exit_code == 0
    assert run(settings.instance, "restore", "--rehearse", str(folder)).exit_code == 0
    FileRoom(folder).path_of(photo.name).write_bytes(b"rusak")
    result = run(settings.instance, "restore", "--rehearse", str(folder))
    assert result.exit_code == 1
    assert photo.name in result.stderr
    assert "A restore from this has faults" in result.stdout
    assert run(settings.instance, "verify").exit_code == 0


def test_a_rehearsal_elsewhere_says_that_there_is_nothing_to_compare_with(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "cadangan"
    assert run(settings.instance, "backup", str(folder)).exit_code == 0
    result = run(tmp_path / "laptop", "restore", "--rehearse", str(folder))
    assert result.exit_code == 0
    assert "There is no instance here to compare with." in result.stdout
