import assert from "node:assert/strict";
import { test } from "node:test";
import { newestPayload } from "../../static/core/duplicates.js";
import { visitState } from "../../static/core/states.js";
import { addComment, NoContent, startCorrection } from "../../static/storage/corrections.js";
import { resetForStore } from "../../static/storage/outbox.js";
import { saveVisit } from "../../static/storage/records.js";
import { tidy } from "../../static/storage/retention.js";
import { countUnsent, readOwnVisit } from "../../static/storage/visits.js";
import { all, one, SAVING } from "./phone_fixture.mjs";
import { isRecords, joined } from "./sync_fixture.mjs";

const run = (world) => world.sync.run("timer");
const later = (world) => ({ ...SAVING, token: world.officers[0].token, nowMs: world.clock.ms });
const DAY = 86_400_000;

/** A visit with a photo that the office erased before it was sent. */
async function erasedUnsent() {
  const world = await joined();
  const record = await world.save({ photo: true, note: "about a person" });
  world.server.erased.add(record.id);
  await run(world);
  return { world, record };
}

test("a record that the office erased leaves the outbox, its text and photos leave the phone", async () => {
  const { world, record } = await erasedUnsent();
  const kept = await one(world.db, "records", record.sha256);
  assert.deepEqual([kept.state, kept.payload, kept.seal, kept.files, kept.draft], ["erased", "", "", [], null]);
  assert.deepEqual([await all(world.db, "files"), await all(world.db, "file_data")], [[], []]);
  assert.deepEqual(await countUnsent(world.db), { records: 0, files: 0 });
  assert.equal(JSON.stringify(kept).includes("about a person"), false);
});

test("it stays in the list as erased, with its jorong and time, and nothing can be done with it", async () => {
  const { world, record } = await erasedUnsent();
  const visit = await readOwnVisit(world.db, record.id);
  assert.deepEqual([visitState(visit, world.clock.ms).key, visit.area_name, visit.saved_at], ["erased", record.summary.area_name, record.saved_at]);
  assert.equal(newestPayload(visit), null);
  await assert.rejects(startCorrection(world.db, record.id, { reason: "x" }, world.clock.ms), NoContent);
});

test("it is not offered again, also not to a server restored from before the erasure", async () => {
  const { world, record } = await erasedUnsent();
  world.server.erased.clear();
  world.server.store_id = "store-2";
  await run(world);
  await resetForStore(world.db, "store-3");
  await run(world);
  assert.equal(world.server.records.has(record.sha256), false);
  assert.equal((await one(world.db, "records", record.sha256)).state, "erased");
});

test("an erasure takes what the office held of the visit along: first version, photos, comments", async () => {
  const world = await joined();
  const first = await world.save({ photo: true });
  await addComment(world.db, first.id, "the bridge is gone", later(world));
  await run(world);
  await saveVisit(world.db, await startCorrection(world.db, first.id, { reason: "typo" }, world.clock.ms), later(world));
  world.clock.ms += 11_000;
  world.server.erased.add(first.id);
  await run(world);
  assert.deepEqual((await all(world.db, "records")).map((record) => [record.state, record.payload]), [["erased", ""], ["erased", ""], ["erased", ""]]);
  assert.deepEqual([await all(world.db, "files"), await all(world.db, "file_data")], [[], []]);
});

test("a photo that another visit names stays, and a photo of an open draft is the draft's", async () => {
  const world = await joined();
  const first = await world.save({ photo: true });
  const second = await world.save({ photo: true, note: "another visit, the same photo" });
  const third = await world.save({ photo: true, seed: 9 });
  await startCorrection(world.db, third.id, { reason: "typo" }, world.clock.ms);
  world.server.erased.add(first.id).add(third.id);
  await run(world);
  for (const sha256 of second.files) assert.equal((await one(world.db, "files", sha256)).state, "sent");
  for (const sha256 of third.files) assert.equal((await one(world.db, "files", sha256)).state, "draft");
  assert.equal((await countUnsent(world.db)).files, 0);
});

test("an answer that names another hash, or refuses for another reason, empties nothing", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  const say = (changes) => world.server.fault(isRecords, () => world.server.json({ results: [{ id: record.id, sha256: record.sha256, result: "refused", code: "record.erased", message: "", missing_files: [], errors: [], ...changes }] }));
  for (const changes of [{ sha256: "0".repeat(64) }, { id: "another" }, { code: "record.foreign_officer" }, { result: "erased" }]) {
    say(changes);
    await world.sync.run("button");
    assert.equal((await one(world.db, "records", record.sha256)).payload, record.payload, JSON.stringify(changes));
  }
  assert.equal((await all(world.db, "file_data")).length, 2);
});

test("the line of an erased visit goes after ninety days, by the server's clock", async () => {
  const { world, record } = await erasedUnsent();
  const { acked_at } = await one(world.db, "records", record.sha256);
  assert.equal((await tidy(world.db, Date.parse(acked_at) + 90 * DAY - 1)).records, 0);
  assert.equal((await tidy(world.db, Date.parse(acked_at) + 90 * DAY)).records, 1);
});
