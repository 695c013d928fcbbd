"""Phones that hold visits without anybody tapping: saved by the app's own modules in the page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

SEED = """
async ({ officers, visits, photos, size, ago_ms, from }) => {
  const at = (name) => new URL(name, document.querySelector('script[type="module"]').src).href;
  const { openDevice, writeSetting } = await import(at("storage/device.js"));
  const { openOfficer } = await import(at("storage/officer.js"));
  const { addDraftPhoto } = await import(at("storage/drafts.js"));
  const { saveVisit } = await import(at("storage/records.js"));
  const { newDraft } = await import(at("core/drafts.js"));
  const { sha256Hex } = await import(at("core/digest.js"));
  const noise = (bytes, seed) => {
    const made = new Uint8Array(bytes);
    for (let i = 0; i < bytes; i += 1) made[i] = (i * 31 + seed * 97 + (i >> 8)) % 256;
    return made.buffer;
  };
  const device = openDevice();
  await device.write(["officers"], (tx) => {
    for (const one of officers) tx.objectStore("officers").put(one);
  });
  const hashes = [];
  for (let n = from; n < from + visits; n += 1) {
    const { id, token } = officers[n % officers.length];
    const db = openOfficer(id);
    const nowMs = Date.now() - ago_ms + n * 1000;
    const start = { area: { id: "13.11/j0042", claimed: null }, area_name: "Simancuang",
                    campaign_id: null, practice: false, config_version: 1,
                    phone: { model: null, app_version: "1" } };
    let draft = newDraft(start, nowMs);
    for (let p = 0; p < photos; p += 1) {
      const data = noise(size, n * 7 + p + 1);
      const thumbnail = noise(200, 5000 + n * 7 + p);
      const photo = { sha256: await sha256Hex(data), thumbnail_sha256: await sha256Hex(thumbnail),
                      kind: "site", bytes: size, width_px: 1, height_px: 1,
                      taken_at: new Date(nowMs).toISOString(), original: null };
      draft = await addDraftPhoto(db, draft, { photo, data, thumbnail, type: "image/jpeg" }, nowMs);
    }
    const saving = { token, clock: { server_offset_ms: null, server_contact_at: null },
                     nowMs, utc_offset_min: 420 };
    hashes.push((await saveVisit(db, draft, saving)).sha256);
  }
  return hashes;
}
"""


def officer_row(officer_id: str, name: str, token: str = "t") -> dict[str, Any]:
    """Return an enrolled officer as the phone keeps one."""
    return {
        "id": officer_id,
        "name": name,
        "language": "id",
        "token": token,
        "device_id": "d",
        "enrolled_at": "2026-05-04T01:00:00.000Z",
        "state": "active",
        "supervisor": None,
    }


def seed_visits(
    page: Page,
    *officers: dict[str, Any],
    visits: int,
    photos: int = 1,
    size: int = 5_000,
    ago_ms: int = 0,
    start: int = 0,
) -> list[str]:
    """Save visits by turns for these officers in an open page of the app; return their hashes."""
    wish = {
        "officers": list(officers),
        "visits": visits,
        "photos": photos,
        "size": size,
        "ago_ms": ago_ms,
        "from": start,
    }
    hashes: list[str] = page.evaluate(SEED, wish)
    return hashes
