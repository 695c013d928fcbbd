/** Slow links, boxes in between, stores that change: how the sending suits itself to the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomBytes } from "node:crypto";
import { timeLimitMs, freshLink } from "../../static/sync/link.js";
import { listRemote } from "../../static/storage/remote.js";
import { readOfficer } from "../../static/storage/device.js";
import { countUnsent } from "../../static/storage/visits.js";
import { html, problem } from "./fake_server.mjs";
import { all, one } from "./phone_fixture.mjs";
import { cut, isPing, isPut, isRecords, joined, silence } from "./sync_fixture.mjs";

const run = (world, reason = "timer") => world.sync.run(reason);
const failure = (world) => world.sync.status.get().failure?.kind ?? null;
const isFile = (request) => request.path.startsWith("/files/");
const isUpload = (request) => isFile(request) && ["PUT", "POST"].includes(request.method);
const isHead = (request) => request.method === "HEAD";
const isChanges = (request) => request.path.startsWith("/changes");
const sizes = (world, match) => world.server.log.filter(match).map((request) => request.body.length);
const counts = (world) => world.server.log.filter(isRecords).map((request) => request.json?.records.length ?? null).filter((n) => n !== 0);
const noise = (bytes) => randomBytes(bytes / 2).toString("hex");

/**
 * A link of so many bytes a second and milliseconds there and back, shared by what travels at
 * once. A request that takes longer than the phone's patience ends with it; `given` counts those.
 */
function slowLink(world, { bytesPerS, roundTripMs }) {
  const link = { given: 0, bytesPerS, roundTripMs, seen: null };
  world.server.fault(() => true, async (request, answer) => {
    link.seen?.(request);
    const response = await answer();
    const down = response.body ? Number((await response.clone().arrayBuffer()).byteLength) : 0;
    const took = link.roundTripMs + (((request.body?.length ?? 0) * world.server.inFlight + down) / link.bytesPerS) * 1000;
    if (took > request.alarm.ms) {
      link.given += 1;
      world.clock.ms += request.alarm.ms;
      request.alarm.ring();
      throw request.signal.reason;
    }
    world.clock.ms += took / world.server.inFlight;
    return response;
  }, Infinity);
  return link;
}

for (const [name, bytesPerS] of [["50 kbit/s", 6_250], ["9.6 kbit/s", 1_200]]) {
  test(`at ${name} with 600 ms a full batch and large photos arrive without one time-out`, async () => {
    const world = await joined();
    for (let i = 0; i < 6; i += 1) await world.save({ note: noise(40_000) });
    for (let seed = 1; seed <= 3; seed += 1) await world.save({ photo: true, seed, size: 350_000 });
    const link = slowLink(world, { bytesPerS, roundTripMs: 600 });
    await run(world);
    assert.deepEqual([link.given, await countUnsent(world.db), failure(world)], [0, { records: 0, files: 0 }, null]);
  });
}

test("a 256 kB body has the minutes that 2G needs for it, and a dead link is noticed sooner on a quick one", () => {
  const link = freshLink("cellular", 0);
  assert.ok(timeLimitMs(link, 256_000) > (256_000 / 1_200) * 1000 + 30_000);
  link.pace = 200;
  assert.ok(timeLimitMs(link, 256_000) < 45_000);
  assert.equal(timeLimitMs(link, 0), 30_000);
});

test("a link that grows slow in the middle gets smaller pieces, one that grows quick larger ones", async () => {
  const world = await joined();
  await world.save({ photo: true, size: 3_000_000 });
  const link = slowLink(world, { bytesPerS: 500_000, roundTripMs: 50 });
  const chunks = [];
  link.seen = (request) => {
    if (!isUpload(request)) return;
    const offset = Number(request.headers.get("Upload-Offset"));
    link.bytesPerS = offset > 1_000_000 && offset < 2_000_000 ? 2_000 : 500_000;
    chunks.push({ offset, size: request.body.length });
  };
  await run(world);
  assert.deepEqual([await countUnsent(world.db), failure(world)], [{ records: 0, files: 0 }, null]);
  const largest = (from, to) => Math.max(...chunks.filter(({ offset }) => offset >= from && offset < to).map(({ size }) => size));
  assert.deepEqual([largest(0, 1_000_000), largest(2_000_000, 3_000_000)], [256_000, 256_000]);
  assert.ok(largest(1_700_000, 2_000_000) <= 32_000, JSON.stringify(chunks));
});

test("a batch in which nothing moves is halved until it passes, and the next ones stay small", async () => {
  const world = await joined();
  for (let i = 0; i < 40; i += 1) await world.save({ note: String(i) });
  world.server.fault((request) => isRecords(request) && world.server.read(request).records.length > 9, silence, Infinity);
  await run(world);
  assert.deepEqual([await countUnsent(world.db), failure(world)], [{ records: 0, files: 0 }, null]);
  const seen = counts(world);
  assert.deepEqual(seen.slice(0, 4), [40, 20, 10, 5]);
  assert.ok(seen.slice(3).every((n) => n <= 10) && seen.filter((n) => n === 10).length <= 2, String(seen));
  const notes = [...world.server.records.values()].map((record) => Number(JSON.parse(record.payload).note));
  assert.deepEqual(notes, notes.toSorted((a, b) => a - b), "oldest first all the same");
});

test("when nothing moves at all it is called slow, and everything stays", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isPing, silence);
  await run(world);
  assert.equal(failure(world), "slow");
  world.server.fault(isRecords, silence);
  await run(world);
  assert.deepEqual([failure(world), await countUnsent(world.db)], ["slow", { records: 1, files: 0 }]);
  await run(world);
  assert.equal(failure(world), null);
});

test("an answer that stands still in the middle is given up, not waited for", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isRecords, (request) => new Response(new ReadableStream({
    start(stream) {
      stream.enqueue(new TextEncoder().encode('{"ok": tr'));
      request.signal.addEventListener("abort", () => stream.error(request.signal.reason));
      setImmediate(() => world.alarms.at(-1).ring()); // the limit of the reading
    },
  })));
  await run(world);
  assert.deepEqual([failure(world), (await countUnsent(world.db)).records], ["slow", 1]);
});

/** A box that answers larger bodies with 413 and a page. */
const capAt = (world, most) => world.server.fault((request) => (request.body?.length ?? 0) > most, () => html(413), Infinity);

test("a box that caps bodies gets smaller batches and chunks until they pass", async () => {
  const world = await joined();
  for (let i = 0; i < 8; i += 1) await world.save({ note: noise(6_000), photo: i < 2, seed: i + 1, size: 100_000 });
  capAt(world, 12_000);
  await run(world);
  assert.deepEqual([await countUnsent(world.db), failure(world)], [{ records: 0, files: 0 }, null]);
  assert.equal(world.server.records.size, 8);
  world.server.log.length = 0;
  await world.save({ note: noise(6_000) });
  await run(world);
  assert.equal(sizes(world, (request) => (request.body?.length ?? 0) > 12_000).length, 0, "it is not tried again");
});

test("what no cap lets through waits for another network, marked as nobody's fault; the rest goes", async () => {
  const world = await joined();
  const large = await world.save({ note: noise(60_000) });
  await world.save({ note: "small" });
  capAt(world, 5_000);
  await run(world);
  assert.deepEqual([failure(world), world.server.records.size], ["blocked", 1]);
  const kept = await one(world.db, "records", large.sha256);
  assert.deepEqual([kept.state, kept.refusal, kept.tries], ["waiting", null, 1]);
  await run(world, "online");
  assert.equal(failure(world), "blocked", "it is told until it is over");
  world.server.faults.length = 0;
  await run(world);
  assert.deepEqual([failure(world), world.server.records.size], [null, 2]);
});

test("a cap that no piece of a photo passes is told, and the office's news come all the same", async () => {
  const world = await joined();
  await world.save({ photo: true, size: 50_000 });
  world.server.feed.push({ kind: "area", id: "a", data: { name: "A" } });
  world.server.fault((request) => isUpload(request) && request.body.length > 1_000, () => html(413), Infinity);
  await run(world);
  assert.deepEqual([failure(world), (await countUnsent(world.db)).files, (await listRemote(world.db, "area")).length], ["blocked", 1, 1]);
});

test("our own server's 413 is about the record, not about the way", async () => {
  const world = await joined();
  const record = await world.save();
  world.server.fault(isRecords, () => problem(413, "request.too_large"));
  await run(world);
  assert.deepEqual([(await one(world.db, "records", record.sha256)).state, failure(world)], ["refused", null]);
});

test("a link that resets every upload after some bytes still brings the photo over, piece by piece", async () => {
  const world = await joined();
  const record = await world.save({ photo: true, size: 120_000 });
  world.server.fault((request) => isUpload(request) && request.body.length > 20_000, (request) => {
    world.server.keepPartial("ani", request, 9_000);
    return cut();
  }, Infinity);
  await run(world);
  assert.equal(world.server.files.has(record.files[1]), true);
});

test("a box that blocks PUT gets POST, also with three photos under way, and is asked once", async () => {
  const world = await joined();
  for (let seed = 1; seed <= 6; seed += 1) await world.save({ photo: true, seed });
  world.server.fault(isPut, () => html(405), Infinity);
  await run(world);
  assert.deepEqual([await countUnsent(world.db), failure(world)], [{ records: 0, files: 0 }, null]);
  const blocked = world.server.log.filter(isPut).length;
  assert.ok(blocked <= 3, String(blocked));
  await world.save({ photo: true, seed: 9 });
  await run(world);
  assert.equal(world.server.log.filter(isPut).length, blocked, "the next run knows");
});

test("a box that cuts PUT instead of refusing it is got round as well", async () => {
  const world = await joined();
  await world.save({ photo: true });
  world.server.fault(isPut, cut, Infinity);
  await run(world);
  assert.deepEqual([await countUnsent(world.db), failure(world)], [{ records: 0, files: 0 }, null]);
});

test("a box that blocks HEAD does not stop a photo from going on at the byte", async () => {
  const world = await joined();
  await world.save({ photo: true, size: 150_000 });
  world.server.fault(isHead, () => new Response(null, { status: 405 }), Infinity);
  world.server.fault((request) => isUpload(request) && request.body.length > 1_000, (request) => {
    world.server.keepPartial("ani", request, 50_000);
    return cut();
  });
  await run(world);
  assert.deepEqual([await countUnsent(world.db), failure(world)], [{ records: 0, files: 0 }, null]);
  assert.ok(sizes(world, isUpload).reduce((sum, size) => sum + size, 0) < 150_000 + 3 * 64_000);
});

test("uploads that never get anything over, while the server answers, stop the run instead of trying each photo", async () => {
  const world = await joined();
  for (let seed = 1; seed <= 9; seed += 1) await world.save({ photo: true, seed });
  world.server.fault(isUpload, silence, Infinity);
  await run(world);
  assert.equal(failure(world), "slow");
  assert.ok(world.server.log.filter(isUpload).length <= 9, String(world.server.log.filter(isUpload).length));
  assert.equal((await countUnsent(world.db)).files, 9);
});

test("the feed comes in smaller pages on a slow link, in larger ones on a quick one", async () => {
  const world = await joined();
  world.server.feed = Array.from({ length: 1_500 }, (_, i) => ({ kind: "area", id: `a${i}`, data: { name: "x".repeat(300) } }));
  world.server.fault((request) => isChanges(request) && Number(new URL(`http://x${request.path}`).searchParams.get("limit")) > 130, silence, Infinity);
  for (let i = 0; i < 4 && (await listRemote(world.db, "area")).length < 1_500; i += 1) await run(world);
  assert.equal((await listRemote(world.db, "area")).length, 1_500);
});

test("a refusal by a restored server fills the outbox again as an answer would", async () => {
  const world = await joined();
  await world.save({ photo: true });
  await run(world);
  assert.equal((await all(world.db, "records"))[0].state, "acked");
  world.server.tokens.clear();
  world.server.fault(isChanges, () => new Response(JSON.stringify({ ok: false, code: "auth.revoked", message: "", errors: [], status: 401, store_id: "store-2" }), { status: 401 }), Infinity);
  await run(world);
  assert.deepEqual([failure(world), await countUnsent(world.db), (await readOfficer(world.device, "ani")).state], ["needs_code", { records: 1, files: 1 }, "needs_code"]);
});
