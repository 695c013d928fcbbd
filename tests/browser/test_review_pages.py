"""The office in a real browser: keys, photos and map work, nothing is wider than the screen,
axe finds nothing, in light and dark, on a phone and on a desk."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from survey.services.enrolling import authenticate_device
from survey.services.files import read_upload, receive_chunk
from survey.store.area_boundaries import set_boundary
from survey.store.connection import Store
from survey.store.files import FileRoom
from tests.browser.browser_process import DESK, BrowserProcess
from tests.browser.server_process import ServerProcess
from tests.browser.supervisor import Supervisor
from tests.factories import PASSWORD, FixedClock
from tests.office_kit import Office, claimed_area, open_office
from tests.people_kit import add_person

SCREENS = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 640}}
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa",
                   "best-practice"],
    },
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}  # fmt: skip


@dataclass
class Desk:
    """A supervisor's signed-in browser over visits that came in."""

    page: Page
    url: str
    office: Office
    visits: dict[str, str]
    messages: list[str]

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def open_visit(self, name: str, query: str = "?state=all") -> Page:
        return self.open(f"/visits/{self.visits[name]}{query}")


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(out, "JPEG")
    return out.getvalue()


def upload(office: Office, store: Store, data: bytes) -> str:
    """Send a photo as the phone does, once; return its hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    size = str(len(data))
    receive_chunk(
        store,
        FileRoom(office.settings.instance),
        authenticate_device(store, office.phone.token, office.clock()),
        read_upload(sha256, "0", size, "image/jpeg", "photo"),
        [data],
        office.clock(),
    )
    return sha256


def fill(office: Office, store: Store) -> dict[str, str]:
    """Let visits of all kinds come in; return them by name, the oldest first."""
    names = [upload(office, store, picture(colour)) for colour in ("red", "blue")]
    photos = [{"sha256": sha256, "kind": "site"} for sha256 in [*names, "f" * 64]]
    claimed = office.receive(area=claimed_area("Gunuang Pasia"), position=None)
    returned = office.receive(note="pertama", incomplete_reason="hujan lebat")
    office.decide(returned["id"], "has_issues", "akurasi kurang")
    corrected = office.correct(returned, note="kedua")
    office.decide(corrected["id"], "approved")
    office.correct(corrected, seen=False, note="ketiga")
    full = office.receive(photos=photos, note="Di halaman surau")
    last = office.receive()
    return {
        "claimed": claimed["id"],
        "two versions": corrected["id"],
        "full": full["id"],
        "last": last["id"],
    }


@pytest.fixture(scope="module")
def shared(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Office, BrowserProcess, str]]:
    """One server, office and signed-in browser for all these tests."""
    folder = tmp_path_factory.mktemp("office")
    server = ServerProcess(folder / "instance")
    server.start()
    store = server.open_store()
    office = open_office(store, server.settings, FixedClock("2026-05-04T03:00:00.000Z"))
    add_person(store, "budi", "supervisor", password=PASSWORD)
    browser = BrowserProcess(playwright, folder / "profile", DESK)
    browser.page.on(
        "console",
        lambda message: (
            browser.console_errors.append(message.text) if message.type == "error" else None
        ),
    )
    Supervisor(browser, server.url).sign_in("budi")
    yield office, browser, server.url
    browser.close()
    store.close()
    server.stop()


@pytest.fixture
def desk(shared: tuple[Office, BrowserProcess, str]) -> Desk:
    """The supervisor's browser; the visits of this test are the newest of the queue."""
    office, browser, url = shared
    browser.page.set_viewport_size(SCREENS["desk"])
    browser.page.emulate_media(media="screen", color_scheme="light")
    browser.console_errors.clear()
    return Desk(browser.page, url, office, fill(office, office.store), browser.console_errors)


def find_faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['target']}" for fault in found]


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(desk: Desk) -> None:
    wide, faults = [], []
    paths = ["/queue", "/queue?state=rejected&flag=time.absurd", "/queue?flag=position.none"]
    paths += [f"/visits/{visit_id}?state=all" for visit_id in desk.visits.values()]
    for scheme, name in (("light", "desk"), ("dark", "phone")):
        desk.page.emulate_media(color_scheme=scheme)
        desk.page.set_viewport_size(SCREENS[name])
        for path in paths:
            page = desk.open(path)
            faults += [f"{name} {scheme} {path} {fault}" for fault in find_faults(page)]
            over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            wide += [f"{name} {path} {over}"] if over > 0 else []
    assert (faults, wide) == ([], [])
    assert [text for text in desk.messages if "404" not in text] == []


def test_keys_walk_the_queue_and_decide(desk: Desk) -> None:
    page = desk.open("/queue")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{desk.url}/visits/{desk.visits['last']}?")
    page.keyboard.press("n")
    expect(page).to_have_url(f"{desk.url}/visits/{desk.visits['full']}?")
    page.keyboard.press("k")
    expect(page).to_have_url(f"{desk.url}/visits/{desk.visits['last']}?")
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("Disetujui")
    assert desk.office.row(desk.visits["last"])["state"] == "approved"
    assert f"/visits/{desk.visits['full']}" in page.url


def test_return_by_keys_asks_for_the_reason_and_letters_stay_letters(desk: Desk) -> None:
    page = desk.open_visit("full", "")
    page.keyboard.press("r")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("jangan xz? aknr")
    expect(page.locator("#reason")).to_have_value("jangan xz? aknr")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**after={desk.visits['full']}*")
    row = desk.office.row(desk.visits["full"])
    assert row["state"] == "has_issues"


def test_reject_by_keys_without_a_reason_decides_nothing(desk: Desk) -> None:
    page = desk.open_visit("full", "")
    page.keyboard.press("x")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reason")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#reason")).to_be_focused()
    assert desk.office.row(desk.visits["full"])["state"] == "received"


def test_question_mark_shows_the_keys_and_escape_closes_them(desk: Desk) -> None:
    page = desk.open_visit("full")
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    assert find_faults(page) == []
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.locator("#keys-help")).to_be_hidden()
    assert desk.office.row(desk.visits["full"])["state"] == "received"


def test_photos_open_large_one_after_the_other_and_near(desk: Desk) -> None:
    page = desk.open_visit("full")
    viewer = page.locator("#viewer")
    title = viewer.locator("[data-viewer=title]")
    page.keyboard.press("z")
    expect(title).to_have_text("Tempatnya, 1/3")
    width = "image => image.complete && image.naturalWidth"
    page.wait_for_function("() => document.querySelector('[data-viewer=image]').naturalWidth > 0")
    assert viewer.locator("img").evaluate(width) == 800
    assert find_faults(page) == []
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("Tempatnya, 2/3")
    page.keyboard.press("z")
    expect(viewer.locator("[data-viewer=zoom]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("j")
    expect(title).to_have_text("Tempatnya, 3/3")
    # The third photo has not arrived: a drawn note stands in its place.
    page.wait_for_function(
        "() => document.querySelector('[data-viewer=image]').naturalWidth === 320"
    )
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(page.locator("a[data-photo]").nth(2)).to_be_focused()


def test_map_draws_the_stand_without_asking_any_other_site(desk: Desk) -> None:
    area_id = desk.office.row(desk.visits["full"])["area_id"]
    square = [[101.2, -1.6], [101.3, -1.6], [101.3, -1.5], [101.2, -1.5], [101.2, -1.6]]
    edge = json.dumps({"type": "Polygon", "coordinates": [square]})
    desk.office.store.write(lambda connection: set_boundary(connection, area_id, edge, "uji"))
    page = desk.open_visit("full")
    expect(page.locator("#map .leaflet-marker-icon .pin").last).to_be_visible()
    expect(page.locator("#map path")).to_have_count(2)
    assert [text for text in desk.messages if "404" not in text] == []
    expect(page.locator("#map .leaflet-control-scale")).to_be_visible()


def test_decision_works_without_any_script(
    desk: Desk, open_browser: Callable[[str, dict[str, Any]], BrowserProcess]
) -> None:
    plain = open_browser("plain", {**DESK, "java_script_enabled": False})
    Supervisor(plain, desk.url).sign_in("budi")
    page = plain.page
    page.goto(f"{desk.url}/queue")
    page.locator("a[data-step]").first.click()
    page.fill("#reason", "foto kabur")
    page.click("button[value=rejected]")
    assert desk.office.row(desk.visits["last"])["state"] == "rejected"


def test_printed_visit_has_no_buttons_and_dark_screens_print_light(desk: Desk) -> None:
    page = desk.open_visit("full")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("#review")).to_be_hidden()
    expect(page.locator(".office__header")).to_be_hidden()
    expect(page.get_by_text("SHA-256")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
