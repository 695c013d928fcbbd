"""An officer's phone in the field: the real app in a real browser behind the proxy that breaks.

What it saved is noted here as it was acknowledged, so that the phone's own memory is not trusted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Request, expect

from survey.domain.instants import system_now
from survey.services.enrolling import create_code
from tests.browser.browser_process import BrowserProcess
from tests.browser.officer import Officer
from tests.browser.server_process import ServerProcess
from tests.factories import add_officer
from tests.faults.checker import Findings, Save, check
from tests.faults.phone import PhoneState, read_phone
from tests.faults.proxy import Proxy

AREA = "13.11/j0042"
WAIT_S = 15
CHROMIUM_SAYS = "Failed to load resource:"
"""What the browser itself prints of a request that failed; the app did not."""

HURRY = """
Math.random = () => 0.02;  // the back-off's jitter: a tenth of a second and more
const limit = AbortSignal.timeout.bind(AbortSignal);
const later = window.setTimeout.bind(window);
const shorter = (ms) => (ms > 9000 ? Math.min(ms, window.longestWait ?? ms) : ms);
AbortSignal.timeout = (ms) => limit(shorter(ms));
window.setTimeout = (work, ms, ...rest) => later(work, shorter(ms), ...rest);
const clock = Date.now.bind(Date);
Date.now = () => clock() + (window.clockAhead ?? 0);
"""

SAVE = """
async ({ visits, photos, bytes, area, note }) => {
  const src = document.querySelector('script[type="module"]').src;
  const load = (name) => import(new URL(name, src).href);
  const { listOfficers, openDevice } = await load("storage/device.js");
  const { openOfficer } = await load("storage/officer.js");
  const { addDraftPhoto, saveDraft } = await load("storage/drafts.js");
  const { saveVisit } = await load("storage/records.js");
  const { newDraft } = await load("core/drafts.js");
  const { sha256Hex } = await load("core/digest.js");
  const [officer] = await listOfficers(openDevice());
  const db = openOfficer(officer.id);
  const noise = (size) => {
    const data = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(data.subarray(at, at + 65536));
    return data.buffer;
  };
  const saved = [];
  for (let n = 0; n < visits; n += 1) {
    const start = { area: { id: area, claimed: null }, area_name: "Simancuang", campaign_id: null,
                    practice: false, config_version: 1, phone: { model: null, app_version: "1" } };
    let draft = { ...newDraft(start, Date.now()), place_kind: "centre", note: `${note} ${n}` };
    await saveDraft(db, draft);
    for (let m = 0; n === 0 && m < photos; m += 1) {
      const [data, thumbnail] = [noise(bytes), noise(3000)];
      const photo = { sha256: await sha256Hex(data), thumbnail_sha256: await sha256Hex(thumbnail),
                      kind: "site", bytes, width_px: 30, height_px: 40, original: null,
                      taken_at: new Date().toISOString() };
      draft = await addDraftPhoto(db, draft, { photo, data, thumbnail, type: "image/jpeg" });
    }
    // Undo was over long before the last run began: nothing sends it but the next run.
    const saving = { token: officer.token, nowMs: Date.now() - 3_600_000, utc_offset_min: 420,
                     clock: { server_offset_ms: null, server_contact_at: null } };
    const record = await saveVisit(db, draft, saving);
    saved.push({ record_id: record.id, sha256: record.sha256, files: record.files });
  }
  return saved;
}
"""

FAILURE = """
(kinds) => {
  const pill = document.querySelector('[data-testid="pill"]');
  const { failure, phase } = pill?.dataset ?? {};
  if (!kinds.includes(failure) || phase !== "idle") return null;
  return { kind: failure, text: pill.querySelector('[data-testid="pill-text"]').textContent };
}
"""
WORDS = """
async (kind) => {
  const src = document.querySelector('script[type="module"]').src;
  const { failureText } = await import(new URL("core/failures.js", src).href);
  return failureText({ kind, code: null, message: null, offline: !navigator.onLine }).text;
}
"""


class FieldPhone:
    """One enrolled officer with a phone, a server and the link between them."""

    def __init__(self, browser: BrowserProcess, server: ServerProcess, proxy: Proxy) -> None:
        self.browser, self.server, self.proxy = browser, server, proxy
        self.officer = Officer(browser, proxy.url)
        self.ledger: list[Save] = []
        self.complaints: list[str] = []
        browser.context.add_init_script(HURRY)
        browser.context.on("console", self._note_console)
        browser.context.on("request", self._note_request)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(CHROMIUM_SAYS):
            self.complaints.append(f"console: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.proxy.url}/", "data:", "blob:", "about:")):
            self.complaints.append(f"foreign request: {request.url}")

    # ---- the officer ------------------------------------------------------------------------

    def new_code(self, username: str = "sari") -> str:
        """Let the office make a code for an officer, who may be new."""
        store = self.server.open_store()
        try:
            row = store.reader().execute("SELECT id FROM users WHERE username = ?", (username,))
            known = row.fetchone()
            user_id = known[0] if known else add_officer(store, username).id
            return create_code(store, self.server.settings, user_id, system_now(), actor="cli")
        finally:
            store.close()

    def enrol(self) -> None:
        """Enrol by the office's link and stand on the page with the button that sends."""
        self.officer.enrol(f"{self.proxy.url}/app#enrol={self.new_code()}")
        self.officer.open("sending")
        expect(self.officer.find("send-now")).to_be_enabled()

    def save(self, note: str, *, visits: int = 2, photos: int = 1, bytes_: int = 90_000) -> None:
        """Save visits with the app's own storage; the first one has the photos."""
        asked = {"visits": visits, "photos": photos, "bytes": bytes_, "area": AREA, "note": note}
        saved: list[dict[str, Any]] = self.officer.page.evaluate(SAVE, asked)
        self.ledger += [Save(**{**one, "files": tuple(one["files"])}) for one in saved]
        # Shown as unsent, unless a run that was under way took it along already.
        self._wait(lambda: self.pill.get_attribute("data-unsent") != "0" or not self.state().outbox)

    def save_by_hand(self, area: str, photo: Path | None = None, *, wait_ms: int = 0) -> None:
        """Save a visit by thumb, wait until the phone shows that it is safe, and note it.

        With `wait_ms` the app's own waits are short from this save on. A second visit to a jorong
        is asked about by the form, so each goes to another.
        """
        before = {one.sha256 for one in self.state().records}
        self.officer.begin_visit(area)
        if self.officer.find("sims-confirm").is_visible():
            self.officer.choose_sims("telkomsel")
        self.officer.take_position()
        self.officer.answer("telkomsel", "none")
        self.officer.fill_place()
        if photo:
            self.officer.add_photo(photo)
        if wait_ms:
            self.be_impatient(wait_ms)
        self.officer.save()
        new = [one for one in self.state().records if one.sha256 not in before]
        assert len(new) == 1
        self.ledger.append(new[0].save)

    def send_now(self) -> None:
        """Tap the button that sends."""
        self.officer.find("send-now").click()

    def _wait(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < deadline
            self.officer.page.wait_for_timeout(20)

    def be_impatient(self, ms: int | None) -> None:
        """Shorten every long wait of the app to some milliseconds; None: as it is."""
        self.officer.page.evaluate("(ms) => { window.longestWait = ms ?? undefined; }", ms)

    def hurry_past_undo(self) -> None:
        """Let the ten seconds go by in which a save may be taken back."""
        self.officer.page.evaluate("window.clockAhead = (window.clockAhead ?? 0) + 11_000")

    # ---- what the phone shows ---------------------------------------------------------------

    @property
    def pill(self) -> Locator:
        return self.officer.find("pill")

    def wait_for_failure(self, *kinds: str) -> None:
        """Wait until the pill tells one of these failures, in that failure's own words."""
        shown = self.officer.page.wait_for_function(FAILURE, arg=list(kinds)).json_value()
        expected = self.officer.page.evaluate(WORDS, shown["kind"])
        assert expected in shown["text"], shown

    def wait_until_sent(self) -> None:
        """Wait until a run ended well and nothing is left to send."""
        expect(
            self.officer.page.locator(
                '[data-testid="pill"][data-unsent="0"][data-failure="none"][data-phase="idle"]'
            )
        ).to_be_visible(timeout=30_000)

    def state(self) -> PhoneState:
        """Read what the phone holds."""
        return read_phone(self.officer.page)

    # ---- the judge --------------------------------------------------------------------------

    def assert_all_arrived(self, *, deep: bool = False) -> Findings:
        """Nothing lost, twice or damaged; the outbox empty; nothing odd seen meanwhile."""
        state = self.state()
        assert state.outbox == []
        assert state.damage == []
        assert {(one.record_id, one.sha256) for one in self.ledger} <= {
            (one.id, one.sha256) for one in state.records
        }
        findings = check(self.server.settings, self.ledger, all_of_it=True, deep=deep)
        assert findings.details == []
        assert self.complaints == []
        assert self.browser.console_errors == []
        assert self.browser.foreign_requests == []
        return findings
