"""Litestream 0.5 as this project uses it: its binary, its settings, its answers.

Litestream follows the write-ahead log and writes each change as a file of its own; it makes the
checkpoints of the log itself. Knows processes and JSON, and no table.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from survey.domain.instants import Instant
from survey.domain.problems import Problem

VERSION: Final = "0.5."
SOCKET: Final = "control.sock"
"""Relative to the folder that the process works in: paths of sockets may have 100 bytes only."""

FOLDER_SYNC: Final = "1s"
ADDRESS_SYNC: Final = "10s"
"""How often changes go out: an address costs money or time for each file."""

LONGEST_LOG_PAGES: Final = 32_768
"""128 MiB: at this length Litestream makes writers wait for a checkpoint."""

KEPT: Final = "168h"
"""For how long any moment may be restored."""

SYNC_S: Final = 5


def find_binary() -> Path | None:
    """Return the binary: beside this Python (the extra `replica`), else from PATH, or None."""
    folders = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    found = shutil.which("litestream", path=folders)
    return Path(found) if found else None


def get_binary() -> Path:
    """Return the binary; raises replica.no_binary when there is none, or of another version."""
    binary = find_binary()
    if binary is None:
        raise Problem("replica.no_binary")
    try:
        said = subprocess.run(
            [binary, "version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Problem("replica.no_binary") from None
    if not said.stdout.strip().removeprefix("v").startswith(VERSION):
        raise Problem("replica.no_binary")
    return binary


@dataclass(frozen=True, slots=True)
class Place:
    """Where the database of one store is replicated to: a folder of its own, or an address.

    One a store: what a restored server writes never mixes with what it was restored from.
    """

    folder: Path | None
    address: str

    def for_config(self) -> dict[str, Any]:
        """Return the replica's part of the settings."""
        if self.folder is not None:
            return {"type": "file", "path": str(self.folder), "sync-interval": FOLDER_SYNC}
        return {"url": self.address, "sync-interval": ADDRESS_SYNC}


def find_place(replica: str, store_id: str) -> Place:
    """Return the place of a store below what SURVEY_REPLICA says."""
    if Path(replica).is_absolute():
        return Place(Path(replica) / "db" / store_id, "")
    parts = urlsplit(replica)
    path = f"{parts.path.rstrip('/')}/{quote(store_id)}"
    return Place(None, urlunsplit(parts._replace(path=path)))


def write_config(path: Path, database: Path, place: Place, memory: Path) -> None:
    """Write the settings file (JSON is YAML); `memory` is where Litestream keeps its own state."""
    config = {
        "logging": {"level": "info", "type": "json", "stderr": True},
        "socket": {"enabled": True, "path": SOCKET, "permissions": 0o600},
        "snapshot": {"interval": "24h", "retention": KEPT},
        "shutdown-sync-timeout": "5s",
        "dbs": [
            {
                "path": str(database),
                "meta-path": str(memory),
                "busy-timeout": "5s",
                "truncate-page-n": LONGEST_LOG_PAGES,
                # An unclean end may leave its own state unreadable; a whole new copy mends that.
                "replica": {**place.for_config(), "auto-recover": True},
            }
        ],
    }
    temporary = path.with_name(path.name + ".tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:  # an address may hold a password
        json.dump(config, file)
    os.replace(temporary, path)


def sync_now(folder: Path, database: Path) -> str | None:
    """Let the process that works in a folder write all that was committed before this call.

    Returns None when all of it is in the replica, else why not.
    """
    body = {"path": str(database), "wait": True, "timeout": SYNC_S}
    connection = _Connection(folder)
    try:
        connection.request("POST", "/sync", json.dumps(body), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read(1 << 20))
        if answer.get("txid") == answer.get("replicated_txid") is not None:
            return None
        return str(answer.get("error") or answer)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        return str(error)
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """HTTP over the socket in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__("localhost", timeout=2 * SYNC_S)
        self._folder = folder

    def connect(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(2 * SYNC_S)
            short = Path(f"/proc/self/fd/{handle}")
            self.sock.connect(str((short if short.exists() else self._folder) / SOCKET))
        finally:
            os.close(handle)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the transaction of the replica it ends with."""

    transaction: str


def restore_database(
    place: Place, target: Path, workspace: Path, at: Instant | None = None
) -> Restored:
    """Restore the newest moment of a replica, or the last one before `at`, into a new file.

    Raises replica.none when there is nothing to restore, replica.failed with Litestream's words.
    """
    binary = get_binary()
    config, source = workspace / "restore.json", workspace / "source.db"
    write_config(config, source, place, workspace / "memory")
    words = [str(binary), "restore", "-config", str(config), "-no-expand-env", "-json"]
    words += ["-integrity-check", "full", "-o", str(target)]
    words += ["-timestamp", at] if at else []
    said = subprocess.run(
        [*words, str(source)], capture_output=True, text=True, cwd=workspace, check=False
    )
    if said.returncode != 0:
        text = _last_words(said.stderr)
        if "no matching backup" in text or "no snapshots" in text:
            raise Problem("replica.none")
        raise Problem("replica.failed", reason=text)
    return Restored(str(json.loads(said.stdout).get("txid", "")))


def _last_words(log: str) -> str:
    """Return the last error of a log, for people."""
    lines = [line for line in log.splitlines() if line.strip()]
    return read_log_line(lines[-1])[1] if lines else "?"


def read_log_line(line: str) -> tuple[str, str]:
    """Return level and text of a line of Litestream's log, whatever form it has."""
    try:
        value = json.loads(line)
        text = " ".join(str(value[name]) for name in ("msg", "error") if value.get(name))
        return str(value.get("level", "")).upper(), text or line.strip()
    except (ValueError, TypeError, AttributeError):
        return "ERROR" if "rror" in line else "", line.strip()
