/** Under which time a visit stands in the lists, whatever clocks and corrections did to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { result } from "../../static/storage/database.js";
import { startCorrection } from "../../static/storage/corrections.js";
import { saveVisit } from "../../static/storage/records.js";
import { applyChanges } from "../../static/storage/remote.js";
import { listOwnVisits, readOwnVisit } from "../../static/storage/visits.js";
import { similarVisit } from "../../static/core/duplicates.js";
import { newDraft } from "../../static/core/drafts.js";
import { freshPhone, savedVisit, SAVING } from "./phone_fixture.mjs";
import { POSITION, start, START_MS } from "./reference_fixture.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (ms) => new Date(ms).toISOString();
const ids = async (db, page) => (await listOwnVisits(db, page)).map((visit) => visit.id);
const offset = (ms) => ({ server_offset_ms: ms, server_contact_at: at(START_MS), state: "measured", step_ms: null });

async function correct(db, visit, nowMs) {
  const draft = await startCorrection(db, visit.id, { reason: "typo" }, nowMs);
  return saveVisit(db, { ...draft, note: "corrected" }, { ...SAVING, nowMs });
}

test("a corrected visit keeps the time of the stand, in its line and in the list's order", async () => {
  const { db } = freshPhone();
  const first = await savedVisit(db, { nowMs: START_MS, note: "1" });
  const second = await savedVisit(db, { nowMs: START_MS + HOUR, note: "2" });
  await correct(db, first, START_MS + 2 * DAY);
  assert.deepEqual(await ids(db), [second.id, first.id]);
  const visit = await readOwnVisit(db, first.id);
  assert.deepEqual([visit.happened_at, visit.saved_at], [at(START_MS), at(START_MS + 2 * DAY)]);
});

test("the hint of a possible repetition speaks of the stand's time too", async () => {
  const { db } = freshPhone();
  const first = await savedVisit(db, { nowMs: START_MS });
  await correct(db, first, START_MS + 2 * DAY);
  const draft = { ...newDraft(start(), START_MS + HOUR), position: POSITION };
  assert.equal(similarVisit(draft, await listOwnVisits(db), "Asia/Jakarta")?.happened_at, at(START_MS));
});

test("a visit saved under a wrong clock whose offset was known stands under the right time", async () => {
  const { db } = freshPhone();
  const today = await savedVisit(db, { nowMs: START_MS + HOUR, note: "right clock" });
  const tomorrow = await savedVisit(db, { nowMs: START_MS + DAY, note: "a day fast", clock: offset(-DAY) });
  assert.deepEqual(await ids(db), [today.id, tomorrow.id]);
  assert.equal((await readOwnVisit(db, tomorrow.id)).happened_at, at(START_MS));
});

test("a repetition on the same day is found although one clock was a day fast", async () => {
  const { db } = freshPhone();
  const tomorrow = await savedVisit(db, { nowMs: START_MS + DAY, clock: offset(-DAY) });
  const draft = { ...newDraft(start(), START_MS + HOUR), position: POSITION };
  assert.equal(similarVisit(draft, await listOwnVisits(db), "Asia/Jakarta")?.id, tomorrow.id);
  const fast = { ...newDraft(start(), START_MS + HOUR + DAY), position: POSITION };
  assert.equal(similarVisit(fast, await listOwnVisits(db), "Asia/Jakarta", offset(-DAY))?.id, tomorrow.id);
  assert.equal(similarVisit(fast, await listOwnVisits(db), "Asia/Jakarta")?.id, undefined);
});

test("saved in one millisecond of a clock that stands, the later one is first, each time", async () => {
  const { db } = freshPhone();
  const saved = [];
  for (let i = 0; i < 5; i += 1) saved.push((await savedVisit(db, { nowMs: START_MS, note: String(i) })).id);
  for (let i = 0; i < 3; i += 1) assert.deepEqual(await ids(db), saved.toReversed());
});

test("an unsent visit of 1980 is in the list, however many newer ones there are", async () => {
  const { db } = freshPhone();
  const old = await savedVisit(db, { nowMs: Date.parse("1980-01-06T00:00:00.000Z"), note: "1980" });
  for (let i = 0; i < 4; i += 1) await savedVisit(db, { nowMs: START_MS + i, note: String(i) });
  assert.equal((await ids(db, { limit: 3 })).includes(old.id), true);
  await db.write(["records"], async (tx) => {
    const row = await result(tx.objectStore("records").get(old.sha256));
    await result(tx.objectStore("records").put({ ...row, state: "acked" }));
  });
  assert.equal((await ids(db, { limit: 3 })).includes(old.id), false);
});

test("a visit that only the office knows stands under the office's time of the stand", async () => {
  const { db } = freshPhone();
  const data = { head: "h", revision: 2, state: "received", saved_at: at(START_MS + 2 * DAY), occurred_at: at(START_MS), area_name: "Far" };
  await applyChanges(db, { changes: [{ kind: "visit", id: "v", data }], cursor: "c", more: false }, at(START_MS));
  assert.equal((await readOwnVisit(db, "v")).happened_at, at(START_MS));
});
