"""A new version comes to a phone with unsent records: a good one, a broken one, none at all.

The new versions are real ones, served by a real server from a changed copy of the source.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser_process import BrowserProcess
from tests.browser.server_process import ServerProcess
from tests.browser.waiting import wait_in_page
from tests.faults.field import FieldPhone
from tests.faults.kinds import Answer
from tests.faults.proxy import Proxy
from tests.faults.tally import record_tally
from tests.faults.versions import DEVICE, OFFICER, make_version, next_schema

VISITS, PHOTOS = 3, 2
INSTALL_MS = 60_000
"""A worker that installs a version fetches and hashes every file: long on a busy machine."""
ADD_A_STORE = 'connection.createObjectStore("later", { keyPath: "id" });'
ADD_AN_INDEX = 'transaction.objectStore("records").createIndex("by_kind", "kind");'
BREAK = 'transaction.objectStore("records").createIndex("one", "kind", { unique: true });'
OLD_TAB_SAVED = """
(async () => {
  const result = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const all = await indexedDB.databases();
  const { name } = all.find((one) => one.name.startsWith("jejak-officer-"));
  const database = await result(indexedDB.open(name));
  const drafts = await result(database.transaction("drafts").objectStore("drafts").getAll());
  database.close();
  return drafts.some((draft) => draft.note === "dari versi lama");
})()
"""

DATABASES = """
async () => {
  const found = [];
  for (const { name, version } of await indexedDB.databases()) {
    if (!name.startsWith("jejak-officer-")) continue;
    const open = indexedDB.open(name);
    await new Promise((done) => { open.onsuccess = done; });
    found.push([version, [...open.result.objectStoreNames].includes("later")]);
    open.result.close();
  }
  return found;
}
"""
NO_WORKER = """
async () => (await navigator.serviceWorker.getRegistrations()).length === 0
  && (await caches.keys()).length === 0
"""
NEXT_IS_HERE = """
async () => {
  const registration = await navigator.serviceWorker.getRegistration("/app");
  await registration.update();
  return registration.waiting !== null;
}
"""


@pytest.fixture
def field(tmp_path: Path, phone_browser: BrowserProcess) -> Iterator[FieldPhone]:
    """An enrolled phone with unsent visits and photos; the wire answers 503."""
    server = ServerProcess(tmp_path / "instance")
    with Proxy(server.port) as proxy, ExitStack() as ends:
        server.environ["SURVEY_PUBLIC_URL"] = proxy.url
        ends.callback(server.stop)
        ends.callback(phone_browser.close)
        server.start()
        phone_browser.context.set_default_timeout(INSTALL_MS)
        phone = FieldPhone(phone_browser, server, proxy)
        phone.enrol()
        proxy.set(Answer(503), path="/api/v1/")
        phone.save("sebelum", visits=VISITS, photos=PHOTOS)
        yield phone


def serve_next(field: FieldPhone, source: Path | None) -> None:
    """Let the office's server be replaced by another version."""
    field.server.stop()
    field.server.source = source
    field.server.start()


def send_everything(field: FieldPhone) -> None:
    """Let the wire work again and send."""
    field.proxy.clear()
    field.officer.open("sending")
    field.send_now()
    field.wait_until_sent()


def note_tally(
    record_property: Callable[[str, object], None], field: FieldPhone, fault: str, moments: int
) -> None:
    findings = field.assert_all_arrived(deep=True)
    record_tally(record_property, fault=fault, moments=moments, **findings.counts)


def exported(page: Page) -> list[dict[str, object]]:
    with page.expect_download() as waiting:
        page.locator('[data-export="unsent"]').click()
    return [json.loads(line) for line in waiting.value.path().read_text("utf-8").splitlines()]


def wait_for_rescue(page: Page) -> None:
    """Wait until a failed upgrade led to the rescue page and it lists what is here."""
    page.wait_for_url("**/app/rescue?upgrade")
    expect(page.locator('[data-update="failed"]')).to_be_visible()
    expect(page.locator('#people [data-fill="unsent"]')).to_have_text(str(VISITS))


def test_a_new_version_with_a_new_schema_keeps_what_is_unsent(
    field: FieldPhone, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    officer, page = field.officer, field.officer.page
    officer.begin_visit("lubuk rasak")
    officer.find("note").fill("baru mulai")
    old_tab = field.browser.context.new_page()
    old_tab.goto(page.url)
    expect(old_tab.get_by_test_id("note")).to_have_value("baru mulai")
    before = field.state()
    changes = {OFFICER: next_schema(2, ADD_A_STORE + ADD_AN_INDEX)}
    serve_next(field, make_version(tmp_path / "next", changes))

    # It waits: the old version runs on, also over a reload.
    page.reload()
    ready = officer.find("update-ready")
    expect(ready).to_contain_text(str(VISITS + PHOTOS), timeout=INSTALL_MS)
    page.reload()
    expect(ready).to_be_visible(timeout=INSTALL_MS)
    assert page.evaluate(DATABASES) == [[1, False]]
    officer.find("update-apply").click()
    told = officer.find("update-result")
    expect(told).to_contain_text(f"sebelumnya: {VISITS + PHOTOS}", timeout=INSTALL_MS)
    expect(told).to_contain_text(f"sesudahnya: {VISITS + PHOTOS}")
    assert page.evaluate(DATABASES) == [[2, True]]
    after = field.state()
    assert (after.saves, after.damage, after.drafts) == (before.saves, [], before.drafts)

    # The tab with the old code works on, on the new schema.
    old_tab.bring_to_front()
    old_tab.get_by_test_id("note").fill("dari versi lama")
    old_tab.get_by_test_id("back").click()
    expect(old_tab.get_by_test_id("drafts")).to_be_visible()
    wait_in_page(old_tab, OLD_TAB_SAVED)
    old_tab.close()
    page.reload()
    expect(officer.find("note")).to_have_value("dari versi lama")
    send_everything(field)
    note_tally(record_property, field, "app update with unsent records", 1)


def test_a_failed_upgrade_leads_to_the_rescue_page_and_keeps_the_database(
    field: FieldPhone, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    officer, page = field.officer, field.officer.page
    broken = {OFFICER: next_schema(2, ADD_A_STORE + BREAK)}
    serve_next(field, make_version(tmp_path / "broken", broken))
    page.reload()
    officer.find("update-apply").click()

    wait_for_rescue(page)
    assert page.evaluate(DATABASES) == [[1, False]]
    assert set(field.state().saves) == set(field.ledger)
    lines = exported(page)
    records = {line["sha256"] for line in lines if line["type"] == "record"}
    assert records == {save.sha256 for save in field.ledger}
    data = [base64.b64decode(str(line["data"])) for line in lines if line["type"] == "file"]
    files = {hashlib.sha256(one).hexdigest() for one in data}
    assert files == {name for save in field.ledger for name in save.files}

    # Trying again changes nothing. The next versions can be had from here: one that breaks on the
    # phone's own database, one that cannot start at all, and the cure.
    with page.expect_navigation(url="**/app"):
        page.get_by_role("link", name="Buka aplikasi").click()
    wait_for_rescue(page)
    broken = {DEVICE: next_schema(2, 'throw new TypeError("planned");')}
    serve_next(field, make_version(tmp_path / "broken-too", broken))
    page.reload()
    with page.expect_navigation(url="**/app"):
        page.locator("button[data-take]").click()
    wait_for_rescue(page)
    expect(page.locator('#people [data-fill="name"]')).to_have_text("Sari")
    stuck = {"static/app.js": {"await loadDuty();": 'throw new TypeError("planned");'}}
    serve_next(field, make_version(tmp_path / "stuck", stuck))
    page.reload()
    page.locator("button[data-take]").click()
    expect(officer.find("fatal")).to_be_visible(timeout=INSTALL_MS)
    cured = {OFFICER: next_schema(3, ADD_A_STORE), DEVICE: next_schema(3, "")}
    serve_next(field, make_version(tmp_path / "cured", cured))
    page.wait_for_function(NEXT_IS_HERE)
    officer.find("fatal").locator("button").click()
    expect(officer.find("search")).to_be_visible(timeout=INSTALL_MS)
    assert page.evaluate(DATABASES) == [[3, True]]
    assert set(field.state().saves) == set(field.ledger)
    send_everything(field)
    # What the planned mistakes themselves printed.
    field.complaints.clear()
    field.browser.console_errors.clear()
    note_tally(record_property, field, "failed upgrade of the phone's storage", 3)


def test_the_kill_switch_keeps_the_records_and_the_app_comes_back_and_sends(
    field: FieldPhone, record_property: Callable[[str, object], None]
) -> None:
    officer, page = field.officer, field.officer.page
    field.server.environ["SURVEY_KILL_SWITCH"] = "1"
    serve_next(field, None)
    page.reload()
    page.wait_for_function(NO_WORKER)
    assert set(field.state().saves) == set(field.ledger)

    # Without a worker the app is a page like any other: it saves and sends while the server is
    # there.
    officer.open("sending")
    page.reload()
    expect(officer.find("send-now")).to_be_enabled()
    send_everything(field)
    field.assert_all_arrived()
    field.save("tanpa pekerja", visits=1)

    del field.server.environ["SURVEY_KILL_SWITCH"]
    serve_next(field, None)
    page.reload()
    officer.wait_until_ready_offline()
    field.server.stop()
    page.reload()
    expect(officer.find("send-now")).to_be_enabled()
    field.save("tanpa jaringan", visits=1)
    field.server.start()
    send_everything(field)
    note_tally(record_property, field, "kill switch with unsent records", 1)
