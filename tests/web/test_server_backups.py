"""A real server that backs itself up, and a backup by hand beside one that is at work."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.domain.instants import system_now
from survey.services.backup_folders import BackupFolder
from survey.services.replica_state import DatabaseState, read_state
from survey.services.restore_sources import BackupSource, find_source
from survey.services.restoring import restore
from survey.settings import load_settings
from survey.store.connection import Store
from survey.store.users import find_user_by_name
from tests.browser.server_process import ServerProcess
from tests.factories import enrol_officer, make_envelope, make_visit_payload
from tests.faults.restored import wait_until_replicated
from tests.replica_kit import need_litestream, wait_for

WAIT_S = 30
VISITS = 60


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "cadangan")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path / "instance")
    yield made
    made.stop()


def test_the_server_makes_its_first_backup_by_itself(
    server: ServerProcess, folder: BackupFolder
) -> None:
    server.environ["SURVEY_BACKUP_DIR"] = str(folder.path)
    server.start()
    deadline, pause = time.monotonic() + WAIT_S, threading.Event()
    while not folder.list_manifests() and time.monotonic() < deadline:
        pause.wait(0.05)
    (manifest,) = folder.list_manifests()
    assert manifest.counts["users"] == 1


def test_a_backup_beside_a_server_at_work_holds_all_that_was_acknowledged_before_it(
    server: ServerProcess, folder: BackupFolder, tmp_path: Path
) -> None:
    store = Store.open(server.settings.database)
    headers = enrol_officer(store, server.settings, now=system_now()).headers
    store.close()
    server.start()
    acknowledged: list[tuple[str, str]] = []
    half = threading.Event()

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
        for number in range(VISITS):
            envelope = make_envelope(make_visit_payload())
            connection.request(
                "POST",
                "/api/v1/records",
                json.dumps({"records": [envelope]}),
                {**headers, "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                acknowledged.append((envelope["id"], envelope["sha256"]))
            if number == VISITS // 2:
                half.set()
        connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    assert half.wait(WAIT_S)
    before = list(acknowledged)
    subprocess.run(
        [sys.executable, "-m", "survey", "backup", str(folder.path)],
        env=server.environ,
        check=True,
        capture_output=True,
    )
    sender.join()
    server.kill()
    assert len(acknowledged) == VISITS

    rebuilt = load_settings({}, tmp_path / "baru")
    assert restore(rebuilt, BackupSource(folder.path), system_now()).damage == ()
    restored = Store.open(rebuilt.database)
    rows = restored.reader().execute("SELECT record_id, sha256 FROM revisions")
    held = {tuple(row) for row in rows}
    restored.close()
    assert set(before) <= held


def count_litestreams(server: ServerProcess) -> list[int]:
    """The processes that replicate this instance."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                place = os.readlink(folder / "cwd")
            except OSError:
                continue
            if b"replicate" in words and place == str(server.settings.instance / "replica"):
                found.append(int(folder.name))
    return found


def read_fault(server: ServerProcess) -> str:
    state = read_state(server.settings.instance, DatabaseState)
    return state.fault.message if state else ""


def test_a_replica_that_cannot_be_made_stops_no_server(server: ServerProcess) -> None:
    server.environ["SURVEY_REPLICA"] = "/proc/replika"
    server.start()
    wait_for(lambda: read_fault(server) != "")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
    connection.request("GET", "/api/v1/ping")
    assert connection.getresponse().status == 200
    connection.close()
    server.stop()
    assert count_litestreams(server) == []


def test_one_litestream_follows_whatever_becomes_of_workers_and_ends_with_the_server(
    server: ServerProcess, tmp_path: Path
) -> None:
    need_litestream()
    replica = tmp_path / "replika"
    server.environ["SURVEY_REPLICA"] = str(replica)
    server.start()
    wait_until_replicated(server)
    (first,) = count_litestreams(server)
    kill_worker(server)
    wait_until_replicated(server)
    assert count_litestreams(server) == [first]
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: first not in count_litestreams(server))
    wait_until_replicated(server)
    store = server.open_store()
    enrol_officer(store, server.settings, "terakhir", system_now())
    store.close()
    server.stop()
    assert count_litestreams(server) == []
    rebuilt = load_settings({}, tmp_path / "baru")
    restore(rebuilt, find_source(str(replica)), system_now())
    restored = Store.open(rebuilt.database)
    assert find_user_by_name(restored.reader(), "terakhir") is not None
    restored.close()


def test_litestream_ends_when_only_the_server_s_main_process_is_killed(
    server: ServerProcess, tmp_path: Path
) -> None:
    need_litestream()
    server.environ["SURVEY_REPLICA"] = str(tmp_path / "replika")
    server.start()
    wait_until_replicated(server)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    wait_for(lambda: count_litestreams(server) == [])
    server.kill()


def kill_worker(server: ServerProcess) -> None:
    """Kill the worker and wait until another one answers."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    workers = [int(pid) for pid in children if int(pid) not in count_litestreams(server)]
    assert len(workers) == 1
    os.kill(workers[0], signal.SIGKILL)

    def answers() -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
            connection.request("GET", "/api/v1/ping")
            answer = connection.getresponse().status == 200
            connection.close()
            return answer
        except (OSError, http.client.HTTPException):
            return False

    wait_for(answers)
