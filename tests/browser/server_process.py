"""A real `survey serve` on a free port, which tests may stop, kill and start again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from survey.services.setup import initialise
from survey.settings import Settings, load_settings
from survey.store.connection import Store

START_SECONDS = 30


def find_free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """One instance and the process that serves it."""

    def __init__(self, folder: Path) -> None:
        self.port = find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            **{name: value for name, value in os.environ.items() if name[:7] != "SURVEY_"},
            "SURVEY_INSTANCE": str(folder),
            "SURVEY_PUBLIC_URL": self.url,
        }
        self.settings: Settings = load_settings({"SURVEY_PUBLIC_URL": self.url}, folder)
        self.log = folder.parent / "server.log"
        self.source: Path | None = None
        """Where the code of another version is; None: the one under test."""
        self._process: subprocess.Popen[bytes] | None = None
        from survey.domain.instants import system_now

        initialise(self.settings, system_now())

    @property
    def pid(self) -> int | None:
        """The main process, None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "survey", "serve", "--port", str(self.port)],
                env=self.environ,
                cwd=self.source,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/api/v1/ping", timeout=2) as answer:
                    if json.load(answer)["ok"]:
                        return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the process and its workers: politely, or at once with SIGKILL."""
        process = self._process
        if process is None:
            return
        self._process = None
        if process.poll() is None:
            os.killpg(process.pid, number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)

    def kill(self) -> None:
        """End everything at once, as a power cut of the server does."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Let the process stand still, as in the moment of a power cut; `kill` ends it then."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGSTOP)

    def open_store(self) -> Store:
        """Open the store beside the running server; the caller closes it."""
        return Store.open(self.settings.database)
