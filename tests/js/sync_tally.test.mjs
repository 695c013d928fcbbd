/** The end of the day: phone and office count by hash, and what differs is named and repaired. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { result } from "../../static/storage/database.js";
import { updateClock, writeSetting } from "../../static/storage/device.js";
import { listNewestRecords, listStuckFiles } from "../../static/storage/day_records.js";
import { countUnsent } from "../../static/storage/visits.js";
import { agrees, dayTally } from "../../static/sync/tally.js";
import { problem } from "./fake_server.mjs";
import { all, one } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";
import { cut, isPut, isRecords, joined } from "./sync_fixture.mjs";

const DAY = 86_400_000;
const run = (world, reason = "timer") => world.sync.run(reason);
const tallyOf = (world, day = "2026-05-04") => dayTally(world.environment, world.officers[0], day, "Asia/Jakarta");
const numbers = (tally) => [tally.phone, tally.server, tally.photos_phone, tally.photos_server];
const hashes = (rows) => rows.map((row) => row.sha256);
const isPhoto = (request) => isPut(request) && request.headers.get("X-File-Kind") === "photo";
const forget = (world, record) => {
  world.server.records.delete(record.sha256);
  world.server.heads.delete(record.id);
};

test("the day's tally agrees when all arrived", async () => {
  const world = await joined();
  await world.save({ note: "1" });
  await world.save({ photo: true, note: "2" });
  await run(world);
  const tally = await tallyOf(world);
  assert.deepEqual([numbers(tally), agrees(tally)], [[2, 2, 1, 1], true]);
  assert.deepEqual([tally.unsent, tally.refused, tally.again, tally.files_again, tally.files_gone], [[], [], [], 0, 0]);
});

test("what the office lacks is named, goes into the outbox again, and then it agrees", async () => {
  const world = await joined();
  const lost = await world.save({ note: "1" });
  const half = await world.save({ photo: true, note: "2" });
  await run(world);
  forget(world, lost);
  world.server.files.delete(half.files[1]);
  const tally = await tallyOf(world);
  assert.deepEqual([numbers(tally), agrees(tally), hashes(tally.again), tally.files_again], [[2, 1, 1, 0], false, [lost.sha256], 1]);
  assert.deepEqual(await countUnsent(world.db), { records: 1, files: 1 });
  await run(world);
  assert.equal(agrees(await tallyOf(world)), true);
  assert.deepEqual([world.server.records.size, world.server.files.size], [2, 2]);
});

test("unsent, refused and sent are told apart", async () => {
  const world = await joined();
  const refused = await world.save({ note: "1" });
  world.server.fault(isRecords, () => problem(422, "record.unreadable_envelope"));
  await run(world);
  await world.save({ note: "2" });
  await run(world);
  const unsent = await world.save({ note: "3" });
  const tally = await tallyOf(world);
  assert.deepEqual([numbers(tally), hashes(tally.refused), hashes(tally.unsent), tally.again], [[3, 1, 0, 0], [refused.sha256], [unsent.sha256], []]);
});

test("a photo still on its way counts as missing and keeps the byte where it is", async () => {
  const world = await joined();
  const record = await world.save({ photo: true, size: 150_000 });
  world.server.fault(isPhoto, (request) => {
    world.server.keepPartial("ani", request, 50_000);
    return cut();
  });
  world.server.fault((request) => request.method === "HEAD", cut);
  await run(world);
  await world.db.write(["files"], async (tx) => {
    const file = await result(tx.objectStore("files").get(record.files[1]));
    await result(tx.objectStore("files").put({ ...file, offset: 50_000 }));
  });
  const tally = await tallyOf(world);
  assert.deepEqual([numbers(tally), tally.files_again], [[1, 1, 1, 0], 0]);
  assert.equal((await one(world.db, "files", record.files[1])).offset, 50_000);
});

test("photos held back for Wi-Fi count as missing, and neither tally nor resume sends them", async () => {
  const world = await joined();
  await writeSetting(world.device, "wifi_only_photos", true);
  await world.save({ photo: true });
  for (const reason of ["tally", "resume", "online"]) await run(world, reason);
  const tally = await tallyOf(world);
  assert.deepEqual([numbers(tally), tally.files_on_way, tally.more, (await countUnsent(world.db)).files], [[1, 1, 1, 0], 1, false, 1]);
});

test("a thumbnail that the office lacks goes again without a word: the photo is there", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  world.server.files.delete(record.files[0]);
  const tally = await tallyOf(world);
  assert.deepEqual([agrees(tally), tally.files_again, tally.more], [true, 0, true]);
  await run(world);
  assert.equal(world.server.files.has(record.files[0]), true);
});

test("a photo missing at the office and no longer here is told, for the supervisor", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  world.server.files.delete(record.files[1]);
  await world.db.write(["files", "file_data"], async (tx) => {
    await result(tx.objectStore("file_data").delete(record.files[1]));
    const file = await result(tx.objectStore("files").get(record.files[1]));
    await result(tx.objectStore("files").put({ ...file, held: false }));
  });
  const tally = await tallyOf(world);
  assert.deepEqual([numbers(tally), tally.files_gone], [[1, 1, 1, 0], 1]);
  assert.deepEqual((await listStuckFiles(world.db)).map(({ file, visit_id }) => [file.state, visit_id]), [["lost", record.id]]);
});

test("a record whose answer was lost counts as held, since the office has it", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isRecords, async (_request, answer) => { await answer(); return cut(); });
  await run(world);
  const tally = await tallyOf(world);
  assert.deepEqual([numbers(tally), tally.unsent], [[1, 1, 0, 0], []]);
});

test("the tally counts by the office's day", async () => {
  const world = await joined();
  world.clock.ms = Date.parse("2026-05-04T16:59:00.000Z");
  await world.save({ note: "before midnight" });
  world.clock.ms = Date.parse("2026-05-04T17:01:00.000Z");
  await world.save({ note: "after midnight" });
  await run(world);
  const days = await Promise.all(["2026-05-03", "2026-05-04", "2026-05-05", null].map((day) => tallyOf(world, day)));
  assert.deepEqual(days.map((tally) => tally.phone), [0, 1, 1, 2]);
});

test("a phone set to tomorrow or to 1980, whose offset is known, tallies the right day", async () => {
  for (const off of [DAY, Date.parse("1980-01-06T00:00:00.000Z") - START_MS]) {
    const world = await joined();
    const honest = world.server.now;
    world.server.now = () => honest() - off;
    world.clock.ms += off;
    await run(world);
    const clock = await updateClock(world.device, (known) => known);
    assert.equal(clock.server_offset_ms, -off);
    await world.save({ clock });
    await run(world);
    const [today, other] = [await tallyOf(world), await tallyOf(world, new Date(world.clock.ms).toISOString().slice(0, 10))];
    assert.deepEqual([today.phone, today.server, other.phone], [1, 1, 0]);
  }
});

test("a server restored meanwhile is noticed by the tally; everything goes again and then agrees", async () => {
  const world = await joined();
  await world.save({ photo: true });
  await run(world);
  Object.assign(world.server, { store_id: "store-2", records: new Map(), heads: new Map(), files: new Map() });
  const tally = await tallyOf(world);
  assert.deepEqual([tally.restored, agrees(tally), await countUnsent(world.db)], [true, false, { records: 1, files: 1 }]);
  await run(world);
  assert.equal(agrees(await tallyOf(world)), true);
});

test("a thousand records are asked for in pages and none is left out", async () => {
  const world = await joined();
  for (let i = 0; i < 1_010; i += 1) await world.save({ note: String(i) });
  await run(world);
  const tally = await tallyOf(world, null);
  assert.deepEqual([tally.phone, tally.server], [1_000, 1_000]);
  const [newest] = await listNewestRecords(world.db, 1);
  assert.equal(JSON.parse((await one(world.db, "records", newest.sha256)).payload).note, "1009");
});

test("an unreachable office makes no tally and changes nothing", async () => {
  const world = await joined();
  await world.save();
  await run(world);
  world.server.fault((request) => request.path === "/records/status", cut);
  await assert.rejects(tallyOf(world), { kind: "no_network" });
  world.server.fault((request) => request.path === "/records/status", () => world.server.json({ records: "none" }));
  await assert.rejects(tallyOf(world), { code: "status.malformed" });
  assert.equal((await all(world.db, "records"))[0].state, "acked");
});
