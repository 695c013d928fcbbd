/** Sending under wrong clocks, the phone's and the server's: order, stamps, cleaning up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { agoText } from "../../static/core/states.js";
import { readClock, updateClock } from "../../static/storage/device.js";
import { readFile } from "../../static/storage/files.js";
import { clockOfPayload, clockSet } from "../../static/core/clock.js";
import { countUnsent } from "../../static/storage/visits.js";
import { createSync } from "../../static/sync/runner.js";
import { all, one } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";
import { isPing, isRecords, joined } from "./sync_fixture.mjs";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const YEAR_1980 = Date.parse("1980-01-06T00:00:00.000Z");
const run = (world, reason = "timer") => world.sync.run(reason);
const safe = (hash) => ({ kind: "file_safe", id: hash, data: { safe_at: "x" } });
/** The phone's clock off by so much from the server's, which is right. */
async function apart(off) {
  const world = await joined();
  world.server.now = () => world.clock.ms - off;
  world.clock.ms += off;
  return world;
}

for (const [name, off] of [["1980", YEAR_1980 - START_MS], ["tomorrow", DAY], ["2099", 73 * YEAR]]) {
  test(`a phone set to ${name} sends everything once and learns its offset`, async () => {
    const world = await apart(off);
    const first = await world.save({ photo: true, note: "before any contact" });
    await run(world);
    assert.deepEqual([await countUnsent(world.db), world.sync.status.get().failure], [{ records: 0, files: 0 }, null]);
    const clock = await readClock(world.device);
    assert.deepEqual([clock.server_offset_ms, clock.doubt], [-off, null]);
    assert.equal(JSON.parse(world.server.records.get(first.sha256).payload).clock.server_offset_ms, null);
    const { acked_at } = await one(world.db, "records", first.sha256);
    assert.ok(Math.abs(Date.parse(acked_at) - world.server.now()) < HOUR, acked_at);
    assert.equal(agoText(world.sync.status.get().last_contact_at, world.clock.ms), "just now");
  });
}

test("records go oldest first by their number on the phone, whatever its clock did between", async () => {
  const world = await apart(DAY);
  await world.save({ note: "1" });
  world.clock.ms -= 40 * YEAR;
  await world.save({ note: "2" });
  world.clock.ms += 40 * YEAR - DAY;
  await world.save({ note: "3" });
  await run(world, "button");
  assert.deepEqual(world.server.log.find(isRecords).json.records.map((record) => JSON.parse(record.payload).note), ["1", "2", "3"]);
});

test("a server that wakes in 1970 corrects nothing and stamps nothing on the phone", async () => {
  const world = await joined();
  await run(world);
  const record = await world.save({ photo: true });
  world.server.now = () => world.clock.ms - START_MS;
  await run(world);
  const clock = await readClock(world.device);
  assert.deepEqual([clock.server_offset_ms, clock.doubt !== null, clockOfPayload(clock, world.clock.ms).state], [0, true, "doubtful"]);
  const [{ acked_at }, { sent_at }] = [await one(world.db, "records", record.sha256), await one(world.db, "files", record.files[1])];
  assert.deepEqual([acked_at.slice(0, 10), sent_at.slice(0, 10)], ["2026-05-04", "2026-05-04"]);
  assert.equal(world.sync.status.get().last_contact_at.slice(0, 10), "2026-05-04");
  assert.equal(await countUnsent(world.db).then(({ records, files }) => records + files), 0, "it is the office's server all the same");
});

test("what a server of 1970 acknowledged is not cleaned up when its clock is right again", async () => {
  const world = await joined();
  await run(world);
  const record = await world.save({ photo: true });
  world.server.now = () => world.clock.ms - START_MS;
  await run(world);
  world.server.feed.push(...record.files.map(safe));
  world.server.now = () => world.clock.ms;
  world.clock.ms += 2 * DAY;
  await run(world);
  world.clock.ms += DAY;
  await run(world);
  assert.notEqual(await readFile(world.db, record.files[1]), null);
  assert.equal((await all(world.db, "records")).length, 1);
});

test("a server whose clock jumps a year ahead does not make the phone let go of anything", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  world.server.feed.push(...record.files.map(safe));
  for (let day = 0; day < 3; day += 1) {
    // each day the app is opened anew: nothing of the page's own counting clock is left
    world.sync = createSync(world.environment);
    world.clock.ms += DAY;
    world.server.now = () => world.clock.ms + YEAR;
    await run(world);
  }
  assert.notEqual(await readFile(world.db, record.files[1]), null);
  assert.equal((await all(world.db, "records")).length, 1);
});

test("while the page counts on, a server that jumps is doubted and the offset stays", async () => {
  const world = await joined();
  await run(world);
  world.clock.ms += HOUR;
  world.server.now = () => world.clock.ms + YEAR;
  await run(world);
  const clock = await readClock(world.device);
  assert.deepEqual([clock.server_offset_ms, clock.doubt !== null], [0, true]);
});

test("a clock that is set while the question travels does not spoil the measure", async () => {
  const world = await joined();
  let counted = 0;
  world.environment.monotonic = () => (counted += 100);
  world.server.fault(isPing, (_request, answer) => {
    world.server.now = () => START_MS;
    world.clock.ms = START_MS + DAY;
    return answer();
  });
  await run(world);
  assert.equal((await readClock(world.device)).server_offset_ms, -DAY + 50);
});

test("a clock set since the last contact gives no offset until the next one", async () => {
  const world = await joined();
  await run(world);
  world.clock.ms += 3 * HOUR;
  await updateClock(world.device, (known) => clockSet(known, 3 * HOUR, world.clock.ms));
  assert.deepEqual(clockOfPayload(await readClock(world.device), world.clock.ms).server_offset_ms, null);
  world.server.now = () => world.clock.ms - 3 * HOUR;
  await run(world);
  assert.equal(clockOfPayload(await readClock(world.device), world.clock.ms).server_offset_ms, -3 * HOUR);
});

test("two tabs that learn of the clocks at once lose nothing of each other", async () => {
  const world = await joined();
  await Promise.all(Array.from({ length: 5 }, (_, i) => updateClock(world.device, (known) => clockSet(known, i, START_MS + i))));
  assert.equal((await readClock(world.device)).jumps, 5);
});
