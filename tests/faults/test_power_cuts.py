"""The power is cut: what was told as saved or acknowledged is on the disk that is left.

Where mounting is refused these tests are skipped, and the end of the run says so.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Playwright

from survey.domain.instants import system_now
from tests.browser.browser_process import PHONE, BrowserProcess
from tests.browser.server_process import ServerProcess
from tests.factories import add_staff, enrol_officer
from tests.faults.busy_phone import BusyPhone, assert_all_is_there
from tests.faults.checker import check
from tests.faults.load import Client, Desk, Phone, Watch, start_work
from tests.faults.phone import read_phone
from tests.faults.power import Disk
from tests.faults.tally import record_tally
from tests.faults.witness import Witness

CUTS = int(os.environ.get("CUTS", "3"))
SEED = int(os.environ.get("SEED", "0")) or int.from_bytes(os.urandom(3))
SERVER_CUTS = int(os.environ.get("CUTS", "2"))
PHONES = 3
WAIT_S = 60

pytestmark = pytest.mark.xdist_group("kills")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with Disk(tmp_path) as mounted:
        yield mounted


@pytest.fixture
def phone_browser(disk: Disk, playwright: Playwright) -> Iterator[BrowserProcess]:
    browser = BrowserProcess(playwright, disk.place / "profile", {**PHONE, "bypass_csp": True})
    yield browser
    browser.close()


@pytest.fixture
def server_on_disk(disk: Disk) -> Iterator[ServerProcess]:
    server = ServerProcess(disk.place / "instance")
    yield server
    server.kill()


def test_everything_saved_survives_power_cuts_of_the_phone(
    server: ServerProcess,
    disk: Disk,
    phone_browser: BrowserProcess,
    record_property: Callable[[str, object], None],
) -> None:
    sys.stdout.write(f"seed {SEED}\n")
    random = Random(SEED)
    browser = phone_browser
    with Witness() as witness:
        phone = BusyPhone(browser, server, witness)
        for number in range(CUTS):
            phone.work(f"padam {number}")
            browser.page.wait_for_timeout(random.uniform(300, 1_500))
            disk.cut(lambda: browser.send_signal(signal.SIGSTOP), browser.kill)
            phone.come_back()
            assert witness.of("wrong") == []
            assert_all_is_there(phone, f"padam {number}")
    phone.officer.open("home")
    phone.officer.send_now()
    phone.officer.wait_until_sent()
    state = read_phone(phone.officer.page)
    assert state.outbox == []
    findings = check(server.settings, state.saves, all_of_it=True)
    assert findings.details == []
    record_tally(record_property, fault="power cut of the phone", moments=CUTS, **findings.counts)


def test_everything_acknowledged_survives_power_cuts_of_the_server(
    tmp_path: Path,
    disk: Disk,
    server_on_disk: ServerProcess,
    record_property: Callable[[str, object], None],
) -> None:
    sys.stdout.write(f"seed {SEED}\n")
    random = Random(SEED)
    server = server_on_disk
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
    workers: list[Phone | Desk] = [*phones, Desk("yanti", phones)]
    for _ in range(SERVER_CUTS):
        server.start()
        watch = Watch()
        threads = start_work(server.port, workers, watch)
        for _ in range(random.randint(10, 40)):
            assert watch.answers.acquire(timeout=WAIT_S)
        disk.cut(server.freeze, server.kill)
        for thread in threads:
            thread.join(WAIT_S)
        assert [worker.odd for worker in workers] == [[]] * len(workers)
        verify_receipts(server, phones, tmp_path / "receipts.json")
        for phone in phones:
            phone.forget_pieces()
    server.start()
    client = Client(server.port)
    for phone in phones:
        phone.send_rest(client)
        assert not phone.odd
    client.close()
    server.stop()
    findings = check(server.settings, [save for one in phones for save in one.saves])
    assert findings.details == []
    record_tally(
        record_property, fault="power cut of the server", moments=SERVER_CUTS, **findings.counts
    )


def verify_receipts(server: ServerProcess, phones: list[Phone], file: Path) -> None:
    """Let `survey verify` look for everything that was acknowledged, before any start."""
    receipts = [
        {"id": one["id"], "sha256": one["sha256"]} for phone in phones for one in phone.receipts
    ]
    assert receipts
    file.write_text(json.dumps(receipts), "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "survey", "verify", "--receipts", str(file)],
        env=server.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert result.returncode == 0, result.stderr
    assert f"receipts: {len(receipts)} checked" in result.stdout
