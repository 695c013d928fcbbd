import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { all, freshPhone, one, SAVING, savedVisit } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";
import { addComment, NoContent, startCorrection, withdrawVisit } from "../../static/storage/corrections.js";
import { readDraft, saveDraft } from "../../static/storage/drafts.js";
import { recordOutcomes } from "../../static/storage/outbox.js";
import { saveVisit, undoSave } from "../../static/storage/records.js";
import { applyChanges } from "../../static/storage/remote.js";
import { listOwnVisits, readOwnVisit } from "../../static/storage/visits.js";
import { visitState } from "../../static/core/states.js";

let db;
beforeEach(() => {
  ({ db } = freshPhone());
});

const later = (ms) => ({ ...SAVING, nowMs: START_MS + ms });
const ack = (record, how = "stored") => recordOutcomes(db, [{ sha256: record.sha256, kind: "acked", result: how, missing_files: [], errors: [] }], "2026-05-04T03:00:00.000Z");
const remote = (...changes) => applyChanges(db, { changes, cursor: "c", more: false }, "2026-05-04T03:00:00.000Z");
const visitRow = (record, data = {}) => ({ kind: "visit", id: record.id, deleted: false, data: { id: record.id, head: record.sha256, revision: record.revision, payload: record.payload, state: "received", area_name: "Simancuang", conflict: false, ...data } });
const review = (id, record, at = "2026-05-04T04:00:00.000Z") => ({ kind: "review", id, deleted: false, data: { id, visit_id: record.id, decision: "has_issues", reason: "dark photo", at } });

test("a correction of a sent visit follows the revision corrected and the review seen", async () => {
  const first = await savedVisit(db, { photo: true });
  await ack(first);
  await remote(visitRow(first, { state: "has_issues" }), review("r1", first), review("r2", first, "2026-05-04T05:00:00.000Z"));
  const draft = await startCorrection(db, first.id, { reason: "brighter photo" }, START_MS + 20_000);
  assert.deepEqual([draft.correction.base, draft.correction.revision, draft.correction.seen_review], [first.sha256, 2, "r2"]);
  assert.equal(draft.photos.length, 1);
  const second = await saveVisit(db, { ...draft, note: "better" }, later(30_000));
  assert.deepEqual([second.id, second.revision, second.base, second.seen_review], [first.id, 2, first.sha256, "r2"]);
  assert.equal((await one(db, "records", first.sha256)).payload, first.payload);
  assert.equal(JSON.parse(second.payload).correction_reason, "brighter photo");
});

test("a visit not sent yet is corrected by a second revision; the first stays frozen", async () => {
  const first = await savedVisit(db, { note: "one" });
  const draft = await startCorrection(db, first.id, { reason: "typo" }, START_MS + 1_000);
  const second = await saveVisit(db, { ...draft, note: "two" }, later(2_000));
  assert.deepEqual((await readOwnVisit(db, first.id)).revisions.map((record) => record.sha256), [first.sha256, second.sha256]);
  assert.equal(second.seen_review, null);
});

test("a correction begun is opened again as it was left", async () => {
  const first = await savedVisit(db);
  const draft = await startCorrection(db, first.id, { reason: "a" }, START_MS);
  await saveDraft(db, { ...draft, note: "half" });
  assert.equal((await startCorrection(db, first.id, { reason: "b" }, START_MS)).note, "half");
});

test("an undone correction leaves the first revision and gives the draft back", async () => {
  const first = await savedVisit(db);
  const draft = await startCorrection(db, first.id, { reason: "a" }, START_MS + 1);
  const second = await saveVisit(db, draft, later(2));
  assert.notEqual(await undoSave(db, second.sha256, START_MS + 3), null);
  assert.deepEqual((await all(db, "records")).map((record) => record.sha256), [first.sha256]);
  assert.equal((await readDraft(db, first.id)).correction.base, first.sha256);
});

test("the first save cannot be undone over a correction that was begun", async () => {
  const first = await savedVisit(db);
  await startCorrection(db, first.id, { reason: "a" }, START_MS + 1);
  assert.equal(await undoSave(db, first.sha256, START_MS + 2), null);
});

test("a replacement phone opens a returned visit from the server and corrects it", async () => {
  const first = await savedVisit(db, { photo: true });
  const row = visitRow(first, { state: "has_issues", revision: 3, saved_at: first.saved_at });
  ({ db } = freshPhone());
  await remote(row, review("r7", first));
  const [visit] = await listOwnVisits(db);
  assert.deepEqual([visit.id, visit.revisions.length, visitState(visit, START_MS).key], [first.id, 0, "returned"]);
  const draft = await startCorrection(db, first.id, { reason: "x" }, START_MS);
  assert.deepEqual([draft.correction.base, draft.correction.revision, draft.correction.seen_review, draft.area_name], [first.sha256, 4, "r7", "Simancuang"]);
  const second = await saveVisit(db, draft, later(1));
  assert.equal(second.base, first.sha256);
});

test("after a conflict the correction stands on the office's head", async () => {
  const first = await savedVisit(db);
  await ack(first);
  const mine = await saveVisit(db, await startCorrection(db, first.id, { reason: "a" }, START_MS + 1), later(2));
  await ack(mine, "conflict");
  await remote(visitRow(first, { conflict: true }));
  assert.equal((await startCorrection(db, first.id, { reason: "b" }, START_MS + 3)).correction.base, first.sha256);
});

test("an answer older than our sending does not take the head from us", async () => {
  const first = await savedVisit(db);
  await ack(first);
  const second = await saveVisit(db, await startCorrection(db, first.id, { reason: "a" }, START_MS + 1), later(2));
  await ack(second);
  await remote(visitRow(first));
  assert.equal((await startCorrection(db, first.id, { reason: "b" }, START_MS + 3)).correction.base, second.sha256);
});

test("a revision from another phone of the same officer becomes what is corrected", async () => {
  const first = await savedVisit(db, { note: "mine" });
  await ack(first);
  await remote(visitRow(first, { head: "f".repeat(64), revision: 2, payload: JSON.stringify({ ...JSON.parse(first.payload), note: "other phone" }) }));
  const draft = await startCorrection(db, first.id, { reason: "b" }, START_MS + 3);
  assert.deepEqual([draft.note, draft.correction.base, draft.correction.revision], ["other phone", "f".repeat(64), 3]);
});

test("a decided visit whose content is not on this phone says so", async () => {
  await remote({ kind: "visit", id: "v", deleted: false, data: { head: "h", payload: null, state: "approved" } });
  await assert.rejects(startCorrection(db, "v", { reason: "x" }, START_MS), NoContent);
});

test("a withdrawal is a record of its own and deletes nothing", async () => {
  const first = await savedVisit(db, { photo: true });
  const gone = await withdrawVisit(db, first.id, "wrong jorong", later(5_000));
  assert.deepEqual([gone.kind, gone.subject, gone.base, gone.files], ["withdrawal", first.id, first.sha256, []]);
  const payload = JSON.parse(gone.payload);
  assert.deepEqual([payload.visit_id, payload.reason, payload.id], [first.id, "wrong jorong", gone.id]);
  assert.equal((await all(db, "records")).length, 2);
  const visit = await readOwnVisit(db, first.id);
  assert.equal(visitState(visit, START_MS + 60_000).key, "withdrawn");
});

test("a comment hangs on its visit", async () => {
  const first = await savedVisit(db);
  await addComment(db, first.id, "the bridge is gone", later(1));
  const visit = await readOwnVisit(db, first.id);
  assert.deepEqual(visit.comments.map((record) => JSON.parse(record.payload).text), ["the bridge is gone"]);
  assert.equal(visit.revisions.length, 1);
});

test("visits from the server stand among those saved here, page by page, each once", async () => {
  const mine = await savedVisit(db, { nowMs: START_MS });
  const row = (id, saved_at, more = {}) => ({ kind: "visit", id, deleted: false, data: { head: "h", state: "received", saved_at, ...more } });
  await remote(visitRow(mine, { saved_at: mine.saved_at }), row("old", "2026-05-01T00:00:00.000Z"), row("new", "2026-05-09T00:00:00.000Z"), row("timeless", null, { received_at: "2026-05-02T00:00:00.000Z" }));
  const first = await listOwnVisits(db, { limit: 2 });
  const second = await listOwnVisits(db, { limit: 9, before: first.at(-1).saved_at });
  assert.deepEqual([...first, ...second].map((visit) => visit.id), ["new", mine.id, "timeless", "old"]);
});

test("an own comment that came back from the office shows once", async () => {
  const first = await savedVisit(db);
  const comment = await addComment(db, first.id, "the bridge is gone", later(1));
  const row = (id) => ({ kind: "comment", id, deleted: false, data: { id, visit_id: first.id, text: "x", at: "2026-05-04T05:00:00.000Z" } });
  await remote(row(comment.id), row("from-the-office"));
  const visit = await readOwnVisit(db, first.id);
  assert.deepEqual([visit.comments.length, visit.remote_comments.map((one_) => one_.id)], [1, ["from-the-office"]]);
});
