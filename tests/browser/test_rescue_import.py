"""From a phone whose server is dead to the office: the rescue file, its page, the phone after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from survey.domain.instants import system_now
from survey.services.accounts import create_user
from survey.services.enrolling import create_code
from tests.browser.browser_process import DESK, PHONE, BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.browser.supervisor import Supervisor
from tests.factories import add_staff
from tests.rescuing import rescue_text

OpenBrowser = Callable[[str, dict[str, Any]], BrowserProcess]


def check_page(page: Page, name: str, shots: Path) -> None:
    """Look at a page on a phone and on a desk: axe finds nothing, nothing is too wide."""
    for width, height in ((360, 640), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} px too wide at {width}"
        page.screenshot(path=str(shots / f"{name}-{width}.png"), full_page=True)


def test_what_a_phone_could_not_send_reaches_the_office_once(
    server: ServerProcess, open_browser: OpenBrowser, photo: Path, tmp_path: Path
) -> None:
    store = server.open_store()
    now = system_now()
    officer = create_user(store, "sari", "Sari Dewi", ["officer"], now, actor="cli")
    code = create_code(store, server.settings, officer.id, now, actor="cli")
    add_staff(store, "yanti", "supervisor")
    store.close()
    phone = Officer(open_browser("phone", PHONE), server.url)
    phone.enrol(f"{server.url}/app#enrol={code}")
    server.kill()
    phone.begin_visit("simancuang")
    phone.choose_sims("telkomsel")
    phone.answer("telkomsel", "none")
    phone.fill_place()
    phone.take_position()
    phone.add_photo(photo)
    phone.save()
    phone.page.goto(f"{server.url}/app/rescue")
    with phone.page.expect_download() as waiting:
        phone.page.locator('[data-export="unsent"]').click()
    file = tmp_path / "dari WhatsApp.txt"
    waiting.value.save_as(file)
    phone.page.goto("about:blank")

    server.start()
    desk = Supervisor(open_browser("desk", DESK), server.url)
    desk.sign_in("yanti")
    desk.page.goto(f"{server.url}/import")
    check_page(desk.page, "form", tmp_path)
    desk.page.set_input_files("input[type=file]", file)
    desk.page.click("main form button[type=submit]")
    expect(desk.page.locator("tbody tr")).to_have_count(1)
    expect(desk.page.locator("tbody tr")).to_contain_text("Bersegel")
    expect(desk.page.locator("tbody tr")).to_contain_text("Sari Dewi")
    check_page(desk.page, "report", tmp_path)

    phone.open("mine")
    phone.wait_until_sent()
    phone.expect_visits("received")
    store = server.open_store()
    counts = [
        store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("visits", "revisions", "files")
    ]
    store.close()
    assert counts == [1, 1, 2]
    assert desk.browser.console_errors == []


def test_a_damaged_file_is_told_on_a_page_that_is_fit_to_read(
    server: ServerProcess, desk_browser: BrowserProcess, tmp_path: Path
) -> None:
    store = server.open_store()
    add_staff(store, "yanti", "supervisor")
    store.close()
    desk = Supervisor(desk_browser, server.url)
    desk.sign_in("yanti")
    for name, content in (
        ("bukan.txt", b"halo\n"),
        ("nama berkas yang panjang sekali tanpa akhir dan masih lanjut.txt", rescue_text("halo")),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        desk.page.goto(f"{server.url}/import")
        desk.page.set_input_files("input[type=file]", file)
        desk.page.click("main form button[type=submit]")
        expect(desk.page.locator("main .notice").first).to_be_visible()
        check_page(desk.page, name[:5], tmp_path)
