"""The camera takes the memory of a small phone: what was typed is on the disk before it opens."""

from __future__ import annotations

from survey.domain.instants import system_now
from survey.services.enrolling import create_code
from tests.browser.browser_process import BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.factories import add_officer

HOLD_THE_DISK = """
async (name) => {
  const open = indexedDB.open(name);
  await new Promise((done) => { open.onsuccess = done; });
  const store = open.result.transaction("drafts", "readwrite").objectStore("drafts");
  window.released = false;
  // The transaction lives as long as it is asked; every later write waits behind it.
  const ask = () => { store.count().onsuccess = () => window.released || ask(); };
  ask();
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.addEventListener("click", () => { window.openedAfterRelease = window.released; });
  }
}
"""
TWO_FRAMES = """
() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
"""


def test_the_camera_waits_for_a_draft_that_is_being_saved(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    store = server.open_store()
    officer_id = add_officer(store, "sari").id
    code = create_code(store, server.settings, officer_id, system_now(), actor="cli")
    store.close()
    officer = Officer(phone_browser, server.url)
    officer.enrol(f"{server.url}/app#enrol={code}")
    officer.begin_visit("simancuang")
    page = officer.page
    page.evaluate(HOLD_THE_DISK, f"jejak-officer-{officer_id}")
    officer.find("note").fill("Di bawah pohon durian")
    # Its own timer begins to save within 300 ms; nothing is left for the camera's button to save.
    page.wait_for_timeout(600)
    with page.expect_file_chooser():
        officer.find("photo-camera-button").click()
        page.evaluate(TWO_FRAMES)
        page.evaluate("window.released = true")
    assert page.evaluate("window.openedAfterRelease") is True
    draft = page.evaluate(
        """(name) => new Promise((done) => {
          const open = indexedDB.open(name);
          open.onsuccess = () => {
            const drafts = open.result.transaction("drafts").objectStore("drafts");
            drafts.getAll().onsuccess = (event) => done(event.target.result[0].note);
          };
        })""",
        f"jejak-officer-{officer_id}",
    )
    assert draft == "Di bawah pohon durian"
