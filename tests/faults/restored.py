"""A server that is killed and comes back as what can be restored of it, under the same address."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from survey.domain.instants import system_now
from survey.services.replica_state import DatabaseState, read_state
from survey.settings import load_settings
from tests.browser.server_process import ServerProcess
from tests.faults.load import Client, Phone
from tests.replica_kit import wait_for

BATCH = 50


def run_survey(server: ServerProcess, *words: str, instance: Path | None = None) -> str:
    """Run a command beside (or for) a server; return what it printed. Any fault raises."""
    environ = dict(server.environ)
    if instance is not None:
        environ["SURVEY_INSTANCE"] = str(instance)
    said = subprocess.run(
        [sys.executable, "-m", "survey", *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, (words, said.stdout, said.stderr)
    return said.stdout


def wait_until_replicated(server: ServerProcess) -> None:
    """Wait until all that was committed before this call is in the replica."""
    now = system_now()

    def is_there() -> bool:
        state = read_state(server.settings.instance, DatabaseState)
        return state is not None and state.synced_at > now

    wait_for(is_there)


def wait_until_files_replicated(server: ServerProcess, replica: Path) -> None:
    """Wait until each file that the server holds now has its copy: files follow by themselves."""
    held = {path.name for path in (server.settings.instance / "files").glob("??/*")}
    assert held
    wait_for(lambda: held <= {path.name for path in replica.rglob("*")})


def lose(server: ServerProcess) -> None:
    """Lose the machine: Litestream and everything of the server end at once."""
    state = read_state(server.settings.instance, DatabaseState)
    if state is not None and state.pid:
        with suppress(ProcessLookupError):
            os.kill(state.pid, signal.SIGKILL)
    server.kill()


def move_to_restored(server: ServerProcess, source: Path, instance: Path) -> str:
    """Let the dead server be what a source gives; return what the restore printed."""
    said = run_survey(server, "restore", str(source), instance=instance)
    server.environ["SURVEY_INSTANCE"] = str(instance)
    server.settings = load_settings({"SURVEY_PUBLIC_URL": server.url}, instance)
    return said


def find_store_id(server: ServerProcess) -> str:
    """Ask the server who it is."""
    client = Client(server.port)
    _, _, data = client.ask("GET", "/api/v1/ping")
    client.close()
    store_id: str = json.loads(data)["store_id"]
    return store_id


def send_all_again(server: ServerProcess, phone: Phone) -> None:
    """Do what a phone does that meets a store it does not know: send all that it still holds."""
    client = Client(server.port)
    again = [*phone.receipts, *phone.outbox]
    phone.receipts, phone.outbox = [], []
    phone.offsets = dict.fromkeys(phone.offsets, 0)
    for start in range(0, len(again), BATCH):
        phone.outbox = again[start : start + BATCH]
        phone.send_rest(client)
    phone.send_rest(client)
    client.close()
    assert phone.odd == []
