/** A phone for tests: fake IndexedDB, officers, filled drafts, photos, a clock that stands. */
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { sha256Hex } from "../../static/core/digest.js";
import { newDraft } from "../../static/core/drafts.js";
import { useReference } from "../../static/core/reference.js";
import { result } from "../../static/storage/database.js";
import { closeDevice, openDevice } from "../../static/storage/device.js";
import { addDraftPhoto, saveDraft } from "../../static/storage/drafts.js";
import { closeAll, openOfficer } from "../../static/storage/officer.js";
import { saveVisit } from "../../static/storage/records.js";
import { NO_SIGNAL, POSITION, REFERENCE, start, START_MS } from "./reference_fixture.mjs";

export const TOKEN = "t".repeat(43);
export const SAVING = { token: TOKEN, clock: { server_offset_ms: null, server_contact_at: null }, nowMs: START_MS, utc_offset_min: 420 };

/** A fresh phone with nothing on it. */
export function freshPhone() {
  closeAll();
  closeDevice();
  globalThis.indexedDB = new IDBFactory();
  useReference(REFERENCE);
  return { device: openDevice(), db: openOfficer("ani") };
}

export async function putOfficer(device, id, token = `${id}-`.padEnd(43, "x")) {
  const officer = { id, name: id, language: "id", token, device_id: "d", enrolled_at: "", state: "active", supervisor: null };
  await device.write(["officers"], (tx) => result(tx.objectStore("officers").put(officer)));
  return officer;
}

export const bytes = (size, seed = 1) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed * 97 + (i >> 8)) % 256).buffer;

export async function draftWithPhoto(db, { nowMs = START_MS, size = 3000, seed = 1 } = {}) {
  const draft = { ...newDraft(start(), nowMs), place_kind: "centre", position: POSITION, service_tests: [NO_SIGNAL] };
  return addPhoto(db, draft, { nowMs, size, seed });
}

export async function addPhoto(db, draft, { nowMs = START_MS, size = 3000, seed = 1 } = {}) {
  const [data, thumbnail] = [bytes(size, seed), bytes(200, seed + 50)];
  const photo = { sha256: await sha256Hex(data), thumbnail_sha256: await sha256Hex(thumbnail), kind: "site", bytes: size, width_px: 30, height_px: 40, taken_at: "2026-05-04T02:13:40.000Z", original: null };
  return addDraftPhoto(db, draft, { photo, data, thumbnail, type: "image/jpeg" }, nowMs);
}

/** A saved visit; `nowMs` sets when, so that a later clock finds it due. */
export async function savedVisit(db, { nowMs = START_MS, token = TOKEN, photo = false, seed = 1, size = 3000, note = "", clock = SAVING.clock } = {}) {
  const draft = photo ? await draftWithPhoto(db, { nowMs, seed, size }) : { ...newDraft(start(), nowMs), place_kind: "centre", position: POSITION, service_tests: [NO_SIGNAL] };
  const noted = { ...draft, note };
  await saveDraft(db, noted, nowMs);
  return saveVisit(db, noted, { ...SAVING, clock, token, nowMs });
}

export const all = (db, store) => db.read([store], (tx) => result(tx.objectStore(store).getAll()));
export const one = (db, store, key) => db.read([store], (tx) => result(tx.objectStore(store).get(key)));
