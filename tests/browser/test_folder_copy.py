"""The automatic copy into a folder: after each save, in nobody's way, fit for `survey import`.

The browser's own private folder (OPFS) stands in for the one that an officer chooses: the same
handles without a dialog. Its faults are put in front of it in the page.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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

HOUR_MS = 3_600_000
STAND_IN = """
window.showDirectoryPicker = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle("Kartu memori", { create: true });
window.faults = JSON.parse(localStorage.getItem("faults") ?? "{}");
const { createWritable } = FileSystemFileHandle.prototype;
FileSystemFileHandle.prototype.createWritable = function (...args) {
  if (window.faults.write) throw new DOMException("no", window.faults.write);
  return createWritable.apply(this, args);
};
const proto = FileSystemHandle.prototype;
proto.queryPermission = async () => window.faults.permission ?? "granted";
proto.requestPermission = async () => {
  delete window.faults.permission;
  localStorage.removeItem("faults");
  return "granted";
};
"""
FOLDER = """
async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("Kartu memori");
  const files = {};
  for await (const [name, handle] of folder.entries()) {
    files[name] = await (await handle.getFile()).text();
  }
  return files;
}
"""


@pytest.fixture
def phone(server: ServerProcess, phone_browser: BrowserProcess) -> Iterator[Officer]:
    """A phone with a folder chosen, and two visits that were saved before."""
    store = server.open_store()
    user = create_user(store, "budi", "Budi Santoso", ["officer"], system_now(), actor="cli")
    store.close()
    phone_browser.context.add_init_script(STAND_IN)
    page = phone_browser.page
    page.goto(f"{server.url}/app")
    seed_visits(page, officer_row(user.id, user.name), visits=2, ago_ms=HOUR_MS)
    page.goto(f"{server.url}/app#rescue")
    page.reload()
    page.get_by_test_id("folder-pick").click()
    expect_copies(page, 2)
    yield Officer(phone_browser, server.url)
    assert phone_browser.console_errors == []


def expect_copies(page: Page, number: int) -> None:
    expect(page.get_by_test_id("folder-works")).to_contain_text(f": {number} berkas")


def save_more(page: Page, server: ServerProcess, start: int, visits: int = 1) -> list[str]:
    store = server.open_store()
    user_id: str = (
        store.reader().execute("SELECT id FROM users WHERE username = 'budi'").fetchone()[0]
    )
    store.close()
    person = officer_row(user_id, "Budi Santoso")
    return seed_visits(page, person, visits=visits, start=start, ago_ms=HOUR_MS)


def expect_files(page: Page, number: int) -> None:
    wait_in_page(page, f"({FOLDER})().then((all) => Object.keys(all).length === {number})")


def test_each_save_is_copied_and_the_folder_can_be_imported_as_it_is(
    server: ServerProcess, phone: Officer, tmp_path: Path
) -> None:
    save_more(phone.page, server, start=2)
    expect_copies(phone.page, 3)
    check(phone.page, "rescue with a folder")
    phone.browser.kill()
    phone.browser.open()
    phone.browser.context.add_init_script(STAND_IN)
    phone.open("rescue")
    expect_copies(phone.page, 3)
    save_more(phone.page, server, start=3)
    expect_copies(phone.page, 4)
    files = phone.page.evaluate(FOLDER)
    assert len(files) == 4
    for name, text in files.items():
        assert name.startswith("jejak-sinyal_BudiSantoso_")
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "survey", "import", *map(str, tmp_path.glob("jejak-*.txt"))],
        env=server.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    store = server.open_store()
    counts = [
        store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("revisions", "files")
    ]
    store.close()
    assert counts == [4, 8]


def test_a_folder_that_fails_never_fails_a_save_and_an_undone_one_leaves_it(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    store = server.open_store()
    user = create_user(store, "budi", "Budi Santoso", ["officer"], system_now(), actor="cli")
    code = create_code(store, server.settings, user.id, system_now(), actor="cli")
    store.close()
    phone_browser.context.add_init_script(STAND_IN)
    phone = Officer(phone_browser, server.url)
    phone.enrol(f"{server.url}/app#enrol={code}")
    server.kill()
    page = phone.page
    phone.open("rescue")
    phone.find("folder-pick").click()
    expect_copies(page, 0)
    phone.begin_visit("simancuang")
    phone.choose_sims("telkomsel")
    phone.answer("telkomsel", "none")
    phone.fill_place()
    phone.take_position()
    phone.save()
    expect_files(page, 1)
    phone.tap("undo")
    expect(phone.find("visit-form")).to_be_visible()
    expect_files(page, 0)
    page.evaluate("faults.write = 'QuotaExceededError'")
    phone.save()
    line = phone.find("folder-line")
    expect(line).to_contain_text("penuh")
    expect(line).to_contain_text("1 catatan belum tersalin")
    check(page, "saved without a copy")
    page.evaluate("faults.write = 'NotFoundError'")
    save_more(page, server, start=10)
    expect(line).to_contain_text("2 catatan belum tersalin")
    expect(line).to_contain_text("tidak ada lagi")
    page.evaluate("delete faults.write")
    save_more(page, server, start=11)
    expect(line).to_have_count(0)
    expect_files(page, 3)
    assert phone_browser.console_errors == []


def test_a_permission_that_is_gone_is_asked_for_on_a_tap(
    server: ServerProcess, phone: Officer
) -> None:
    page = phone.page
    page.evaluate("""localStorage.setItem("faults", '{"permission": "prompt"}')""")
    phone.open("home")
    page.reload()
    save_more(page, server, start=2)
    line = phone.find("folder-line")
    expect(line).to_contain_text("Salinan otomatis berhenti: izinkan lagi")
    expect(line).to_contain_text("1 catatan belum tersalin")
    check(page, "home without permission")
    expect_files(page, 2)
    phone.find("folder-allow").click()
    expect(line).to_have_count(0)
    expect_files(page, 3)
