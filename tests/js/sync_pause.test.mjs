/** The officer's pause, the back-off over a restart, and one runner whatever number of tabs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readSetting, writeSetting } from "../../static/storage/device.js";
import { countUnsent } from "../../static/storage/visits.js";
import { createSync } from "../../static/sync/runner.js";
import { problem } from "./fake_server.mjs";
import { all } from "./phone_fixture.mjs";
import { cut, isPing, isPut, isRecords, joined } from "./sync_fixture.mjs";

const run = (world, reason = "timer") => world.sync.run(reason);
const isPhoto = (request) => isPut(request) && request.headers.get("X-File-Kind") === "photo";
/** The app was closed and opened again: nothing in memory is left. */
const reopened = async (world) => {
  const sync = createSync(world.environment);
  await sync.refresh();
  return sync;
};

test("a pause sends nothing, not by the button either, and tells since when; going on sends all", async () => {
  const world = await joined();
  await world.save({ photo: true });
  const since = new Date(world.clock.ms).toISOString();
  await world.sync.pause();
  for (const reason of ["save", "timer", "online", "button"]) await run(world, reason);
  assert.deepEqual([world.server.log.length, world.sync.status.get().paused_at], [0, since]);
  assert.deepEqual([world.sync.status.get().unsent_records, world.sync.status.get().unsent_files], [1, 1]);
  await world.sync.resume();
  await run(world, "button");
  assert.deepEqual([await countUnsent(world.db), world.sync.status.get().paused_at], [{ records: 0, files: 0 }, null]);
});

test("a pause outlives a restart of the phone, with its time", async () => {
  const world = await joined();
  await world.save();
  const since = new Date(world.clock.ms).toISOString();
  await world.sync.pause();
  world.clock.ms += 86_400_000;
  const later = await reopened(world);
  assert.equal(later.status.get().paused_at, since);
  await later.run("start");
  assert.equal(world.server.log.length, 0);
  await later.pause();
  assert.equal(later.status.get().paused_at, since, "pausing again does not move it");
});

test("a pause in the middle of a photo stops it there; it goes on at the byte", async () => {
  const world = await joined();
  await world.save({ photo: true, size: 150_000 });
  world.server.fault(isPhoto, async (request) => {
    world.server.keepPartial("ani", request, 50_000);
    const over = new Promise((_resolve, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
    await world.sync.pause();
    return over;
  });
  await run(world);
  const status = world.sync.status.get();
  assert.deepEqual([status.phase, status.failure, status.unsent_files, typeof status.paused_at], ["idle", null, 1, "string"]);
  const asked = world.server.log.length;
  await run(world, "button");
  assert.equal(world.server.log.length, asked);
  await world.sync.resume();
  world.server.log.length = 0;
  await run(world, "button");
  assert.deepEqual([await countUnsent(world.db), world.server.log.find(isPhoto).headers.get("Upload-Offset")], [{ records: 0, files: 0 }, "50000"]);
});

test("a pause in another tab stops this one between two requests", async () => {
  const world = await joined();
  for (let i = 0; i < 60; i += 1) await world.save({ note: String(i) });
  const other = createSync(world.environment);
  world.server.fault(isRecords, async (_request, answer) => {
    await other.pause();
    return answer();
  });
  await run(world);
  assert.deepEqual([world.server.records.size, (await countUnsent(world.db)).records], [50, 10]);
  assert.notEqual(world.sync.status.get().paused_at, null);
  await other.resume();
  await run(world, "visible");
  assert.deepEqual([world.server.records.size, world.sync.status.get().paused_at], [60, null]);
});

test("going on while the paused run still ends makes one run more", async () => {
  const world = await joined();
  await world.save({ photo: true });
  let over;
  world.server.fault(isRecords, (request) => new Promise((_resolve, reject) => {
    request.signal.addEventListener("abort", () => { over = () => reject(request.signal.reason); });
    void world.sync.pause();
  }));
  const first = run(world);
  while (!over) await new Promise((resolve) => setImmediate(resolve));
  await world.sync.resume();
  const second = run(world, "button");
  over();
  await Promise.all([first, second]);
  assert.deepEqual([await countUnsent(world.db), world.sync.status.get().failure], [{ records: 0, files: 0 }, null]);
});

test("a failure is still told after a restart, with the time of the next try and the count of tries", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isPing, cut, 3);
  await run(world);
  await run(world);
  const later = await reopened(world);
  assert.deepEqual([later.status.get().failure, later.status.get().next_try_ms], [{ kind: "no_network", code: null, message: null, officer_id: null, offline: false }, world.clock.ms + 5_000]);
  await later.run("timer");
  assert.equal(later.status.get().next_try_ms, world.clock.ms + 10_000);
  await later.run("timer");
  assert.deepEqual([later.status.get().failure, later.status.get().next_try_ms, await readSetting(world.device, "sync_retry", "?")], [null, null, null]);
});

test("an error's text stays through the next try, until one went well", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isRecords, () => problem(507, "server.disk_full"), 2);
  const seen = new Set();
  await run(world);
  const stop = world.sync.status.subscribe((status) => seen.add(status.failure?.kind ?? "none"));
  await run(world);
  stop();
  assert.deepEqual([...seen], ["server_full"]);
  await run(world);
  assert.equal(world.sync.status.get().failure, null);
});

test("a next try that a clock has moved years away is now", async () => {
  const world = await joined();
  world.server.fault(isPing, cut);
  await run(world);
  world.clock.ms -= 40 * 365 * 86_400_000;
  const later = await reopened(world);
  assert.equal(later.status.get().next_try_ms, world.clock.ms);
});

/** One Web Lock for all tabs of the phone. */
function locked(world) {
  let turn = Promise.resolve();
  world.environment.exclusively = (work) => {
    const mine = turn.then(work);
    turn = mine.then(() => undefined, () => undefined);
    return mine;
  };
}

test("two tabs take turns; nothing goes twice", async () => {
  const world = await joined();
  locked(world);
  const other = createSync(world.environment);
  for (let i = 0; i < 60; i += 1) await world.save({ note: String(i), photo: i < 3, seed: i + 1 });
  await Promise.all([world.sync.run("online"), other.run("online"), world.sync.run("button"), other.run("button")]);
  const sent = world.server.log.filter(isRecords).flatMap((request) => request.json.records.map((record) => record.sha256));
  assert.deepEqual([sent.length, new Set(sent).size, world.server.log.filter(isPut).length], [60, 60, 6]);
  assert.deepEqual([world.sync.status.get().unsent_records, other.status.get().unsent_records], [0, 0]);
});

test("a tab that waited while another one failed does not knock a second time, but tells the failure", async () => {
  const world = await joined();
  locked(world);
  const other = createSync(world.environment);
  await world.save();
  world.server.fault(isPing, (request) => {
    world.clock.ms += 1_000;
    return cut(request);
  }, 9);
  await Promise.all([world.sync.run("online"), other.run("online")]);
  assert.deepEqual([world.server.paths(), other.status.get().failure.kind], [["/ping"], "no_network"]);
  await other.run("button");
  assert.equal(world.server.paths().length, 2);
});

test("a pause is no failure, and no record is touched by it", async () => {
  const world = await joined();
  await world.save();
  const before = await all(world.db, "records");
  await writeSetting(world.device, "sending_paused_at", "2026-05-04T00:00:00.000Z");
  await run(world, "button");
  assert.deepEqual([await all(world.db, "records"), world.sync.status.get().failure, world.sync.status.get().paused_at], [before, null, "2026-05-04T00:00:00.000Z"]);
});

test("a count that began before a run ended does not bring its old failure back", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isPing, cut);
  await run(world);
  assert.equal(world.sync.status.get().failure.kind, "no_network");
  const { officer } = world.environment;
  let letGo = () => {};
  const gate = new Promise((resolve) => {
    letGo = resolve;
  });
  const counting = new Promise((resolve) => {
    world.environment.officer = (id) => {
      world.environment.officer = officer;
      resolve();
      const db = officer(id);
      return { read: (...asked) => gate.then(() => db.read(...asked)) };
    };
  });
  const late = world.sync.refresh();
  await counting;
  await run(world, "button");
  letGo();
  await late;
  const { failure, next_try_ms, unsent_records } = world.sync.status.get();
  assert.deepEqual([failure, next_try_ms, unsent_records], [null, null, 0]);
});

test("a link that breaks after every piece is tried again soon; one on which nothing arrives ever later", async () => {
  const world = await joined();
  await world.save({ photo: true, size: 600_000 });
  let pieces = 0;
  world.server.fault((request) => isPhoto(request) && (pieces += 1) % 2 === 0, () => problem(502, "gateway"), Infinity);
  const wait = () => world.sync.status.get().next_try_ms - world.clock.ms;
  for (let n = 0; n < 2; n += 1) {
    await run(world);
    assert.deepEqual([world.sync.status.get().failure.kind, wait()], ["server_down", 2_500]);
  }
  world.server.fault(isPing, cut, 2);
  await run(world);
  assert.equal(wait(), 5_000);
  await run(world);
  assert.equal(wait(), 10_000);
});
