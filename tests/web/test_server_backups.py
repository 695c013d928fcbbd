"""A real server that backs itself up, and a backup by hand beside one that is at work."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.domain.instants import system_now
from survey.services.backup_folders import BackupFolder
from survey.services.restore_sources import BackupSource
from survey.services.restoring import restore
from survey.settings import load_settings
from survey.store.connection import Store
from tests.browser.server_process import ServerProcess
from tests.factories import enrol_officer, make_envelope, make_visit_payload

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
