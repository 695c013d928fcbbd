"""What the fault tests read out of a phone: saves, outbox, and damage where damage was planted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser.browser_process import PHONE, BrowserProcess
from tests.faults.checker import Save
from tests.faults.phone import read_phone

pytestmark = pytest.mark.browser

PUT_ROWS = """
async (databases) => {
  const bytes = (text) => new TextEncoder().encode(text).buffer;
  for (const [officer, stores] of Object.entries(databases)) {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open(`jejak-officer-${officer}`, 3);
      request.onupgradeneeded = () => {
        for (const name of ["records", "files", "file_data", "drafts"]) {
          request.result.createObjectStore(name, { autoIncrement: true });
        }
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const tx = database.transaction(Object.keys(stores), "readwrite");
    for (const [name, rows] of Object.entries(stores)) {
      for (const row of rows) {
        tx.objectStore(name).put(name === "file_data" ? { ...row, data: bytes(row.data) } : row);
      }
    }
    await new Promise((done) => { tx.oncomplete = done; });
    database.close();
  }
}
"""
Rows = dict[str, list[dict[str, Any]]]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record(name: str, state: str, files: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    row = {"id": name, "kind": "visit", "sha256": digest(name), "payload": name, "state": state}
    return {**row, "result": None, "refusal": None, "files": list(files), **more}


def file(content: str, state: str, **more: Any) -> dict[str, Any]:
    row = {"sha256": digest(content), "kind": "photo", "state": state, "bytes": len(content)}
    return {**row, "offset": 0, "held": True, **more}


def data(*contents: str) -> list[dict[str, Any]]:
    return [{"sha256": digest(content), "data": content} for content in contents]


@pytest.fixture
def page(open_browser: Callable[[str, dict[str, Any]], BrowserProcess]) -> Page:
    """A page of an origin without any server; the phone's databases are all it has."""
    browser = open_browser("reader", PHONE)

    def give(route: Route) -> None:
        route.fulfill(body="<!doctype html><title>phone</title>", content_type="text/html")

    browser.context.route("**/*", give)
    browser.page.goto("http://127.0.0.1:9/app/rescue")
    return browser.page


def test_what_all_officers_saved_and_what_is_unsent_is_read_and_sound(page: Page) -> None:
    empty = read_phone(page)
    assert (empty.records, empty.files, empty.outbox) == ((), (), [])
    assert page.evaluate("indexedDB.databases()") == []

    ani: Rows = {
        "records": [
            record("sent", "acked", (digest("thumb"), digest("photo"))),
            record("gone", "erased", payload=""),
            record("kept", "refused", refusal={"code": "record.foreign_officer"}),
        ],
        "files": [
            file("thumb", "sent"),
            file("photo", "queued"),
            file("sketch", "draft"),
            file("old", "sent", held=False),
        ],
        "file_data": data("thumb", "photo", "sketch"),
        "drafts": [{"id": "open"}],
    }
    budi: Rows = {"records": [record("new", "waiting")]}
    page.evaluate(PUT_ROWS, {"ani": ani, "budi": budi})
    state = read_phone(page)
    assert state.damage == []
    assert state.drafts == 1
    assert state.outbox == [
        "visit kept refused record.foreign_officer",
        "visit new waiting",
        f"photo {digest('photo')} queued",
    ]
    assert state.acknowledged == [Save("sent", digest("sent"), (digest("thumb"),))]
    assert {save.record_id for save in state.saves} == {"sent", "gone", "kept", "new"}


def test_each_planted_damage_of_a_phone_is_named(page: Page) -> None:
    ani: Rows = {
        "records": [
            record("changed", "waiting", payload="other text"),
            record("bereft", "waiting", (digest("nowhere"),)),
            record("sound", "waiting", (digest("whole"),)),
        ],
        "files": [file("whole", "queued"), file("flipped", "queued"), file("empty", "queued")],
        "file_data": [*data("whole"), {"sha256": digest("flipped"), "data": "flippeD"}],
    }
    page.evaluate(PUT_ROWS, {"ani": ani})
    assert read_phone(page).damage == [
        "record changed: its payload has another hash",
        f"file {digest('flipped')}: its bytes are {digest('flippeD')}",
        f"file {digest('empty')}: its bytes are not there",
        f"record bereft: its file {digest('nowhere')} is not there",
    ]
