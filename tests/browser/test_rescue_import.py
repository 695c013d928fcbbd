"""From a phone whose server is dead to the office: the rescue file, its page, the phone after."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, Request, Route, expect

from survey.domain.instants import system_now
from survey.services.accounts import create_user
from survey.services.enrolling import create_code
from tests.browser.browser_process import DESK, PHONE, BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.browser.supervisor import Supervisor
from tests.factories import add_staff, enrol_officer, make_envelope, make_visit_payload
from tests.rescuing import record_line, rescue_text

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


class Wire:
    """What a phone sends and hears: answers about records, and files that it sends.

    It stands in the way and reads an answer before the page does: a page that was left takes
    the bodies of its answers along.
    """

    def __init__(self, page: Page) -> None:
        self.answers: list[tuple[str, list[str]]] = []
        self.files: set[str] = set()
        page.context.route("**/api/v1/records", self._pass_on)
        page.context.on("request", self._note_file)

    def _pass_on(self, route: Route) -> None:
        try:
            answer = route.fetch()
        except Error:  # no server: the page hears the same
            route.abort()
            return
        results = answer.json().get("results", [])
        self.answers += [(each["result"], each["missing_files"]) for each in results]
        route.fulfill(response=answer)

    def _note_file(self, request: Request) -> None:
        path = urlsplit(request.url).path
        if path.startswith("/api/v1/files/") and request.method in ("PUT", "POST"):
            self.files.add(path.rpartition("/")[2])


def save_unsendable_visit(
    server: ServerProcess, open_browser: OpenBrowser, photo: Path
) -> tuple[Officer, Wire]:
    """Enrol a phone, let the server die, save a visit with a photo."""
    store = server.open_store()
    now = system_now()
    officer = create_user(store, "sari", "Sari Dewi", ["officer"], now, actor="cli")
    code = create_code(store, server.settings, officer.id, now, actor="cli")
    add_staff(store, "yanti", "supervisor")
    store.close()
    phone = Officer(open_browser("phone", PHONE), server.url)
    wire = Wire(phone.page)
    phone.enrol(f"{server.url}/app#enrol={code}")
    server.kill()
    phone.begin_visit("simancuang")
    phone.choose_sims("telkomsel")
    phone.answer("telkomsel", "none")
    phone.fill_place()
    phone.take_position()
    phone.add_photo(photo)
    phone.save()
    return phone, wire


def take_in(desk: Supervisor, *files: Path) -> None:
    """Take files in on the office's page and wait for its report."""
    desk.page.goto(f"{desk.url}/import")
    desk.page.set_input_files("input[type=file]", files)
    desk.page.click("main form button[type=submit]")
    expect(desk.page.locator("#records-title")).to_be_visible()


def count_rows(server: ServerProcess, *tables: str) -> list[int]:
    store = server.open_store()
    counts = [
        store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables
    ]
    store.close()
    return counts


def test_what_a_phone_could_not_send_reaches_the_office_once(
    server: ServerProcess, open_browser: OpenBrowser, photo: Path, tmp_path: Path
) -> None:
    phone, wire = save_unsendable_visit(server, open_browser, photo)
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
    take_in(desk, file)
    expect(desk.page.locator("tbody tr")).to_have_count(1)
    expect(desk.page.locator("tbody tr")).to_contain_text("Bersegel")
    expect(desk.page.locator("tbody tr")).to_contain_text("Sari Dewi")
    check_page(desk.page, "report", tmp_path)

    phone.open("mine")
    phone.wait_until_sent()
    phone.expect_visits("received")
    assert count_rows(server, "visits", "revisions", "files") == [1, 1, 2]
    # The phone learnt it by the answer to its own sending, and had no photo to send any more.
    assert wire.answers == [("already_stored", [])]
    assert wire.files == set()
    assert desk.browser.console_errors == []


def test_a_zip_that_was_cut_saves_the_text_and_the_phone_sends_only_what_was_lost(
    server: ServerProcess, open_browser: OpenBrowser, photo: Path, tmp_path: Path
) -> None:
    phone, wire = save_unsendable_visit(server, open_browser, photo)
    phone.open("rescue")
    with phone.page.expect_download() as waiting:
        phone.find("zip").click()
    whole, cut = tmp_path / "utuh.zip", tmp_path / "terpotong.bin"
    waiting.value.save_as(whole)
    cut.write_bytes(whole.read_bytes()[:-4_000])
    phone.page.goto("about:blank")

    server.start()
    desk = Supervisor(open_browser("desk", DESK), server.url)
    desk.sign_in("yanti")
    take_in(desk, cut)
    expect(desk.page.locator("tbody tr")).to_contain_text("1 dari 1 belum ada")
    expect(desk.page.locator("main")).to_contain_text("Ujung ZIP ini hilang")
    check_page(desk.page, "cut", tmp_path)
    assert count_rows(server, "visits", "files") == [1, 1]

    phone.open("mine")
    phone.wait_until_sent()
    assert [(result, len(missing)) for result, missing in wire.answers] == [("already_stored", 1)]
    assert wire.files == {*wire.answers[0][1]}
    take_in(desk, whole, cut)
    expect(desk.page.locator("tbody tr")).to_have_count(2)
    expect(desk.page.locator("tbody")).not_to_contain_text("belum ada")
    assert count_rows(server, "visits", "revisions", "files") == [1, 1, 2]
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


def test_a_record_that_cannot_be_read_is_found_from_the_report_and_settled(
    server: ServerProcess, desk_browser: BrowserProcess, tmp_path: Path
) -> None:
    store = server.open_store()
    add_staff(store, "yanti", "supervisor")
    phone = enrol_officer(store, server.settings)
    store.close()
    envelope = make_envelope(make_visit_payload(), schema=99, token=phone.token)
    file = tmp_path / "baru.txt"
    file.write_bytes(rescue_text(record_line(envelope, phone.officer_id)))
    desk = Supervisor(desk_browser, server.url)
    desk.sign_in("yanti")
    take_in(desk, file)
    desk.page.click("main .notice a[href='/quarantine']")
    check_page(desk.page, "quarantine", tmp_path)
    desk.page.click("tbody a")
    check_page(desk.page, "unreadable", tmp_path)
    with desk.page.expect_download() as waiting:
        desk.page.click("main a[download]")
    assert waiting.value.path().read_text("utf-8") == envelope["payload"]
    desk.page.fill("main textarea", "Server diperbarui Jumat.")
    desk.page.click("main form button[type=submit]")
    expect(desk.page.locator("tbody tr")).to_contain_text("Server diperbarui Jumat.")

    server.kill()
    store = server.open_store()  # as if the update had brought schema 99
    change = "UPDATE quarantine SET envelope = json_set(envelope, '$.schema', 1)"
    store.write(lambda connection: connection.execute(change))
    store.close()
    server.start()
    deadline = time.monotonic() + 30
    while count_rows(server, "visits") != [1]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    desk.page.goto(f"{server.url}/quarantine")
    expect(desk.page.locator("tbody tr")).to_contain_text("Sudah masuk")
    assert desk.browser.console_errors == []
