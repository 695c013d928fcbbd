"""An instance to measure with: a folder, its officers' phones, its server process."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.domain.instants import system_now
from survey.services.setup import initialise
from survey.settings import Settings, load_settings
from survey.store.connection import Store
from tests.factories import Enrolled, enrol_officer

HOST = "127.0.0.1"
START_S = 60
OFFICER = "petugas"
"""User names of officers are this and a number from 0."""


def make_instance(folder: Path) -> Settings:
    """Return the settings of a new, initialised instance."""
    settings = load_settings({}, folder)
    initialise(settings, system_now())
    return settings


def enrol_phones(settings: Settings, count: int) -> list[Enrolled]:
    """Return that many officers, each with a phone, by the same steps as in the office."""
    store = Store.open(settings.database)
    try:
        return [
            enrol_officer(store, settings, f"{OFFICER}{number}", system_now())
            for number in range(count)
        ]
    finally:
        store.close()


@contextmanager
def run_server(settings: Settings) -> Iterator[tuple[int, int]]:
    """Serve an instance by `survey serve` as in production; yield (port, process id)."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    environ = {name: text for name, text in os.environ.items() if not name.startswith("SURVEY_")}
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from survey.cli import main; main()",
            "serve",
            "--port",
            str(port),
        ],
        env={**environ, "SURVEY_INSTANCE": str(settings.instance)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(START_S)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it answered")
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=2)
            connection.request("GET", "/api/v1/ping")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not answer within {START_S} s")


def memory_mib(pid: int) -> float:
    """Return the resident memory of the largest worker of a server, MiB (Linux; else 0)."""
    largest = 0
    for folder in _family(pid):
        status = (folder / "status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        largest = max(largest, int(fields.get("VmRSS", "0 kB").split()[0]))
    return largest / 1024


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and its children so far, seconds (Linux; else 0)."""
    ticks = 0
    for folder in _family(pid):
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> Iterator[Path]:
    """Yield the folders in /proc of a process and its children."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if pid in (int(folder.name), parent):
            yield folder
