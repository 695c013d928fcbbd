"""The phone's screens: axe finds nothing, a thumb hits everything, nothing is wider than the
screen, in light and dark, in both languages; and what only the screens decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from survey.domain.instants import system_now
from survey.services.enrolling import create_code
from tests.browser.browser_process import PHONE, PLACE, BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.factories import add_officer

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa",
                   "best-practice"],
    },
    # axe takes what a sticky bar covers just now for small; SMALL_TARGETS measures 48 px instead
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": False}},
}  # fmt: skip
THUMB_PX = 48
SMALL_TARGETS = """
(least) => [...document.querySelectorAll("a, button, select, summary, input, textarea")]
  .filter((one) => !one.hidden && !one.matches(".skip-link") && !one.closest("dialog:not([open])"))
  .map((one) => ({ one, box: (one.closest("label") ?? one).getBoundingClientRect() }))
  .filter(({ box }) => box.width > 0 && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(({ one, box }) => `${one.dataset.testid ?? one.textContent} ${box.width}x${box.height}`)
"""
WHATSAPP = (
    "Mozilla/5.0 (Linux; Android 11; Redmi 9A; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/120.0 Mobile Safari/537.36 WhatsApp/2.23"
)
OpenBrowser = Callable[[str, dict[str, Any]], BrowserProcess]


def new_code(server: ServerProcess, username: str = "sari") -> str:
    store = server.open_store()
    try:
        officer_id = add_officer(store, username).id
        return create_code(store, server.settings, officer_id, system_now(), actor="cli")
    finally:
        store.close()


def enrolled(server: ServerProcess, browser: BrowserProcess) -> Officer:
    officer = Officer(browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={new_code(server)}")
    return officer


def check(page: Page, name: str) -> None:
    """Fail when axe finds anything, a target is small or the page is too wide."""
    found = Axe().run(page, options=RULES).response["violations"]
    told = [(rule["id"], [node["html"][:160] for node in rule["nodes"][:3]]) for rule in found]
    assert told == [], name
    assert page.evaluate(SMALL_TARGETS, THUMB_PX) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_screen_of_the_phone_stands_in_the_way(
    server: ServerProcess, open_browser: OpenBrowser, photo: Path, look: str
) -> None:
    browser = open_browser(look, {**PHONE, "color_scheme": look})
    page = browser.page
    page.goto(f"{server.url}/app")
    expect(page.get_by_test_id("install-steps")).to_be_visible()
    check(page, "install")
    officer = enrolled(server, browser)
    check(page, "ready")
    officer.begin_visit("simancuang")
    check(page, "empty form")
    officer.choose_sims("telkomsel", "indosat", "xl")
    officer.take_position()
    officer.answer("telkomsel", "none")
    officer.answer("indosat", "emergency_only")
    officer.type_reading("xl", "lte", "108")
    check(page, "form with a question")
    officer.tap("answer-xl-sign-rsrp_dbm-0")
    officer.answer("xl", "data")
    officer.add_photo(photo)
    officer.tap("save")
    expect(officer.find("incomplete-dialog")).to_be_visible()
    check(page, "incomplete")
    page.keyboard.press("Escape")
    officer.fill_place()
    check(page, "full form")
    officer.save()
    check(page, "saved")
    officer.find("saved-home").click()
    officer.find("search").fill("lubuak")
    check(page, "search")
    officer.open("mine")
    officer.expect_visits("held|waiting|sent|received")
    check(page, "mine")
    page.locator("[data-testid^=visit-]").click()
    expect(officer.find("record")).to_be_visible()
    check(page, "record")
    for screen in ("settings", "sending", "cards", "claim", "notice", "who", "enrol", "nowhere"):
        officer.open(screen)
        expect(page.locator("main#main")).to_be_visible()
        check(page, screen)


def test_the_language_changes_at_once_and_stays(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    officer = enrolled(server, phone_browser)
    officer.go("settings")
    expect(officer.page.locator("h1")).to_have_text("Pengaturan")
    officer.tap("language-en")
    expect(officer.page.locator("h1")).to_have_text("Settings")
    expect(officer.page.locator("html")).to_have_attribute("lang", "en")
    check(officer.page, "settings in English")
    officer.page.reload()
    expect(officer.page.locator("h1")).to_have_text("Settings")


def test_practice_stripes_the_bar_and_stays_apart(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    officer = enrolled(server, phone_browser)
    officer.go("settings")
    officer.tap("practice-on")
    expect(officer.find("practice-tag")).to_be_visible()
    officer.begin_visit("simancuang")
    check(officer.page, "practice form")
    officer.choose_sims("telkomsel")
    officer.take_position()
    officer.answer("telkomsel", "none")
    officer.fill_place()
    officer.save()
    officer.open("settings")
    officer.tap("practice-off")
    officer.open("mine")
    expect(officer.page.locator("[data-testid^=visit-]")).to_contain_text("Latihan")
    expect(officer.find("practice-tag")).to_have_count(0)


def test_a_view_inside_whatsapp_asks_for_chrome_and_for_no_code(
    server: ServerProcess, open_browser: OpenBrowser
) -> None:
    page = open_browser("whatsapp", {**PHONE, "user_agent": WHATSAPP}).page
    page.goto(f"{server.url}/app#enrol=K7MX-42QD")
    expect(page.get_by_test_id("wrong-browser")).to_contain_text("Buka di Chrome")
    expect(page.get_by_test_id("browser-name")).to_contain_text("WhatsApp")
    expect(page.get_by_test_id("copy-text")).to_have_text(f"{server.url}/app#enrol=K7MX-42QD")
    expect(page.get_by_test_id("code")).to_have_count(0)
    check(page, "wrong browser")


def test_a_wrong_code_says_what_to_do_and_keeps_what_was_typed(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    page = phone_browser.page
    page.goto(f"{server.url}/app")
    page.get_by_test_id("enrol-open-here").click()
    page.get_by_test_id("code").fill("k7mx42qd")
    expect(page.get_by_test_id("code")).to_have_value("K7MX-42QD")
    page.get_by_test_id("agree").check()
    page.get_by_test_id("enrol-submit").click()
    expect(page.get_by_test_id("enrol-problem")).to_contain_text("tidak dikenal")
    expect(page.get_by_test_id("code")).to_have_value("K7MX-42QD")
    check(page, "wrong code")


def test_a_denied_location_has_its_own_remedy(
    server: ServerProcess, open_browser: OpenBrowser
) -> None:
    browser = open_browser("denied", {**PHONE, "permissions": [], "geolocation": None})
    officer = enrolled(server, browser)
    officer.begin_visit("simancuang")
    officer.tap("position-start")
    expect(officer.find("gps-denied")).to_be_visible()
    check(officer.page, "denied")


def test_a_switched_off_and_a_rough_location_have_their_own_remedies(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    officer = enrolled(server, phone_browser)
    session = phone_browser.context.new_cdp_session(officer.page)
    session.send("Emulation.setGeolocationOverride", {})
    officer.begin_visit("simancuang")
    expect(officer.find("gps-off")).to_be_visible()
    check(officer.page, "off")
    rough = {"latitude": PLACE["latitude"], "longitude": PLACE["longitude"], "accuracy": 2_400}
    session.send("Emulation.setGeolocationOverride", rough)
    officer.tap("gps-retry")
    expect(officer.find("gps-approximate")).to_be_visible()
    check(officer.page, "approximate")


def test_a_phone_that_hears_no_satellite_says_how_long_and_what_helps(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    phone_browser.context.add_init_script("navigator.geolocation.watchPosition = () => 1")
    officer = enrolled(server, phone_browser)
    officer.begin_visit("simancuang")
    expect(officer.find("gps-searching")).to_contain_text("0:02")
    check(officer.page, "searching")


def test_a_position_by_hand_needs_a_reason(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    officer = enrolled(server, phone_browser)
    officer.begin_visit("simancuang")
    officer.tap("position-by-hand")
    officer.find("manual-coordinates").fill("1,5416 LS 101,2433 BT")
    expect(officer.find("manual-read")).to_contain_text("1.5416° lintang selatan")
    officer.tap("manual-save")
    expect(officer.find("manual-position")).to_contain_text("Tuliskan alasannya")
    check(officer.page, "by hand")
    officer.find("manual-reason").fill("Dari alat GPS")
    officer.tap("manual-save")
    expect(officer.find("position-kept")).to_contain_text("Dari alat GPS")


def test_a_photo_arrives_small_and_upright_with_what_the_original_said(
    server: ServerProcess, phone_browser: BrowserProcess, photo: Path
) -> None:
    officer = enrolled(server, phone_browser)
    officer.begin_visit("simancuang")
    officer.add_photo(photo)
    kept = officer.page.evaluate(
        """async () => {
          const at = (name) => new URL(name, document.querySelector("script[src]").src).href;
          const { listOfficers, openDevice } = await import(at("storage/device.js"));
          const { openOfficer } = await import(at("storage/officer.js"));
          const { listDrafts } = await import(at("storage/drafts.js"));
          const { readFile } = await import(at("storage/files.js"));
          const [person] = await listOfficers(openDevice());
          const db = openOfficer(person.id);
          const [draft] = await listDrafts(db);
          const [photo] = draft.photos;
          const thumbnail = await readFile(db, photo.thumbnail_sha256);
          return { ...photo, thumbnail_bytes: thumbnail.data.byteLength };
        }"""
    )
    assert (kept["width_px"], kept["height_px"]) == (1200, 1600)
    assert kept["bytes"] <= 350_000
    assert kept["thumbnail_bytes"] <= 12_000
    assert kept["original"]["bytes"] == photo.stat().st_size


def test_a_file_that_is_no_photo_is_named_and_the_next_one_is_taken(
    server: ServerProcess, phone_browser: BrowserProcess, photo: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8 no photo at all")
    officer = enrolled(server, phone_browser)
    officer.begin_visit("simancuang")
    officer.find("photo-gallery").set_input_files([str(broken), str(photo)])
    expect(officer.find("photo")).to_be_visible()
    expect(officer.find("photo-problem")).to_contain_text("broken.jpg")


def test_back_leads_to_where_one_came_from_and_looking_leaves_no_draft(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    officer = enrolled(server, phone_browser)
    officer.go("settings")
    officer.page.get_by_text("Rincian pengiriman").click()
    expect(officer.find("sending")).to_be_visible()
    officer.tap("back")
    expect(officer.find("language")).to_be_visible()
    officer.begin_visit("simancuang")
    officer.page.go_back()
    expect(officer.find("search")).to_be_visible()
    expect(officer.find("drafts")).to_have_count(0)


def test_an_update_waits_for_the_tap_and_counts_the_unsent_before_and_after(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    officer = enrolled(server, phone_browser)
    server.kill()
    officer.begin_visit("simancuang")
    officer.choose_sims("telkomsel")
    officer.take_position()
    officer.answer("telkomsel", "none")
    officer.fill_place()
    officer.save()
    # Another time zone is another reference, so another version of the app.
    server.environ["SURVEY_TIMEZONE"] = "Asia/Makassar"
    phone_browser.context.route("**/api/**", lambda route: route.abort())
    server.start()
    officer.open("settings")
    officer.page.get_by_text("Cari versi baru").click()
    expect(officer.find("update-ready")).to_contain_text("1 yang belum terkirim tetap aman")
    check(officer.page, "update")
    officer.tap("update-apply")
    expect(officer.find("update-result")).to_contain_text("sebelumnya: 1, sesudahnya: 1")
    officer.expect_visits("held|waiting")
