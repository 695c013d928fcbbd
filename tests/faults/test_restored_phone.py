"""A real phone whose server was restored: it brings back everything that the copy lacked.

Old visits that were acknowledged long ago, photos that no backup held, a decision that is gone:
by thumb and eye, with the app in chromium, a real server killed, the real Litestream.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from survey.domain.instants import system_now
from survey.services.reviewing import decide
from survey.store.users import find_user_by_name
from survey.store.visit_page import get_visit_row
from tests.browser.browser_process import PHONE, BrowserProcess
from tests.browser.server_process import ServerProcess
from tests.factories import add_staff
from tests.faults.checker import check
from tests.faults.field import FieldPhone
from tests.faults.proxy import Proxy
from tests.faults.restored import (
    find_store_id,
    lose,
    move_to_restored,
    run_survey,
    wait_until_files_replicated,
    wait_until_replicated,
)
from tests.faults.tally import record_tally
from tests.replica_kit import need_litestream

OPEN = """
  const src = document.querySelector('script[type="module"]').src;
  const load = (name) => import(new URL(name, src).href);
  const { listOfficers, openDevice } = await load("storage/device.js");
  const { openOfficer } = await load("storage/officer.js");
  const db = openOfficer((await listOfficers(openDevice()))[0].id);
"""
TIDY = f"""
async (days) => {{
  {OPEN}
  const {{ tidy }} = await load("storage/retention.js");
  return tidy(db, Date.now() + days * 86400000);
}}
"""
"""Makes room as the app does once a day, by a server's clock so many days ahead."""

HEARD = f"""
async ([safe, reviews]) => {{
  {OPEN}
  const all = (store) => db.read([store], (tx) => new Promise((resolve) => {{
    const request = tx.objectStore(store).getAll();
    request.onsuccess = () => resolve(request.result);
  }}));
  const told = (await all("files")).filter((file) => file.safe_at).length;
  const decided = (await all("remote")).filter((row) => row.kind === "review").length;
  return told === safe && decided === reviews;
}}
"""
"""Whether the phone was told that so many files are safe, and knows so many decisions."""


@pytest.fixture
def field(
    playwright: Playwright, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[FieldPhone]:
    """An enrolled phone of its own, with a server that has a replica when it can."""
    server = ServerProcess(tmp_path / "instance")
    if request.param == "replica":
        need_litestream()
        server.environ["SURVEY_REPLICA"] = str(tmp_path / "replika")
    with ExitStack() as ends, Proxy(server.port) as proxy:
        server.environ["SURVEY_PUBLIC_URL"] = proxy.url
        ends.callback(server.stop)
        server.start()
        browser = BrowserProcess(playwright, tmp_path / "profile", PHONE)
        ends.callback(browser.close)
        made = FieldPhone(browser, server, proxy)
        made.enrol()
        yield made


def send(field: FieldPhone) -> None:
    field.send_now()
    field.wait_until_sent()


def hear(field: FieldPhone, *, safe: int, reviews: int) -> None:
    """Send, and wait until the phone has heard what the office had to tell."""
    field.send_now()
    field.officer.page.wait_for_function(HEARD, arg=[safe, reviews], polling=100)
    field.wait_until_sent()


def approve(server: ServerProcess, visit_id: str) -> None:
    """Let a supervisor approve a visit beside the running server."""
    store = server.open_store()
    reader = store.reader()
    if find_user_by_name(reader, "yanti") is None:
        add_staff(store, "yanti", "supervisor")
    reviewer = find_user_by_name(reader, "yanti")
    assert reviewer is not None
    seq = get_visit_row(reader, visit_id)["changed_seq"]
    decide(store, visit_id, "approved", None, reviewer, seq, system_now())
    store.close()


def expect_state(field: FieldPhone, visit_id: str, state: str) -> None:
    """Wait until the phone lists all its visits, and this one in that state."""
    field.officer.open("mine")
    lines = field.officer.page.locator("[data-testid^=visit-][data-state]")
    expect(lines).to_have_count(len({save.record_id for save in field.ledger}))
    line = field.officer.find(f"visit-{visit_id}")
    expect(line).to_have_attribute("data-state", state)
    field.officer.open("sending")
    expect(field.officer.find("send-now")).to_be_enabled()


@pytest.mark.parametrize("field", ["backup", "replica"], indirect=True)
def test_a_phone_brings_back_what_the_restored_server_lacks(
    field: FieldPhone,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    server, kind = field.server, request.node.callspec.params["field"]
    backups, replica = tmp_path / "cadangan", tmp_path / "replika"
    source = replica if kind == "replica" else backups

    # Yesterday: acknowledged, backed up, told safe, and a week later its photo is let go.
    field.save("lama", visits=2, photos=2, bytes_=60_000)
    send(field)
    run_survey(server, "backup", str(backups))
    hear(field, safe=4, reviews=0)
    assert field.officer.page.evaluate(TIDY, 8)["photos"] == 2
    if kind == "replica":
        wait_until_replicated(server)
        wait_until_files_replicated(server, replica)
        server.environ.pop("SURVEY_REPLICA")
        server.stop()  # from here on nothing reaches the replica any more
        server.start()

    # Today: acknowledged, approved, seen on the phone, and in no copy.
    field.save("baru", visits=3, photos=2, bytes_=60_000)
    send(field)
    approved = field.ledger[0].record_id
    approve(server, approved)
    hear(field, safe=4, reviews=1)
    expect_state(field, approved, "approved")
    assert field.officer.page.evaluate(TIDY, 60) == {"photos": 0, "records": 0}
    assert check(server.settings, field.ledger, all_of_it=True).details == []

    store_id = find_store_id(server)
    lose(server)
    said = move_to_restored(server, source, tmp_path / "baru")
    assert re.search(r"2 records, \d+ files, as of ", said), said
    lacked = check(server.settings, field.ledger)
    assert (lacked.lost, lacked.damaged) == (3 + 4, 0)  # three records; two photos, two small ones
    server.start()
    assert find_store_id(server) != store_id

    hear(field, safe=0, reviews=0)  # nothing that the old store said counts any more
    findings = field.assert_all_arrived(deep=True)
    expect_state(field, approved, "received")
    field.officer.open("home")
    expect(field.officer.find("lost-reviews")).to_contain_text("1 keputusan kantor hilang")
    field.officer.find("lost-reviews-read").click()
    expect(field.officer.find("lost-reviews")).not_to_be_visible()

    # What was safe in a backup stays let go; nothing else may go before the next backup.
    kept = {one.sha256: one.held for one in field.state().files if one.kind == "photo"}
    assert sorted(kept.values()) == [False, False, True, True]
    assert field.officer.page.evaluate(TIDY, 60) == {"photos": 0, "records": 0}
    record_tally(
        record_property,
        fault=f"a phone meets a server restored from its {kind} (lacked 3 records, 4 files)",
        moments=1,
        **findings.counts,
    )
