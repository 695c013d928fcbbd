"""The phone's lower half in a real browser: worker, storage over a kill, the rescue page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.browser_process import BrowserProcess
from tests.browser.server_process import ServerProcess

OFFICER = "01970000-0000-7000-8000-00000000000a"
PHOTO_BYTES = 5_000

SAVE_A_VISIT = """
async ({ officerId, size }) => {
  const at = (name) => new URL(name, document.querySelector('script[type="module"]').src).href;
  const { openDevice } = await import(at("storage/device.js"));
  const { openOfficer } = await import(at("storage/officer.js"));
  const { addDraftPhoto } = await import(at("storage/drafts.js"));
  const { saveVisit } = await import(at("storage/records.js"));
  const { newDraft } = await import(at("core/drafts.js"));
  const { sha256Hex } = await import(at("core/digest.js"));
  const device = openDevice();
  await device.write(["officers"], (tx) => {
    tx.objectStore("officers").put({ id: officerId, name: "Ani", token: "t", state: "active" });
  });
  const db = openOfficer(officerId);
  const data = new Uint8Array(size).map((_, i) => i % 251).buffer;
  const small = new Uint8Array([1, 2, 3]).buffer;
  const photo = { sha256: await sha256Hex(data), thumbnail_sha256: await sha256Hex(small),
                  kind: "site", bytes: size, width_px: 1, height_px: 1,
                  taken_at: new Date().toISOString(), original: null };
  const start = { area: { id: "13.11/j0042", claimed: null }, area_name: "Simancuang",
                  campaign_id: null, practice: false, config_version: 1,
                  phone: { model: null, app_version: "1" } };
  const draft = await addDraftPhoto(db, newDraft(start, Date.now()),
                                    { photo, data, thumbnail: small, type: "image/jpeg" });
  const saving = { token: "t", clock: { server_offset_ms: null, server_contact_at: null },
                   nowMs: Date.now(), utc_offset_min: 420 };
  return (await saveVisit(db, draft, saving)).sha256;
}
"""

REGISTER = """
async () => {
  await navigator.serviceWorker.register("/sw.js", { scope: "/app", updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
  }
}
"""


def save_a_visit(page: Page, server: ServerProcess) -> str:
    page.goto(f"{server.url}/app")
    sha256: str = page.evaluate(SAVE_A_VISIT, {"officerId": OFFICER, "size": PHOTO_BYTES})
    return sha256


def export(page: Page, which: str) -> list[dict[str, Any]]:
    with page.expect_download() as waiting:
        page.locator(f'[data-export="{which}"]').click()
    name = waiting.value.suggested_filename
    assert re.fullmatch(r"jejak-sinyal_Ani_\d{4}-\d\d-\d\d_1-catatan\.txt", name), name
    lines = waiting.value.path().read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_saved_visit_outlives_a_killed_browser_and_is_rescued_without_a_server(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    sha256 = save_a_visit(phone_browser.page, server)
    phone_browser.page.evaluate(REGISTER)
    server.kill()
    phone_browser.kill()
    phone_browser.open()
    page = phone_browser.page
    page.goto(f"{server.url}/app/rescue")
    row = page.locator("#people li")
    expect(row).to_have_count(1)
    expect(row.locator('[data-fill="name"]')).to_have_text("Ani")
    expect(row.locator('[data-fill="unsent"]')).to_have_text("1")
    lines = export(page, "unsent")
    assert [line["type"] for line in lines] == ["header", "officer", "record", "file", "file"]
    record = lines[2]
    assert record["sha256"] == sha256
    assert hashlib.sha256(record["payload"].encode()).hexdigest() == sha256
    assert len(record["seal"]) == 64
    for file in lines[3:]:
        assert hashlib.sha256(base64.b64decode(file["data"])).hexdigest() == file["sha256"]
    assert {file["bytes"] for file in lines[3:]} == {3, PHOTO_BYTES}
    assert "t" not in {line.get("token") for line in lines}
    assert phone_browser.console_errors == []


def test_rescue_takes_what_can_be_read_from_a_damaged_storage(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    page = phone_browser.page
    sha256 = save_a_visit(page, server)
    page.add_init_script(
        """
        const { get, getAll } = IDBObjectStore.prototype;
        const fail = () => { throw new DOMException("damaged", "UnknownError"); };
        IDBObjectStore.prototype.getAll = function (...args) {
          return this.name === "records" ? fail() : getAll.apply(this, args);
        };
        IDBObjectStore.prototype.get = function (key) {
          window.pictures = (window.pictures ?? 0) + (this.name === "file_data");
          return this.name === "file_data" && window.pictures === 1 ? fail() : get.call(this, key);
        };
        """
    )
    page.goto(f"{server.url}/app/rescue")
    expect(page.locator('[data-fill="unsent"]')).to_have_text("1")
    lines = export(page, "all")
    assert [line["type"] for line in lines] == ["header", "officer", "record", "file", "file"]
    assert lines[2]["sha256"] == sha256
    assert [line["data"] is None for line in lines[3:]] == [True, False]
    assert phone_browser.console_errors == []


def test_rescue_shows_an_empty_phone_as_empty_and_creates_nothing(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    page = phone_browser.page
    page.goto(f"{server.url}/app/rescue")
    expect(page.locator('[data-message="nothing"]')).to_be_visible()
    expect(page.locator('[data-export="all"]')).to_be_disabled()
    names = page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)")
    assert names == []


def test_the_worker_opens_the_app_without_a_server_and_takes_shared_files(
    server: ServerProcess, phone_browser: BrowserProcess
) -> None:
    page = phone_browser.page
    save_a_visit(page, server)
    page.evaluate(REGISTER)
    server.stop()
    page.goto(f"{server.url}/app")
    page.evaluate(
        """
        () => {
          const form = document.createElement("form");
          Object.assign(form, { method: "POST", action: "/app/share",
                                enctype: "multipart/form-data" });
          const input = Object.assign(document.createElement("input"),
                                      { type: "file", name: "files" });
          const transfer = new DataTransfer();
          transfer.items.add(new File(["a;b"], "log.csv", { type: "text/csv" }));
          input.files = transfer.files;
          form.append(input);
          document.body.append(form);
          form.submit();
        }
        """
    )
    page.wait_for_url("**/app#share*")
    kept = page.evaluate(
        """
        async () => {
          const src = document.querySelector('script[type="module"]').src;
          const { openDevice } = await import(new URL("storage/device.js", src).href);
          const { listInbox } = await import(new URL("storage/inbox.js", src).href);
          const files = await listInbox(openDevice());
          return files.map((file) => [file.name, new TextDecoder().decode(file.data)]);
        }
        """
    )
    assert kept == [["log.csv", "a;b"]]
