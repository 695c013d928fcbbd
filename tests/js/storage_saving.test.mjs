import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { all, addPhoto, draftWithPhoto, freshPhone, one, SAVING, savedVisit } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";
import { sha256Hex } from "../../static/core/digest.js";
import { result } from "../../static/storage/database.js";
import { discardDraft, listDrafts, readDraft, removeDraftPhoto, saveDraft } from "../../static/storage/drafts.js";
import { keepFetchedFile, readFile } from "../../static/storage/files.js";
import { saveVisit, undoSave } from "../../static/storage/records.js";
import { countUnsent, listOwnVisits } from "../../static/storage/visits.js";

let db;
beforeEach(() => {
  ({ db } = freshPhone());
});

test("a draft is kept on every change, with its photos, and many stand side by side", async () => {
  const draft = await draftWithPhoto(db);
  const other = await draftWithPhoto(db, { seed: 2, nowMs: START_MS + 5 });
  await saveDraft(db, { ...draft, note: "changed" }, START_MS + 9);
  assert.deepEqual((await listDrafts(db)).map((kept) => kept.id), [draft.id, other.id]);
  assert.equal((await readDraft(db, draft.id)).note, "changed");
  const { file, data } = await readFile(db, draft.photos[0].sha256);
  assert.deepEqual([file.state, file.kind, data.byteLength, data instanceof ArrayBuffer], ["draft", "photo", 3000, true]);
});

test("saving freezes the record, queues its files and ends its draft at once", async () => {
  const draft = await draftWithPhoto(db);
  const record = await saveVisit(db, draft, SAVING);
  assert.equal(record.sha256, await sha256Hex(record.payload));
  assert.deepEqual([record.state, record.revision, record.base, record.order], ["waiting", 1, null, 1]);
  assert.deepEqual(record.files, [draft.photos[0].thumbnail_sha256, draft.photos[0].sha256]);
  assert.equal(await readDraft(db, draft.id), null);
  assert.deepEqual((await all(db, "files")).map((file) => file.state), ["waiting", "waiting"]);
  assert.deepEqual(await countUnsent(db), { records: 1, files: 1 });
});

test("a save that fails half-way leaves the draft and no record", async () => {
  const draft = await draftWithPhoto(db);
  const original = IDBObjectStore.prototype.delete;
  IDBObjectStore.prototype.delete = function () {
    throw new Error("power cut");
  };
  try {
    await assert.rejects(saveVisit(db, draft, SAVING), /power cut/);
  } finally {
    IDBObjectStore.prototype.delete = original;
  }
  assert.deepEqual(await all(db, "records"), []);
  assert.equal((await readDraft(db, draft.id)).id, draft.id);
  assert.deepEqual((await all(db, "files")).map((file) => file.state), ["draft", "draft"]);
});

test("a double tap on Save makes one record, different content from a second tab makes two", async () => {
  const draft = await draftWithPhoto(db);
  const [one_, two] = [await saveVisit(db, draft, SAVING), await saveVisit(db, draft, { ...SAVING, nowMs: START_MS + 300 })];
  assert.equal(one_.sha256, two.sha256);
  await saveVisit(db, { ...draft, note: "the other tab" }, { ...SAVING, nowMs: START_MS + 400 });
  assert.equal((await all(db, "records")).length, 2);
});

test("a late autosave does not bring a saved draft back", async () => {
  const draft = await draftWithPhoto(db);
  await saveVisit(db, draft, SAVING);
  assert.equal(await saveDraft(db, { ...draft, note: "late" }), false);
  assert.deepEqual(await listDrafts(db), []);
});

test("undo within ten seconds turns the record into its draft again, as it was", async () => {
  const draft = { ...(await draftWithPhoto(db)), note: "typed", form: { open: "photos" } };
  const record = await saveVisit(db, draft, SAVING);
  const back = await undoSave(db, record.sha256, START_MS + 9_999);
  assert.deepEqual(back, draft);
  assert.deepEqual(await all(db, "records"), []);
  assert.deepEqual(await readDraft(db, draft.id), draft);
  assert.deepEqual((await all(db, "files")).map((file) => file.state), ["draft", "draft"]);
  assert.equal(await saveDraft(db, back), true);
});

test("undo after ten seconds changes nothing", async () => {
  const record = await savedVisit(db, { photo: true });
  assert.equal(await undoSave(db, record.sha256, START_MS + 10_000), null);
  assert.equal((await all(db, "records")).length, 1);
  assert.equal(await undoSave(db, "0".repeat(64), START_MS), null);
});

test("undo leaves a photo with the other record that names it", async () => {
  const first = await savedVisit(db, { photo: true });
  const again = await draftWithPhoto(db, { nowMs: START_MS + 1 });
  const second = await saveVisit(db, again, { ...SAVING, nowMs: START_MS + 1 });
  await undoSave(db, second.sha256, START_MS + 2);
  for (const sha256 of first.files) assert.equal((await one(db, "files", sha256)).state, "waiting");
});

test("a photo taken out of a draft is gone, unless a record has it", async () => {
  const draft = await draftWithPhoto(db);
  const kept = await addPhoto(db, draft, { seed: 3 });
  const next = await removeDraftPhoto(db, kept, draft.photos[0].sha256);
  assert.equal(next.photos.length, 1);
  assert.equal(await readFile(db, draft.photos[0].sha256), null);
  assert.notEqual(await readFile(db, next.photos[0].sha256), null);
  const record = await saveVisit(db, next, SAVING);
  const copy = await addPhoto(db, { ...draft, photos: [], id: "another" }, { seed: 3 });
  await removeDraftPhoto(db, copy, copy.photos[0].sha256);
  assert.notEqual(await readFile(db, record.files[1]), null);
});

test("a discarded draft takes only its own photos along", async () => {
  const draft = await draftWithPhoto(db);
  const twin = await addPhoto(db, { ...draft, id: "twin", photos: [] });
  await discardDraft(db, draft.id);
  assert.notEqual(await readFile(db, twin.photos[0].sha256), null);
  await discardDraft(db, "twin");
  assert.deepEqual([await all(db, "files"), await all(db, "file_data"), await all(db, "drafts")], [[], [], []]);
});

test("records keep their order when the clock jumps back", async () => {
  await savedVisit(db, { nowMs: START_MS });
  await savedVisit(db, { nowMs: START_MS - 86_400_000 });
  const records = await all(db, "records");
  assert.deepEqual(records.sort((a, b) => a.order - b.order).map((record) => record.saved_at.slice(0, 10)), ["2026-05-04", "2026-05-03"]);
});

test("own visits are listed newest first, page by page, each once", async () => {
  for (let i = 0; i < 5; i += 1) await savedVisit(db, { nowMs: START_MS + i * 60_000, note: String(i) });
  const first = await listOwnVisits(db, { limit: 3 });
  const second = await listOwnVisits(db, { limit: 3, before: first.at(-1).saved_at });
  const notes = [...first, ...second].map((visit) => JSON.parse(visit.revisions[0].payload).note);
  assert.deepEqual(notes, ["4", "3", "2", "1", "0"]);
});

test("a write is durable: strict, and told to listeners only when complete", async () => {
  const modes = [];
  const original = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    modes.push([mode, options?.durability ?? null]);
    return original.call(this, stores, mode, options);
  };
  try {
    await savedVisit(db, { photo: true });
    await db.read(["meta"], (tx) => result(tx.objectStore("meta").get("x")));
  } finally {
    IDBDatabase.prototype.transaction = original;
  }
  assert.ok(modes.some(([mode]) => mode === "readwrite"));
  for (const [mode, durability] of modes) assert.equal(durability, mode === "readwrite" ? "strict" : null);
});

test("a photo from the server taken out of a correction stays on the phone", async () => {
  const draft = await draftWithPhoto(db);
  const [photo] = draft.photos;
  await discardDraft(db, draft.id);
  const data = new ArrayBuffer(8);
  await keepFetchedFile(db, { sha256: photo.sha256, kind: "photo", type: "image/jpeg", data }, START_MS);
  await saveDraft(db, { ...draft, id: "correction" });
  await removeDraftPhoto(db, { ...draft, id: "correction" }, photo.sha256);
  assert.equal((await readFile(db, photo.sha256)).file.state, "sent");
});
