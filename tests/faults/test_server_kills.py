"""The server is killed in the middle of its work: what it acknowledged is there afterwards.

A real `survey serve`, real connections, SIGKILL at moments drawn by a printed seed. `KILLS=100`
and `SEED=41` in the environment of pytest are for people with time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from survey.domain.instants import system_now
from survey.services.verifying import Receipt, verify
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.browser.server_process import ServerProcess
from tests.factories import add_staff, enrol_officer
from tests.faults.load import (
    AT_A_DECISION,
    AT_A_LAST_CHUNK,
    BEFORE_THE_ANSWER,
    IN_A_BODY,
    Client,
    Desk,
    Phone,
    Watch,
    start_work,
)
from tests.faults.tally import record_tally

KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("SEED", "0")) or int.from_bytes(os.urandom(3))
PHONES = 4
ANSWERS_BEFORE_A_KILL = (6, 24)
IN_A_COMMIT = "in the middle of a commit"
MOMENTS = (IN_A_BODY, BEFORE_THE_ANSWER, AT_A_LAST_CHUNK, AT_A_DECISION, IN_A_COMMIT, "any time")
WAIT_S = 60

pytestmark = pytest.mark.xdist_group("kills")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "instance")
    yield process
    process.stop()


def spin_until(happened: Callable[[], bool], seconds: float) -> bool:
    """Return at once when something happened: sleeping would miss the moment."""
    end = time.monotonic() + seconds
    while not (seen := happened()) and time.monotonic() < end:
        pass
    return seen


def wait_for(moment: str, watch: Watch, server: ServerProcess, random: Random) -> None:
    """Return at the moment of the blow."""
    if moment == "any time":
        time.sleep(random.uniform(0, 0.1))
    elif moment == IN_A_COMMIT:
        # The log is written before the disk has it and long before anybody is answered.
        log = server.settings.database.with_name("survey.db-wal")
        before = log.stat().st_mtime_ns
        assert spin_until(lambda: log.stat().st_mtime_ns != before, WAIT_S), "nobody commits"
    else:
        watch.want(moment)
        watch.wait()
        if moment == AT_A_LAST_CHUNK:
            # In half of the cases between the bytes in their place and the row that names them.
            place = FileRoom(server.settings.instance).path_of(watch.seen["name"])
            spin_until(place.exists, random.choice([0.02, 0.0005]))
        elif moment != IN_A_BODY:
            time.sleep(random.uniform(0, 0.004))


def work_until_killed(
    server: ServerProcess, workers: list[Phone | Desk], moment: str, random: Random
) -> None:
    watch = Watch()
    threads = start_work(server.port, workers, watch)
    for _ in range(random.randint(*ANSWERS_BEFORE_A_KILL)):
        assert watch.answers.acquire(timeout=WAIT_S), [worker.odd for worker in workers]
    wait_for(moment, watch, server, random)
    server.kill()
    watch.end()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()


def assert_told_so(server: ServerProcess, phone: Phone) -> None:
    """Ask by the wire for everything this phone was told is safe since the last time."""
    client = Client(server.port)
    headers = {**phone.enrolled.headers, "Content-Type": "application/json"}
    asked = [{"id": one["id"], "sha256": one["sha256"]} for one in phone.receipts[phone.checked :]]
    phone.checked = len(phone.receipts)
    body = json.dumps({"records": asked}).encode()
    _, _, data = client.ask("POST", "/api/v1/records/status", body, headers)
    assert all(one["known"] for one in json.loads(data)["records"])
    for name, offset in phone.offsets.items():
        if name in phone.looked_at:
            continue
        whole = offset == len(phone.data[name])
        status, answered, _ = client.ask("HEAD", f"/api/v1/files/{name}", b"", headers)
        if status == 404:
            # Never answered; or whole and durable, but killed before its row: then the next
            # piece finds it known.
            here = FileRoom(server.settings.instance).stored_size(name)
            assert not whole
            assert not offset or here == len(phone.data[name])
            continue
        assert status == 200
        assert int(answered["Upload-Offset"]) >= offset
        if whole:
            _, _, data = client.ask("GET", f"/api/v1/files/{name}", b"", headers)
            assert data == phone.data[name]
            phone.looked_at.add(name)
    client.close()


def assert_store_is_whole(store: Store, server: ServerProcess, phones: list[Phone]) -> None:
    receipts = [Receipt(one["id"], one["sha256"]) for phone in phones for one in phone.receipts]
    report = verify(store, FileRoom(server.settings.instance), system_now(), receipts)
    assert report.damage == []
    # Nothing of a killed upload is left over: every file under way was finished.
    assert report.leftovers == []
    kept = [row[0] for row in store.reader().execute("SELECT sha256 FROM revisions")]
    assert len(kept) == len(set(kept))
    assert set(kept) == {receipt.sha256 for receipt in receipts}
    files = {row[0] for row in store.reader().execute("SELECT sha256 FROM files")}
    assert files == {name for phone in phones for name in phone.data}


def assert_decided_once(store: Store, desk: Desk) -> None:
    decided = [row[0] for row in store.reader().execute("SELECT visit_id FROM reviews")]
    assert len(decided) == len(set(decided))
    assert set(desk.decided) <= set(decided)


def test_everything_acknowledged_survives_kills_of_the_server(
    server: ServerProcess, record_property: Callable[[str, object], None]
) -> None:
    sys.stdout.write(f"seed {SEED}\n")
    random = Random(SEED)
    store = server.open_store()
    phones = [
        Phone(
            enrol_officer(store, server.settings, f"petugas{number}", system_now()),
            Random(random.random()),
        )
        for number in range(PHONES)
    ]
    add_staff(store, "yanti", "supervisor")
    store.close()
    desk = Desk("yanti", phones)
    workers: list[Phone | Desk] = [*phones, desk]
    for number in range(KILLS):
        server.start()
        for phone in phones:
            assert_told_so(server, phone)
        work_until_killed(server, workers, MOMENTS[number % len(MOMENTS)], random)
        assert [worker.odd for worker in workers] == [[]] * len(workers)
    server.start()
    client = Client(server.port)
    for phone in phones:
        assert_told_so(server, phone)
        phone.send_rest(client)
        assert not phone.odd
    client.close()
    server.stop()
    store = server.open_store()
    assert_store_is_whole(store, server, phones)
    assert_decided_once(store, desk)
    store.close()
    record_tally(
        record_property,
        fault="kill -9 of the server",
        moments=KILLS,
        records=len({one["sha256"] for phone in phones for one in phone.receipts}),
        files=sum(len(phone.data) for phone in phones),
    )
