"""The server is lost for good: restored from replica or backup, and phones bring the rest.

Real servers, the real Litestream, SIGKILL of both under load. What the restored server lacks is
printed as the recovery point; after the phones have sent again nothing may be lost.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from survey.domain.instants import milliseconds_between, system_now
from tests.browser.server_process import ServerProcess
from tests.factories import add_staff, enrol_officer
from tests.faults.checker import Findings, Save, check
from tests.faults.load import Desk, Phone, Watch, start_work
from tests.faults.restored import (
    find_store_id,
    lose,
    move_to_restored,
    run_survey,
    send_all_again,
    wait_until_replicated,
)
from tests.faults.tally import record_tally
from tests.replica_kit import need_litestream

LOSSES = int(os.environ.get("LOSSES", "2"))
SEED = int(os.environ.get("SEED", "0")) or int.from_bytes(os.urandom(3))
PHONES = 3
ANSWERS = 40
WAIT_S = 60


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "instance")
    yield process
    process.stop()


@pytest.fixture
def workers(server: ServerProcess) -> list[Phone | Desk]:
    store = server.open_store()
    phones = [
        Phone(enrol_officer(store, server.settings, f"petugas{n}", system_now()), Random(SEED + n))
        for n in range(PHONES)
    ]
    add_staff(store, "yanti", "supervisor")
    store.close()
    return [*phones, Desk("yanti", phones)]


def phones_of(workers: list[Phone | Desk]) -> list[Phone]:
    return [worker for worker in workers if isinstance(worker, Phone)]


def saves_of(workers: list[Phone | Desk]) -> list[Save]:
    return [save for phone in phones_of(workers) for save in phone.saves]


def work(
    server: ServerProcess, workers: list[Phone | Desk], answers: int, then: Callable[[], object]
) -> None:
    """Let all work, strike in the middle of it, and wait until all noticed."""
    watch = Watch()
    threads = start_work(server.port, workers, watch)
    for _ in range(answers):
        assert watch.answers.acquire(timeout=WAIT_S), [worker.odd for worker in workers]
    then()
    lose(server)
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()
    assert [worker.odd for worker in workers] == [[]] * len(workers)


@dataclass
class Point:
    """How far back a restore was: what it lacked, and for how many seconds of work."""

    records: int
    files: int
    seconds: float


def come_back(
    server: ServerProcess, workers: list[Phone | Desk], source: Path, instance: Path
) -> tuple[Point, Findings]:
    """Restore and let the phones send; return what was lost before and after they did."""
    killed_at = system_now()
    said = move_to_restored(server, source, instance)
    as_of = re.search(r"as of (\S+Z)\.", said)
    assert as_of, said
    before = check(server.settings, saves_of(workers), workspace=server.settings.instance)
    assert before.damaged == before.duplicated == 0, before.details
    server.start()
    for worker in workers:
        if isinstance(worker, Desk):
            worker.cookie = ""  # whoever signed in after that moment signs in again
        else:
            send_all_again(server, worker)
    after = check(server.settings, saves_of(workers))
    assert after.details == []
    store = server.open_store()
    held = [row[0] for row in store.reader().execute("SELECT sha256 FROM revisions")]
    store.close()
    assert sorted(held) == sorted({save.sha256 for save in saves_of(workers)})
    records = sum("record " in line for line in before.details)
    seconds = milliseconds_between(as_of[1], killed_at) / 1_000
    return Point(records, before.lost - records, seconds), after


def tell(
    record_property: Callable[[str, object], None],
    name: str,
    moments: int,
    points: list[Point],
    after: Findings,
) -> None:
    """Note the count, and the recovery point in the name of the fault."""
    records, files = sum(one.records for one in points), sum(one.files for one in points)
    seconds = max(one.seconds for one in points)
    lacked = f"lacked {records} records, {files} files of {seconds:.1f} s"
    sys.stdout.write(f"recovery point: {name} {lacked}\n")
    record_tally(
        record_property,
        fault=f"server restored from {name} ({lacked})",
        moments=moments,
        **after.counts,
    )


def test_a_server_lost_under_load_comes_back_from_its_replica(
    server: ServerProcess,
    workers: list[Phone | Desk],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    need_litestream()
    replica, random = tmp_path / "replika", Random(SEED)
    server.environ["SURVEY_REPLICA"] = str(replica)
    server.start()
    points: list[Point] = []
    for number in range(LOSSES):
        wait_until_replicated(server)
        store_id = find_store_id(server)
        # The replica has some of this work, and is followed for a while more.
        work(
            server,
            workers,
            ANSWERS,
            lambda: (wait_until_replicated(server), time.sleep(random.uniform(0, 1.5))),
        )
        point, after = come_back(server, workers, replica, tmp_path / f"baru{number}")
        assert find_store_id(server) != store_id
        assert point.records < after.records, "nothing was replicated"
        points.append(point)
    assert after.records > LOSSES * ANSWERS / 2
    tell(record_property, "its replica", LOSSES, points, after)


def test_a_server_lost_under_load_comes_back_from_yesterday_s_backup(
    server: ServerProcess,
    workers: list[Phone | Desk],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    backups = tmp_path / "cadangan"
    server.start()
    work(
        server,
        workers,
        ANSWERS,
        # While phones and office are at work; and they go on after it.
        lambda: (run_survey(server, "backup", str(backups)), time.sleep(0.3)),
    )
    first = len(saves_of(workers))
    server.start()
    work(server, workers, ANSWERS, lambda: None)
    assert len(saves_of(workers)) > first
    point, after = come_back(server, workers, backups, tmp_path / "baru")
    assert 0 < point.records < after.records
    tell(record_property, "yesterday's backup", 1, [point], after)
