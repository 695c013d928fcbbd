"""A phone without room: the save in hand still works, then it says so, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import CDPSession, Page, expect

from survey.domain.instants import system_now
from survey.services.enrolling import create_code
from tests.browser.browser_process import BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.factories import add_officer
from tests.faults.checker import check
from tests.faults.phone import read_phone
from tests.faults.tally import record_tally

QUOTA_BYTES = 12_000_000
FULL = "HP penuh"
FILL = """
async () => {
  const open = indexedDB.open("other-apps", 1);
  open.onupgradeneeded = () => open.result.createObjectStore("videos", { autoIncrement: true });
  await new Promise((done) => { open.onsuccess = done; });
  for (let size = 1 << 20; size >= 64; ) {
    const noise = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
    const tx = open.result.transaction("videos", "readwrite", { durability: "strict" });
    tx.objectStore("videos").add(noise.buffer);
    const fits = await new Promise((done) => {
      tx.oncomplete = () => done(true);
      tx.onabort = () => done(false);
    });
    if (!fits) size = size >> 1;
  }
  open.result.close();
}
"""
BEYOND_UNDO = """
() => {
  const clock = Date.now.bind(Date);
  Date.now = () => clock() + 11_000;
}
"""
BALLAST = """
() => new Promise((done) => {
  const open = indexedDB.open("jejak-device");
  open.onsuccess = () => {
    const count = open.result.transaction("ballast").objectStore("ballast").count();
    count.onsuccess = () => { open.result.close(); done(count.result); };
  };
})
"""


def set_quota(cdp: CDPSession, server: ServerProcess, size: int | None) -> None:
    """Give the app so much room; None: as much as the phone has."""
    limit = {} if size is None else {"quotaSize": size}
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": server.url, **limit})


def fill_in(officer: Officer, note: str) -> None:
    officer.take_position()
    officer.answer("telkomsel", "none")
    officer.fill_place()
    officer.find("note").fill(note)


def test_a_full_phone_saves_what_is_in_hand_and_then_says_so(
    server: ServerProcess,
    phone_browser: BrowserProcess,
    photo: Path,
    record_property: Callable[[str, object], None],
) -> None:
    store = server.open_store()
    officer_id = add_officer(store, "sari").id
    code = create_code(store, server.settings, officer_id, system_now(), actor="cli")
    store.close()
    page: Page = phone_browser.page
    cdp = phone_browser.context.new_cdp_session(page)
    # Before the first page: the browser keeps what it knows of the room for half a minute.
    set_quota(cdp, server, QUOTA_BYTES)
    officer = Officer(phone_browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={code}")
    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel")
    fill_in(officer, "penuh sekali")
    assert page.evaluate(BALLAST) == 1
    page.evaluate(FILL)

    # The ballast goes overboard for the photo; the visit is saved as always.
    officer.add_photo(photo)
    officer.save()
    assert page.evaluate(BALLAST) == 0
    first = read_phone(page)
    assert first.damage == []
    assert [len(record.files) for record in first.records] == [2]
    officer.find("saved-home").click()

    # No ballast any more: every way of saving says so, and what is typed stays on the screen.
    officer.begin_visit("lubuk rasak")
    fill_in(officer, "catatan lama")
    expect(officer.find("draft-problem")).to_have_count(0)
    page.evaluate(FILL)
    officer.find("note").fill("catatan baru")
    expect(officer.find("draft-problem")).to_contain_text(FULL)
    officer.find("photo-gallery").set_input_files(str(photo))
    expect(officer.find("photo-problem")).to_contain_text(FULL)
    officer.tap("save")
    expect(officer.find("save-problem")).to_contain_text(FULL)
    expect(officer.find("note")).to_have_value("catatan baru")
    other = phone_browser.context.new_page()
    other.goto(f"{server.url}/app#home")
    other.get_by_test_id("search").fill("simancuang")
    other.locator("[data-testid^=found-]").first.click()
    other.get_by_test_id("new-visit").click()
    expect(other.get_by_test_id("storage-trouble")).to_contain_text(FULL)
    other.close()
    officer.page.bring_to_front()
    now = read_phone(page)
    assert (now.damage, now.saves) == ([], first.saves)

    # Room again: the same tap saves, and everything is sent.
    set_quota(cdp, server, None)
    officer.save()
    officer.find("saved-home").click()
    page.evaluate(BEYOND_UNDO)
    officer.send_now()
    officer.expect_visits("received", "received")
    officer.wait_until_sent()
    state = read_phone(page)
    assert state.outbox == []
    assert any('"catatan baru"' in record.payload for record in state.records)
    findings = check(server.settings, state.saves, all_of_it=True)
    assert findings.details == []
    assert phone_browser.console_errors == []
    record_tally(record_property, fault="full phone", moments=2, **findings.counts)
