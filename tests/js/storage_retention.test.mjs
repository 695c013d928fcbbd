import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { addComment, startCorrection } from "../../static/storage/corrections.js";
import { readFile } from "../../static/storage/files.js";
import { recordOutcomes } from "../../static/storage/outbox.js";
import { PHOTO_DAYS, TEXT_DAYS, tidy } from "../../static/storage/retention.js";
import { all, one, SAVING } from "./phone_fixture.mjs";
import { joined } from "./sync_fixture.mjs";

const DAY = 86_400_000;
let world;
beforeEach(async () => {
  world = await joined();
});

const run = () => world.sync.run("timer");
const tell = (record, deleted = false) => world.server.feed.push(...record.files.map((id) => ({ kind: "file_safe", id, deleted, data: deleted ? null : { safe_at: "x" } })));
/** A visit with a photo that is at the office and in its backup. */
async function safeVisit(options = {}) {
  const record = await world.save({ photo: true, ...options });
  await run();
  tell(record);
  await run();
  return record;
}
const after = (days) => world.clock.ms + days * DAY;

test("photos stay seven days and text ninety, as the officer was told", () => {
  assert.deepEqual([PHOTO_DAYS, TEXT_DAYS], [7, 90]);
});

test("a photo that is no longer in any backup stays", async () => {
  const record = await safeVisit();
  tell(record, true);
  await run();
  assert.deepEqual(await tidy(world.db, after(400)), { photos: 0, records: 0 });
});

test("a restored server's word counts anew: nothing goes until it says safe again", async () => {
  const record = await safeVisit();
  world.server.store_id = "store-2";
  world.server.records.clear();
  world.server.heads.clear();
  world.server.files.clear();
  world.server.feed.length = 0;
  await run();
  assert.equal(world.server.files.size, 2, "the phone brought both back");
  assert.deepEqual(await tidy(world.db, after(400)), { photos: 0, records: 0 });
  tell(record);
  await run();
  assert.equal((await tidy(world.db, after(8))).photos, 1);
});

test("a photo that an open correction shows stays, its visit too", async () => {
  const record = await safeVisit();
  await startCorrection(world.db, record.id, { reason: "x" }, world.clock.ms);
  assert.deepEqual(await tidy(world.db, after(400)), { photos: 0, records: 0 });
  assert.notEqual(await readFile(world.db, record.files[1]), null);
});

test("a photo that two visits name stays while one of them is not safe to go", async () => {
  await safeVisit();
  const twin = await world.save({ photo: true, note: "again" });
  assert.deepEqual((await tidy(world.db, after(400))).records, 1);
  for (const sha256 of twin.files) assert.notEqual(await one(world.db, "files", sha256), undefined);
});

test("a visit goes as a whole or not at all: one unsent comment keeps it", async () => {
  const record = await safeVisit();
  await addComment(world.db, record.id, "the bridge", { ...SAVING, nowMs: after(100) });
  assert.equal((await tidy(world.db, after(400))).records, 0);
  assert.equal((await all(world.db, "records")).length, 2);
});

test("what the office could not read stays on the phone for ever", async () => {
  const record = await world.save();
  await recordOutcomes(world.db, [{ sha256: record.sha256, kind: "acked", result: "quarantined", missing_files: [], errors: [] }], "2026-05-04T03:00:00.000Z");
  assert.equal((await tidy(world.db, after(4000))).records, 0);
});

test("a refused record stays, however long ago it was", async () => {
  const record = await world.save({ photo: true });
  await recordOutcomes(world.db, [{ sha256: record.sha256, kind: "refused", refusal: { code: "record.foreign_officer", message: "" }, errors: [], next_try_ms: 0 }], "2026-05-04T03:00:00.000Z");
  assert.deepEqual(await tidy(world.db, after(4000)), { photos: 0, records: 0 });
});
