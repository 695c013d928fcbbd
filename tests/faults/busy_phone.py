"""A page of the app at work until it is killed, and the drafts that are there afterwards.

The work itself is busy_phone.js, run in the app's page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from survey.domain.instants import system_now
from survey.services.enrolling import create_code
from tests.browser.browser_process import BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.factories import add_officer
from tests.faults.phone import PhoneState, read_phone
from tests.faults.witness import Witness

AREA = "13.11/j0055"
PAUSE_MS = 10
_BUSY = Path(__file__).with_name("busy_phone.js").read_text("utf-8")
_DRAFTS = """
async (officerId) => {
  const src = document.querySelector('script[type="module"]').src;
  const { openOfficer } = await import(new URL("storage/officer.js", src).href);
  const { listDrafts } = await import(new URL("storage/drafts.js", src).href);
  return (await listDrafts(openOfficer(officerId))).map(({ id, note, photos }) => ({
    id, note, photos: photos.flatMap((photo) => [photo.sha256, photo.thumbnail_sha256]) }));
}
"""


def make_busy(page: Page, witness: Witness, officer_id: str) -> None:
    """Let the app's page work; returns once it began, with at least one visit told as saved."""
    before = len(witness.of("saved"))
    order = {"witness": witness.url, "officerId": officer_id, "areaId": AREA, "pause": PAUSE_MS}
    page.evaluate(_BUSY, order)
    for _ in range(300):
        if len(witness.of("saved")) > before:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"nothing was saved: {witness.of('wrong')}")


def read_drafts(page: Page, officer_id: str) -> dict[str, dict[str, Any]]:
    """Return an officer's drafts by id: their note and the hashes of their photos."""
    found = page.evaluate(_DRAFTS, officer_id)
    assert len({draft["id"] for draft in found}) == len(found)
    return {draft["id"]: draft for draft in found}


class BusyPhone:
    """An enrolled phone with its form open, and what the witness heard of it."""

    def __init__(self, browser: BrowserProcess, server: ServerProcess, witness: Witness) -> None:
        self.browser, self.witness = browser, witness
        self.officer = Officer(browser, server.url)
        store = server.open_store()
        self.officer_id = add_officer(store, "sari").id
        code = create_code(store, server.settings, self.officer_id, system_now(), actor="cli")
        store.close()
        self.officer.enrol(f"{server.url}/app#enrol={code}")
        self.officer.begin_visit("simancuang")
        self.form = self.officer.page.url
        self.form_id = self.form.rsplit("/", 1)[-1]

    def work(self, note: str) -> None:
        """Type a note, open the camera over the form at once, and let everything run."""
        page = self.officer.page
        self.officer.find("note").fill(note)
        with page.expect_file_chooser():
            self.officer.find("photo-camera-button").click()
        make_busy(page, self.witness, self.officer_id)

    def come_back(self) -> None:
        """Open the browser and the form again."""
        self.browser.open()
        self.officer.page.goto(self.form)
        expect(self.officer.find("visit-form")).to_be_visible()


def assert_all_is_there(phone: BusyPhone, note: str) -> PhoneState:
    """Compare what the phone holds with what the witness heard; return it."""
    page = phone.officer.page
    state, drafts = read_phone(page), read_drafts(page, phone.officer_id)
    assert state.damage == []
    held = {(one.id, one.sha256, one.files) for one in state.records}
    told = {(one["id"], one["sha256"], tuple(one["files"])) for one in phone.witness.of("saved")}
    assert told - held == set()
    # Nothing is twice: one revision a visit, and none that is a draft still.
    ids = [one.id for one in state.records]
    assert len(ids) == len(set(ids))
    assert not drafts.keys() & set(ids)
    whole = {one.sha256 for one in state.files if one.held and one.actual == one.sha256}
    for draft in drafts.values():
        assert set(draft["photos"]) <= whole
    for draft_id, n in {one["id"]: one["n"] for one in phone.witness.of("draft")}.items():
        # Some may have reached the disk that could not be told of.
        assert int(drafts[draft_id]["note"]) >= n
    for one in phone.witness.of("photo"):
        assert one["id"] in ids or one["sha256"] in drafts[one["id"]]["photos"]
    assert drafts[phone.form_id]["note"] == note
    return state
