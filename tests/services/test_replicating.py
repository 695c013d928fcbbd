"""Litestream beside the server: started, started again, stopped, and never a danger to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from survey.domain.instants import system_now
from survey.services import litestream, replica_child, replicating
from survey.services.folder_marks import MARK
from survey.services.replica_state import DatabaseState, read_state
from survey.services.replicating import Replicator
from survey.services.restore_sources import find_source
from survey.services.restoring import restore
from survey.services.setup import get_store_id
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from survey.store.meta import find_meta, set_meta
from tests.replica_kit import need_litestream, wait_for


class Ticks:
    """A stopwatch that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "disk #1" / "replika"


@pytest.fixture
def replicated(settings: Settings, folder: Path) -> Settings:
    return replace(settings, replica=str(folder))


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def replicator(replicated: Settings, ticks: Ticks) -> Iterator[Replicator]:
    made = Replicator(replicated, system_now, ticks)
    yield made
    made.stop()


def wait_until_synced(replicator: Replicator) -> None:
    """Wait until all that was committed before this call is in the replica."""
    now = system_now()
    wait_for(lambda: replicator.state.synced_at > now, replicator.tick)


def tick_later(replicator: Replicator, ticks: Ticks) -> None:
    ticks.now += 1
    replicator.tick()


def read_note(instance: Settings) -> str | None:
    with closing(Store.open(instance.database)) as store:
        return find_meta(store.reader(), "note")


def write_note(store: Store, text: str) -> None:
    store.write(lambda connection: set_meta(connection, "note", text))


def restore_from(folder: Path, tmp_path: Path, name: str) -> Settings:
    rebuilt = load_settings({}, tmp_path / name)
    restore(rebuilt, find_source(str(folder)), system_now())
    return rebuilt


def test_what_was_committed_is_in_the_replica_and_comes_back_from_it(
    store: Store, replicator: Replicator, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    write_note(store, "satu")
    wait_until_synced(replicator)
    write_note(store, "dua")
    wait_until_synced(replicator)
    rebuilt = restore_from(folder, tmp_path, "baru")
    assert read_note(rebuilt) == "dua"
    with closing(Store.open(rebuilt.database)) as restored:
        assert get_store_id(restored) != get_store_id(store)
    assert sorted(path.name for path in folder.iterdir()) == ["db", MARK, "secret_key"]
    state = read_state(store.path.parent, DatabaseState)
    assert state is not None
    assert (state.running, state.fault.message) == (True, "")


def test_a_killed_process_is_started_again_with_growing_pauses(
    store: Store, replicator: Replicator, ticks: Ticks, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    wait_until_synced(replicator)
    for pause in (1, 2, 4):
        pid = replicator.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        replicator.tick()
        assert replicator.pid is None
        assert not replicator.state.running
        write_note(store, f"after {pause}")
        ticks.now += pause - 0.1
        replicator.tick()
        assert replicator.pid is None
        ticks.now += 0.1
        replicator.tick()
        assert replicator.pid not in (None, pid)
        wait_until_synced(replicator)
    assert replicator.state.restarts == 3
    assert read_note(restore_from(folder, tmp_path, "baru")) == "after 4"


def test_checkpoints_made_while_it_was_away_cost_nothing(
    store: Store, replicator: Replicator, ticks: Ticks, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    wait_until_synced(replicator)
    pid = replicator.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    for number in range(3):
        write_note(store, f"catatan {number}")
        store.reader().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        store.release()
    replicator.tick()
    ticks.now += 1
    wait_until_synced(replicator)
    assert read_note(restore_from(folder, tmp_path, "baru")) == "catatan 2"


def test_the_last_commit_is_in_the_replica_when_it_was_stopped(
    store: Store, replicator: Replicator, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    wait_until_synced(replicator)
    write_note(store, "terakhir")
    replicator.stop()
    assert read_note(restore_from(folder, tmp_path, "baru")) == "terakhir"


def test_an_unmounted_disk_stops_it_and_the_disk_s_return_starts_it(
    store: Store, replicator: Replicator, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    wait_until_synced(replicator)
    away = tmp_path / "away"
    folder.rename(away)
    replicator.tick()
    assert replicator.pid is None
    assert "mounted" in replicator.state.fault.message
    replicator.tick()
    assert not folder.exists()
    write_note(store, "sementara")
    away.rename(folder)
    wait_until_synced(replicator)
    assert replicator.state.fault.message == ""
    assert read_note(restore_from(folder, tmp_path, "baru")) == "sementara"


def test_another_disk_in_its_place_gets_a_whole_copy(
    store: Store, replicator: Replicator, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    wait_until_synced(replicator)
    mark = json.loads((folder / MARK).read_text())
    folder.rename(tmp_path / "first")
    folder.mkdir()
    (folder / MARK).write_text(json.dumps({**mark, "id": "another"}))
    write_note(store, "lain")
    wait_until_synced(replicator)
    assert read_note(restore_from(folder, tmp_path, "baru")) == "lain"


def test_state_that_a_power_cut_spoiled_is_made_anew(
    store: Store, replicator: Replicator, ticks: Ticks, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    wait_until_synced(replicator)
    pid = replicator.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    for path in (store.path.parent / "replica").rglob("*.ltx"):
        path.write_bytes(b"\0" * 20)
    write_note(store, "sesudah mati listrik")
    now = system_now()
    wait_for(lambda: replicator.state.synced_at > now, lambda: tick_later(replicator, ticks))
    assert read_note(restore_from(folder, tmp_path, "baru")) == "sesudah mati listrik"


def test_a_restored_store_goes_on_in_a_place_of_its_own(
    store: Store, replicator: Replicator, folder: Path, tmp_path: Path
) -> None:
    need_litestream()
    write_note(store, "lama")
    wait_until_synced(replicator)
    replicator.stop()
    rebuilt = restore_from(folder, tmp_path, "baru")
    shutil.copyfile(store.path.parent / "secret_key", rebuilt.instance / "secret_key")
    rebuilt = replace(load_settings({}, rebuilt.instance), replica=str(folder))
    second = Replicator(rebuilt, system_now)
    try:
        with closing(Store.open(rebuilt.database)) as restored:
            write_note(restored, "lanjutan")
            wait_until_synced(second)
    finally:
        second.stop()
    assert len(list((folder / "db").iterdir())) == 2
    assert read_note(restore_from(folder, tmp_path, "ketiga")) == "lanjutan"


@pytest.mark.parametrize("version", [None, "v0.3.13", "", "exit"])
def test_without_a_fitting_binary_the_reason_is_said_and_nothing_else_happens(
    replicated: Settings,
    ticks: Ticks,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    version: str | None,
) -> None:
    binary = tmp_path / "litestream"
    if version is not None:
        line = "exit 3" if version == "exit" else f"echo {version}"
        binary.write_text(f"#!/bin/sh\n{line}\n")
        binary.chmod(0o755)
    monkeypatch.setattr(litestream, "find_binary", lambda: None if version is None else binary)
    replicator = Replicator(replicated, system_now, ticks)
    for _ in range(3):
        replicator.tick()
        ticks.now += 100
    assert replicator.pid is None
    assert replicator.state.fault.message.startswith("Litestream 0.5 is not installed")
    replicator.stop()


def test_a_process_that_dies_at_once_says_why(
    replicated: Settings, ticks: Ticks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    binary = tmp_path / "litestream"
    binary.write_text(
        "#!/bin/sh\n[ $1 = version ] && echo 0.5.99 && exit\n"
        """echo '{"level":"ERROR","msg":"failed to run","error":"no such bucket"}' >&2\nexit 1\n"""
    )
    binary.chmod(0o755)
    monkeypatch.setattr(litestream, "find_binary", lambda: binary)
    replicator = Replicator(replicated, system_now, ticks)

    def look() -> None:
        replicator.tick()
        ticks.now += 1

    wait_for(lambda: replicator.state.restarts > 1, look)
    assert replicator.state.fault.message == "failed to run no such bucket"
    replicator.stop()


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    note = tmp_path / "note"
    words = [sys.executable, replica_child.__file__, "PID", "/bin/sh", "-c"]
    script = (
        f"trap 'echo ended > {note}; exit' TERM; echo begun > {note}; while :; do sleep 0.05; done"
    )
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, subprocess, sys, time\n"
            "words = sys.argv[1:]; words[2] = str(os.getpid())\n"
            "subprocess.Popen(words); time.sleep(60)\n",
            *words,
            script,
        ]
    )
    wait_for(lambda: note.exists() and note.read_text() == "begun\n")
    parent.kill()
    parent.wait()
    wait_for(lambda: note.read_text() == "ended\n")


def test_a_child_whose_parent_is_gone_already_does_not_begin(tmp_path: Path) -> None:
    note = tmp_path / "note"
    words = [sys.executable, replica_child.__file__, "1", "/bin/sh", "-c", f"touch {note}"]
    assert subprocess.run(words, check=False).returncode == 0
    assert not note.exists()


def test_a_disk_that_hangs_keeps_the_server_from_starting_no_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replicating, "FORK_WAIT_S", 0.05)
    with replicating._at_work:
        child = os.fork()
        if child == 0:
            os._exit(0 if replicating._at_work.locked() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    child = os.fork()
    if child == 0:
        os._exit(1 if replicating._at_work.locked() else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not replicating._at_work.locked()


def test_what_nobody_foresaw_stops_neither_the_thread_nor_the_server(
    replicated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicating, "LONGEST_PAUSE_S", 0.01)
    monkeypatch.setattr(replicating, "TICK_S", 0.01)
    ticks: list[int] = []

    def tick(self: Replicator) -> None:
        ticks.append(1)
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(Replicator, "tick", tick)
    replicator = Replicator(replicated, system_now)
    replicator.start()
    wait_for(lambda: len(ticks) > 3)
    replicator.stop()
    assert replicator.state.running is False
