"""`python -m bench.soak --minutes N`: phones on a bad network, and nothing may be lost or doubled.

Requests are cut in the middle of the body, or answered to nobody, and sent again until the
server acknowledges them. In the end every record and file must be there once.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

from bench.instance import HOST, enrol_phones, make_instance, memory_mib, run_server
from survey.store.audit import find_chain_breaks
from survey.store.connection import connect
from tests.factories import Enrolled, make_envelope, make_visit_payload

PHONES = 8
FILE_BYTES = 150_000
CHUNK_BYTES = 64_000
CUT_SHARE = 0.15
LOST_ANSWER_SHARE = 0.15
ACKNOWLEDGED = {"stored", "already_stored"}


class Traveller(threading.Thread):
    """One phone: records a few visits, sends them over a link that breaks, and goes on."""

    def __init__(self, port: int, phone: Enrolled, ends: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.phone = phone
        self.ends = ends
        self.random = Random(seed)
        self.visits: set[str] = set()
        self.files: set[str] = set()
        self.events: Counter[str] = Counter()
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            while time.monotonic() < self.ends:
                self._send_visits()
                self._send_file()
        except Exception as error:  # told at the end, by the main thread
            self.failure = error

    def _send_visits(self) -> None:
        envelopes = [
            make_envelope(make_visit_payload(), token=self.phone.token)
            for _ in range(self.random.randint(1, 5))
        ]
        body = json.dumps({"device_state": {}, "records": envelopes}).encode()
        headers = {**self.phone.headers, "Content-Type": "application/json"}
        while True:
            answer = self._request("POST", "/api/v1/records", headers, body)
            if answer is None:
                continue
            results = json.loads(answer[2])["results"]
            if {result["result"] for result in results} <= ACKNOWLEDGED:
                self.visits |= {envelope["id"] for envelope in envelopes}
                self.events["visits"] += len(envelopes)
                return
            raise RuntimeError(f"not acknowledged: {results}")

    def _send_file(self) -> None:
        data = os.urandom(FILE_BYTES)
        sha256 = hashlib.sha256(data).hexdigest()
        path, offset = f"/api/v1/files/{sha256}", 0
        while offset < len(data):
            headers = {
                **self.phone.headers,
                "Content-Type": "image/jpeg",
                "Upload-Offset": str(offset),
                "Upload-Length": str(len(data)),
                "X-File-Kind": "photo",
            }
            answer = self._request("PUT", path, headers, data[offset : offset + CHUNK_BYTES])
            if answer is None:
                answer = self._request("HEAD", path, self.phone.headers, b"", careful=True)
            if answer is not None:
                offset = int(answer[1].get("Upload-Offset", "0"))
        self.files.add(sha256)
        self.events["files"] += 1

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, *, careful: bool = False
    ) -> tuple[int, http.client.HTTPMessage, bytes] | None:
        """Return status, headers and body, or None when the link broke on the way."""
        fate = 1.0 if careful else self.random.random()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.putrequest(method, path)
            for name, text in {**headers, "Content-Length": str(len(body))}.items():
                connection.putheader(name, text)
            connection.endheaders()
            if fate < CUT_SHARE:
                connection.send(body[: self.random.randint(0, len(body))])
                self.events["cut in the middle"] += 1
                return None
            connection.send(body)
            if fate < CUT_SHARE + LOST_ANSWER_SHARE:
                self.events["answer lost"] += 1
                return None
            response = connection.getresponse()
            if response.status >= 500:
                raise RuntimeError(f"{method} {path}: {response.status}")
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def main() -> int:
    """Run for some minutes; exit 1 when something was lost, doubled or broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="jejak-sinyal-soak-") as folder:
        settings = make_instance(Path(folder) / "instance")
        phones = enrol_phones(settings, PHONES)
        with run_server(settings) as (port, pid):
            ends = time.monotonic() + minutes * 60
            travellers = [Traveller(port, phone, ends, n) for n, phone in enumerate(phones)]
            for traveller in travellers:
                traveller.start()
            for traveller in travellers:
                traveller.join()
            memory = memory_mib(pid)
        faults = [f"{one.phone.username}: {one.failure}" for one in travellers if one.failure]
        faults += _look(settings.database, travellers)
    events = sum((traveller.events for traveller in travellers), Counter())
    print(", ".join(f"{count} {name}" for name, count in sorted(events.items())))
    print(f"Memory of the worker at the end: {memory:.0f} MiB.")
    for fault in faults:
        print(fault, file=sys.stderr)
    print("Nothing was lost or doubled." if not faults else f"{len(faults)} faults.")
    return 1 if faults else 0


def _look(database: Path, travellers: list[Traveller]) -> list[str]:
    """Return what differs between what was acknowledged and what the store holds."""
    connection = connect(database, read_only=True)
    faults = []
    for name, sent, sql in (
        (
            "visits",
            {i for one in travellers for i in one.visits},
            "SELECT record_id FROM revisions",
        ),
        ("files", {i for one in travellers for i in one.files}, "SELECT sha256 FROM files"),
    ):
        held = [row[0] for row in connection.execute(sql)]
        if missing := sent - set(held):
            faults.append(f"{len(missing)} acknowledged {name} are missing")
        if len(held) != len(set(held)):
            faults.append(f"{name} are there twice")
    faults += [f"the audit breaks at {seq}" for seq in find_chain_breaks(connection)]
    try:
        (state,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        state = str(error)
    if state != "ok":
        faults.append(f"integrity check: {state}")
    connection.close()
    return faults


if __name__ == "__main__":
    sys.exit(main())
