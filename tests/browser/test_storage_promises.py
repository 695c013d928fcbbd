"""What the phone promises of its storage, where only a real browser can show it."""

from __future__ import annotations

from playwright.sync_api import expect

from survey.domain.instants import system_now
from survey.services.accounts import create_user
from survey.services.enrolling import create_code
from tests.browser.browser_process import BrowserProcess
from tests.browser.officer import Officer
from tests.browser.seeded_phone import officer_row, seed_visits
from tests.browser.server_process import ServerProcess
from tests.browser.waiting import wait_in_page

BUDI = officer_row("01970000-0000-7000-8000-00000000000a", "Budi Santoso")

# A transaction of another connection that stays open until it is told to end: whatever the app
# writes meanwhile waits behind it, as behind a slow disk.
HOLD = """
async () => {
  const src = document.querySelector('script[type="module"]').src;
  const { openDevice, listOfficers } = await import(new URL("storage/device.js", src).href);
  const [{ id }] = await listOfficers(openDevice());
  const request = indexedDB.open(`jejak-officer-${id}`);
  await new Promise((done) => { request.onsuccess = done; });
  const held = request.result.transaction("records", "readwrite");
  const keep = () => {
    if (window.release) return;
    held.objectStore("records").count().onsuccess = () => { window.turns += 1; keep(); };
  };
  window.turns = 0;
  held.oncomplete = () => request.result.close();
  keep();
}
"""
COUNT = """
async () => {
  const src = document.querySelector('script[type="module"]').src;
  const { openDevice, listOfficers } = await import(new URL("storage/device.js", src).href);
  const { openOfficer } = await import(new URL("storage/officer.js", src).href);
  const { countUnsent } = await import(new URL("storage/visits.js", src).href);
  const [{ id }] = await listOfficers(openDevice());
  return (await countUnsent(openOfficer(id))).records;
}
"""


def enrolled(server: ServerProcess, browser: BrowserProcess) -> Officer:
    store = server.open_store()
    user = create_user(store, "budi", "Budi Santoso", ["officer"], system_now(), actor="cli")
    code = create_code(store, server.settings, user.id, system_now(), actor="cli")
    store.close()
    officer = Officer(browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={code}")
    return officer


def test_saved_is_said_when_it_is_on_the_disk_and_signing_out_only_locks(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    officer = enrolled(server, phone_browser)
    server.kill()
    page = officer.page
    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel")
    officer.answer("telkomsel", "none")
    officer.fill_place()
    officer.take_position()
    page.evaluate(HOLD)
    officer.tap("save")
    wait_in_page(page, "turns > 500")
    expect(officer.find("saved")).to_have_count(0)
    expect(officer.find("visit-form")).to_be_visible()
    page.evaluate("window.release = true")
    expect(officer.find("saved")).to_be_visible()
    assert page.evaluate(COUNT) == 1
    officer.find("saved-home").click()
    officer.go("settings")
    officer.find("sign-out").click()
    expect(officer.find("who")).to_be_visible()
    assert page.evaluate(COUNT) == 1
    page.reload()
    expect(officer.find("who")).to_be_visible()
    page.locator("[data-testid^=officer-]").click()
    officer.expect_visits("held|waiting")
    assert phone_browser.console_errors == []


def test_protection_is_asked_for_and_its_answer_shown_in_words(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    page = phone_browser.page
    page.goto(f"{server.url}/app")
    seed_visits(page, BUDI, visits=1)
    page.goto(f"{server.url}/app#settings")
    page.reload()
    card = page.get_by_test_id("storage")
    expect(card).to_contain_text("Belum terlindungi")
    expect(card).to_contain_text("Jangan hapus data Chrome")
    page.get_by_test_id("persist").click()
    expect(card).to_contain_text("HP belum mengizinkan")
    page.context.new_cdp_session(page).send(
        "Browser.setPermission",
        {
            "permission": {"name": "persistent-storage"},
            "setting": "granted",
            "origin": server.url,
        },
    )
    page.get_by_test_id("persist").click()
    expect(card).to_contain_text("Terlindungi: HP tidak menghapusnya sendiri")
    page.goto(f"{server.url}/app#ready")
    expect(page.get_by_test_id("check-storage")).to_have_attribute("data-good", "true")
    expect(page.get_by_test_id("keep-data")).to_contain_text("pembersih")
    assert phone_browser.console_errors == []
