"""The screen "Penyelamatan": what is only on the phone leaves it as text, in parts, as a ZIP."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from survey.domain.instants import system_now
from survey.services.accounts import create_user
from survey.services.enrolling import create_code
from tests.browser.browser_process import BrowserProcess
from tests.browser.officer import Officer
from tests.browser.seeded_phone import officer_row, seed_visits
from tests.browser.server_process import ServerProcess
from tests.browser.test_phone_screens import check
from tests.browser.waiting import wait_in_page
from tests.faults.tally import record_tally

Note = Callable[[str, object], None]

HOUR_MS = 3_600_000
BUDI = officer_row("01970000-0000-7000-8000-00000000000a", "Budi Santoso")
OFFER = """
async () => {
  const src = document.querySelector('script[type="module"]').src;
  return (await import(new URL("ui/rescue/risk.js", src).href)).currentOffer();
}
"""
# Chrome's share sheet: text is taken, a ZIP is not; what it does is under the test's control.
SHEET = """
window.sheet = { asked: [], shared: [], fail: [] };
navigator.canShare = ({ files }) => {
  window.sheet.asked.push(files.map((file) => `${file.name} ${file.type}`));
  return files.every((file) => file.type === "text/plain");
};
navigator.share = async ({ files }) => {
  const error = window.sheet.fail.shift();
  if (error) throw new DOMException(error, error);
  for (const file of files) {
    window.sheet.shared.push({ name: file.name, type: file.type, text: await file.text() });
  }
};
"""
STORED = """
async (id) => {
  const src = document.querySelector('script[type="module"]').src;
  const { openOfficer } = await import(new URL("storage/officer.js", src).href);
  const all = (store) => openOfficer(id).read([store], (tx) => new Promise((done) => {
    const request = tx.objectStore(store).getAll();
    request.onsuccess = () => done(request.result);
  }));
  return { records: await all("records"), files: await all("files") };
}
"""


@pytest.fixture
def phone(server: ServerProcess, phone_browser: BrowserProcess) -> Iterator[Page]:
    page = phone_browser.page
    page.goto(f"{server.url}/app")
    yield page
    assert phone_browser.console_errors == []


def open_screen(page: Page, server: ServerProcess, screen: str) -> None:
    """Open the app anew at a screen and wait until it has counted what is unsent."""
    page.goto(f"{server.url}/app#{screen}")
    page.reload()
    expect(page.get_by_test_id("pill-text")).not_to_have_text("Melihat isi HP…")


def known_officers(server: ServerProcess, *names: str) -> list[dict[str, Any]]:
    """Make officers at the office and return them as a phone keeps them."""
    store = server.open_store()
    now = system_now()
    people = [
        create_user(store, f"petugas{n}", name, ["officer"], now, actor="cli")
        for n, name in enumerate(names)
    ]
    store.close()
    return [officer_row(user.id, user.name) for user in people]


def import_files(server: ServerProcess, *files: Path) -> str:
    """Run `survey import` and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "survey", "import", *map(str, files)],
        env=server.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def count(server: ServerProcess, table: str) -> int:
    store = server.open_store()
    try:
        number: int = store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return number
    finally:
        store.close()


def tell(note: Note, server: ServerProcess, fault: str, moments: int, hashes: list[str]) -> None:
    """Note what came of a rescue: every record of the phone, and two files for each photo."""
    store = server.open_store()
    held = Counter(row[0] for row in store.reader().execute("SELECT sha256 FROM revisions"))
    store.close()
    lost = len(set(hashes) - set(held))
    doubled = held.total() - len(held)
    record_tally(
        note,
        fault=fault,
        moments=moments,
        records=len(hashes),
        files=count(server, "files"),
        lost=lost,
        duplicated=doubled,
    )
    assert [lost, doubled] == [0, 0]


def save_download(page: Page, control: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_test_id(control).click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def test_text_and_zip_hold_the_same_and_the_office_takes_both_once(
    server: ServerProcess, phone: Page, tmp_path: Path, record_property: Note
) -> None:
    people = known_officers(server, "Budi Santoso", "Siti Nur")
    hashes = seed_visits(phone, *people, visits=4, photos=2, ago_ms=2 * HOUR_MS)
    open_screen(phone, server, "home")
    phone.get_by_role("button", name="Budi Santoso").click()
    expect(phone.get_by_test_id("search")).to_be_visible()
    open_screen(phone, server, "rescue")
    expect(phone.get_by_test_id("rescue-held")).to_contain_text("4 kunjungan dan 8 foto")
    expect(phone.get_by_test_id("steps-document")).to_be_visible()
    check(phone, "rescue")
    text = save_download(phone, "save-1", tmp_path)
    expect(phone.get_by_test_id("part-1")).to_have_attribute("data-state", "saved")
    packed = save_download(phone, "zip", tmp_path)
    expect(phone.get_by_test_id("zip-done")).to_be_visible()
    check(phone, "rescue done")
    day = phone.evaluate("new Date().toLocaleDateString('en-CA', { timeZone: 'Asia/Jakarta' })")
    assert text.name == f"jejak-sinyal_BudiSantoso-SitiNur_{day}_4-kunjungan.txt"
    assert packed.name == f"jejak-sinyal_BudiSantoso-SitiNur_{day}_4-kunjungan.zip"
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[0] == "records.txt"
        assert len(names) == 1 + 4 * 2 * 2
        for name in names[1:]:
            assert hashlib.sha256(archive.read(name)).hexdigest() == name[6:70]
    import_files(server, packed)
    assert [count(server, "revisions"), count(server, "files")] == [4, 16]
    import_files(server, text)
    assert [count(server, "revisions"), count(server, "files")] == [4, 16]
    tell(record_property, server, "rescue file, ZIP and text", 2, hashes)


def test_the_share_sheet_gets_text_under_a_name_and_may_ask_for_another_tap(
    server: ServerProcess, phone: Page
) -> None:
    phone.add_init_script(SHEET)
    seed_visits(phone, BUDI, visits=2, ago_ms=2 * HOUR_MS)
    open_screen(phone, server, "rescue")
    share, part = phone.get_by_test_id("share-1"), phone.get_by_test_id("part-1")
    expect(share).to_be_visible()
    assert phone.evaluate("sheet.asked")[0] == ["jejak-sinyal.txt text/plain"]
    phone.evaluate("sheet.fail.push('NotAllowedError', 'AbortError')")
    share.click()
    expect(part).to_have_attribute("data-state", "tap_again")
    share.click()
    expect(part).to_have_attribute("data-state", "waiting")
    phone.evaluate("sheet.fail.push('DataError')")
    share.click()
    expect(part).to_have_attribute("data-state", "failed")
    share.click()
    expect(part).to_have_attribute("data-state", "shared")
    [shared] = phone.evaluate("sheet.shared")
    assert shared["type"] == "text/plain"
    assert shared["name"].startswith("jejak-sinyal_BudiSantoso_")
    assert shared["name"].endswith("_2-kunjungan.txt")
    assert shared["text"].startswith('{"type":"header","format":"jejak-sinyal-rescue"')
    assert shared["text"].count('"type":"record"') == 2
    phone.get_by_test_id("how-share").locator("summary").click()
    expect(phone.get_by_test_id("steps-share").locator("svg")).to_have_count(3)
    check(phone, "rescue with a share sheet")


def test_much_comes_in_parts_that_the_office_takes_in_any_order(
    server: ServerProcess, phone: Page, tmp_path: Path, record_property: Note
) -> None:
    people = known_officers(server, "Budi Santoso")
    hashes = seed_visits(phone, *people, visits=10, photos=2, size=1_000_000, ago_ms=2 * HOUR_MS)
    open_screen(phone, server, "rescue")
    expect(phone.get_by_test_id("part-2")).to_be_visible()
    check(phone, "rescue in parts")
    parts = [save_download(phone, f"save-{n}", tmp_path) for n in (1, 2)]
    for n, part in enumerate(parts, 1):
        assert part.name.endswith(f"_10-kunjungan_bagian-{n}-dari-2.txt")
    assert max(part.stat().st_size for part in parts) < 25_000_000
    import_files(server, parts[1], parts[0])
    assert [count(server, "revisions"), count(server, "files")] == [10, 40]
    tell(record_property, server, "rescue file in parts", 2, hashes)


def test_a_copy_is_offered_when_there_is_a_danger_and_not_again_that_day(
    server: ServerProcess, phone: Page
) -> None:
    seed_visits(phone, BUDI, visits=2, ago_ms=30 * HOUR_MS)
    open_screen(phone, server, "home")
    offer = phone.get_by_test_id("rescue-offer")
    expect(offer).to_have_attribute("data-risk", "silent")
    expect(offer.get_by_test_id("keep-data")).to_contain_text("Jangan hapus data Chrome")
    check(phone, "home with an offer")
    offer.get_by_test_id("rescue-later").click()
    expect(offer).to_have_count(0)
    wait_in_page(phone, f"({OFFER})().then((found) => found === null)")
    open_screen(phone, server, "home")
    expect(phone.get_by_test_id("search")).to_be_visible()
    assert phone.evaluate(OFFER) is None
    seed_visits(phone, BUDI, visits=201, photos=0, ago_ms=2 * HOUR_MS, start=2)
    expect(offer).to_have_attribute("data-risk", "many")
    offer.get_by_test_id("rescue-go").click()
    expect(phone.get_by_test_id("rescue-held")).to_contain_text("203 kunjungan dan 2 foto")


def test_an_erased_visit_says_so_on_the_phone_and_is_no_longer_unsent(
    server: ServerProcess, phone: Page, phone_browser: BrowserProcess
) -> None:
    store = server.open_store()
    user = create_user(store, "budi", "Budi Santoso", ["officer"], system_now(), actor="cli")
    code = create_code(store, server.settings, user.id, system_now(), actor="cli")
    store.close()
    officer = Officer(phone_browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={code}")
    token = phone.evaluate(
        """
        async () => {
          const src = document.querySelector('script[type="module"]').src;
          const { openDevice, listOfficers } = await import(new URL("storage/device.js", src).href);
          return (await listOfficers(openDevice()))[0].token;
        }
        """
    )
    seed_visits(phone, officer_row(user.id, "Budi Santoso", token), visits=1, ago_ms=HOUR_MS)
    expect(officer.find("pill-text")).to_contain_text("2 belum terkirim")
    officer.send_now()
    officer.wait_until_sent()
    store = server.open_store()
    visit: str = store.reader().execute("SELECT id FROM visits").fetchone()[0]
    store.close()
    subprocess.run(
        [sys.executable, "-m", "survey", "erase", "visit", visit, "--reason", "asked", "--yes"],
        env=server.environ,
        check=True,
        capture_output=True,
    )
    officer.open("mine")
    phone.locator(f"[data-testid=visit-{visit}]").click()
    officer.find("comment").fill("fotonya gelap")
    officer.find("comment-add").click()
    officer.expect_visits("erased")
    officer.wait_until_sent()
    phone.locator(f"[data-testid=visit-{visit}]").click()
    expect(officer.find("record-detail")).to_contain_text("data pribadi")
    expect(officer.find("correct")).to_have_count(0)
    expect(officer.find("comment")).to_have_count(0)
    check(phone, "erased record")
    officer.open("rescue")
    expect(officer.find("rescue-empty")).to_be_visible()
    rows = phone.evaluate(STORED, user.id)
    assert rows["files"] == []
    assert {row["payload"] for row in rows["records"]} == {""}
