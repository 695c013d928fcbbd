/**
 * Writes the golden files of the schema that the app has today, by the app's own code:
 *
 *     node tests/golden/write.mjs
 *
 * One that is here already is left alone: golden files are never written twice (README.md).
 */
import "fake-indexeddb/auto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { sha256Hex } from "../../static/core/digest.js";
import { newDraft } from "../../static/core/drafts.js";
import { VISIT_SCHEMA } from "../../static/core/payload.js";
import { addComment, startCorrection, withdrawVisit } from "../../static/storage/corrections.js";
import { result } from "../../static/storage/database.js";
import { openDevice } from "../../static/storage/device.js";
import { addDraftPhoto, saveDraft } from "../../static/storage/drafts.js";
import { openOfficer } from "../../static/storage/officer.js";
import { freezeRecord, saveVisit } from "../../static/storage/records.js";
import { makeTextPart, planText } from "../../static/storage/rescue_text.js";
import { makeRescueZip } from "../../static/storage/rescue_zip.js";
import { fullDraft, OFFICER, OTHER_PAYLOADS, PHOTO, SAVED_MS, SAVING, START, THUMBNAIL, TOKEN } from "./golden_phone.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const WIRE_FIELDS = ["id", "kind", "schema", "revision", "base", "seen_review", "sha256", "seal", "payload"];
const HEADER = { made_at: "2026-05-04T10:00:00.000Z", unsent_only: true };

/** @param {string} name @param {string|Uint8Array} content */
function keep(name, content) {
  const path = join(HERE, name);
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) console.log(`${name} is here already`);
  else writeFileSync(path, content);
}

/** A record as it travels. */
const wire = (record) => JSON.stringify(Object.fromEntries(WIRE_FIELDS.map((field) => [field, record[field]])));

const db = openOfficer(OFFICER.id);
const device = openDevice();
const enrolled = { ...OFFICER, language: "id", token: TOKEN, device_id: "d", enrolled_at: "", state: "active", supervisor: null };
await device.write(["officers"], (tx) => result(tx.objectStore("officers").put(enrolled)));

const photo = { sha256: await sha256Hex(PHOTO), thumbnail_sha256: await sha256Hex(THUMBNAIL), kind: "site", bytes: PHOTO.byteLength, width_px: 16, height_px: 12, taken_at: "2026-05-04T02:13:40.000Z", original: { sha256: "f".repeat(64), bytes: 4211034, exif_time: "2026:05:04 09:13:39", exif_latitude_deg: -1.5417, exif_longitude_deg: 101.2433, model: "M2006C3LG" } };
const draft = await addDraftPhoto(db, fullDraft(newDraft(START, SAVED_MS - 211_883)), { photo, data: PHOTO, thumbnail: THUMBNAIL, type: "image/jpeg" }, SAVED_MS);
const visit = await saveVisit(db, draft, SAVING);
const opened = await startCorrection(db, visit.id, { reason: "salah tempat", area_name: "Pasia Talang" }, SAVED_MS + 60_000);
const correction = await saveVisit(db, { ...opened, place_kind: "centre" }, { ...SAVING, nowMs: SAVED_MS + 90_000 });
const comment = await addComment(db, visit.id, "Jalan putus, tunggu kering.", { ...SAVING, nowMs: SAVED_MS + 120_000 });
const withdrawal = await withdrawVisit(db, visit.id, "salah jorong", { ...SAVING, nowMs: SAVED_MS + 150_000 });
await saveDraft(db, newDraft(START, SAVED_MS + 180_000), SAVED_MS + 180_000);

const records = { visit, visit_correction: correction, comment, withdrawal };
for (const [kind, payload] of Object.entries(OTHER_PAYLOADS)) {
  const envelope = { id: payload.id, kind, revision: 1, base: null, seen_review: null, subject: null, summary: { area_id: null, area_name: "", practice: false } };
  records[kind] = await freezeRecord(envelope, payload, SAVING);
}
for (const [name, record] of Object.entries(records)) keep(`payloads/${VISIT_SCHEMA}/${name}.json`, wire(record));

const holders = [{ ...OFFICER, db }];
keep("rescue/1/app.txt", await (await makeTextPart(await planText(holders, HEADER), 1)).text());
keep("rescue/1/app.zip", new Uint8Array(await (await makeRescueZip(holders, HEADER)).arrayBuffer()));
keep("rescue/1/page.txt", await fromRescuePage());

/** A promise that somebody else keeps. */
function later() {
  const kept = {};
  kept.promise = new Promise((resolve) => (kept.resolve = resolve));
  return kept;
}

/** What the plain rescue page writes, its script run with as much of a browser as it needs. */
async function fromRescuePage() {
  const button = Object.assign(new (class HTMLButtonElement extends EventTarget {})(), { dataset: { export: "unsent" } });
  const [made, ready] = [later(), later()];
  const link = { click: () => undefined, remove: () => undefined };
  const browser = {
    indexedDB, Blob, console, setTimeout: () => undefined,
    HTMLButtonElement: button.constructor,
    HTMLElement: class {},
    HTMLTemplateElement: class {},
    FileReader: class {
      async readAsDataURL(blob) {
        this.result = `data:;base64,${Buffer.from(await blob.arrayBuffer()).toString("base64")}`;
        this.onload();
      }
    },
    URL: { createObjectURL: (blob) => made.resolve(blob), revokeObjectURL: () => undefined },
    document: { querySelectorAll: (which) => (which === "button[data-export]" ? [button] : []), querySelector: () => null, createElement: () => link, body: { append: () => undefined } },
  };
  button.addEventListener = (_name, listener) => ready.resolve(listener);
  vm.runInNewContext(readFileSync(join(HERE, "../../static/rescue.js"), "utf8"), browser);
  (await ready.promise)();
  return (await made.promise).text();
}
