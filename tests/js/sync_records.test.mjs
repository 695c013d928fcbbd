import assert from "node:assert/strict";
import { createHmac, createHash } from "node:crypto";
import { test } from "node:test";
import { freezePayload } from "../../static/core/payload.js";
import { result } from "../../static/storage/database.js";
import { listOfficers, readClock, readOfficer, writeSetting } from "../../static/storage/device.js";
import { openOfficer } from "../../static/storage/officer.js";
import { startCorrection } from "../../static/storage/corrections.js";
import { saveVisit, undoSave } from "../../static/storage/records.js";
import { countUnsent } from "../../static/storage/visits.js";
import { html, problem } from "./fake_server.mjs";
import { all, one, SAVING } from "./phone_fixture.mjs";
import { cut, isPing, isRecords, joined, lostAnswer } from "./sync_fixture.mjs";

const run = (world, reason = "timer") => world.sync.run(reason);
const states = async (db) => (await all(db, "records")).sort((a, b) => a.order - b.order).map((record) => record.result ?? record.state);

test("saved records arrive once, byte for byte, sealed with the token", async () => {
  const world = await joined();
  const record = await world.save({ note: "Pasia é" });
  await run(world);
  const stored = world.server.records.get(record.sha256);
  assert.equal(stored.payload, record.payload);
  const key = createHash("sha256").update(world.officers[0].token).digest();
  assert.equal(stored.seal, createHmac("sha256", key).update(record.payload).digest("hex"));
  assert.deepEqual(await states(world.db), ["stored"]);
  assert.deepEqual([world.sync.status.get().unsent_records, world.sync.status.get().failure], [0, null]);
});

test("a record within undo's ten seconds is not sent, and beyond them not undone", async () => {
  const world = await joined();
  const record = await world.save();
  world.clock.ms -= 2_000;
  await run(world);
  assert.equal(world.server.records.size, 0);
  assert.equal(world.sync.status.get().unsent_records, 1);
  world.clock.ms += 2_000;
  await run(world);
  assert.equal(world.server.records.size, 1);
  world.clock.ms -= 5_000;
  assert.equal(await undoSave(world.db, record.sha256, world.clock.ms), null);
});

test("a clock set back by days does not keep a record from being sent", async () => {
  const world = await joined();
  await world.save();
  world.clock.ms -= 3 * 86_400_000;
  await run(world);
  assert.equal(world.server.records.size, 1);
});

test("a lost answer costs nothing: the same record is already stored", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isRecords, lostAnswer);
  await run(world);
  assert.deepEqual(await states(world.db), ["waiting"]);
  assert.equal(world.sync.status.get().failure.kind, "no_network");
  await run(world);
  assert.deepEqual(await states(world.db), ["already_stored"]);
  assert.equal(world.server.records.size, 1);
  assert.equal(world.sync.status.get().failure, null);
});

test("one bad among good ones is kept and told, the others arrive", async () => {
  const world = await joined();
  await world.save({ note: "1" });
  const bad = await world.save({ note: "2" });
  await world.save({ note: "3" });
  await world.db.write(["records"], (tx) => result(tx.objectStore("records").put({ ...bad, payload: `${bad.payload} ` })));
  await run(world);
  assert.deepEqual(await states(world.db), ["stored", "refused", "stored"]);
  assert.equal((await one(world.db, "records", bad.sha256)).refusal.code, "record.wrong_hash");
  assert.deepEqual(await countUnsent(world.db), { records: 1, files: 0 });
  const before = world.server.paths().filter((path) => path === "/records").length;
  await run(world);
  assert.ok(world.server.paths().filter((path) => path === "/records").length <= before + 1, "it is not offered again at once");
  await run(world, "button");
  assert.equal((await one(world.db, "records", bad.sha256)).tries, 2);
});

test("an answer that names another hash acknowledges nothing", async () => {
  const world = await joined();
  const record = await world.save();
  world.server.fault(isRecords, () => world.server.json({ results: [{ id: record.id, sha256: "0".repeat(64), result: "stored", missing_files: [] }] }));
  await run(world);
  assert.deepEqual(await states(world.db), ["waiting"]);
  assert.equal((await one(world.db, "records", record.sha256)).next_try_ms > world.clock.ms, true);
});

for (const [name, results] of [["no results", undefined], ["too few results", []], ["an unknown result", [{ result: "perhaps" }]]]) {
  test(`${name} acknowledge nothing`, async () => {
    const world = await joined();
    const record = await world.save();
    world.server.fault(isRecords, () => world.server.json({ results: results?.map((said) => ({ id: record.id, sha256: record.sha256, ...said })) }));
    await run(world);
    assert.deepEqual(await states(world.db), ["waiting"]);
  });
}

for (const [name, answer, kind] of [
  ["an HTML page", () => html(), "captive_portal"],
  ["JSON that is not ours", () => Response.json({ status: "fine" }), "captive_portal"],
  ["an HTML 404", () => html(404), "captive_portal"],
  ["a gateway's 502", () => html(502), "server_down"],
  ["a busy server", () => problem(503, "server.busy", { "Retry-After": "120" }), "busy"],
  ["too many requests", () => problem(429, "auth.throttled"), "busy"],
  ["a full disk", () => problem(507, "server.disk_full"), "server_full"],
  ["a cut link", cut, "no_network"],
]) {
  test(`${name} loses nothing and is called ${kind}`, async () => {
    const world = await joined();
    await world.save({ photo: true });
    world.server.fault(isRecords, answer);
    await run(world);
    assert.equal(world.sync.status.get().failure.kind, kind);
    assert.deepEqual(await states(world.db), ["waiting"]);
    assert.deepEqual(await countUnsent(world.db), { records: 1, files: 1 });
    await run(world);
    assert.deepEqual(await states(world.db), ["stored"]);
  });
}

test("a portal that answers the ping is not the server", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isPing, () => html());
  await run(world);
  assert.equal(world.sync.status.get().failure.kind, "captive_portal");
  assert.deepEqual(world.server.paths(), ["/ping"]);
});

test("Retry-After is obeyed in the plan, and failures in a row wait longer", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isPing, () => problem(503, "server.busy", { "Retry-After": "120" }));
  await run(world);
  assert.equal(world.sync.status.get().next_try_ms, world.clock.ms + 122_500);
  world.server.fault(isPing, cut, 3);
  const waits = [];
  for (let i = 0; i < 3; i += 1) {
    await run(world);
    waits.push(world.sync.status.get().next_try_ms - world.clock.ms);
  }
  assert.deepEqual(waits, [5_000, 10_000, 20_000]);
  await run(world);
  assert.equal(world.sync.status.get().next_try_ms, null);
});

test("a revoked phone keeps everything, asks for a code, and does not carry the outbox to the door again", async () => {
  const world = await joined();
  await world.save({ photo: true });
  world.server.tokens.clear();
  await run(world);
  assert.equal((await readOfficer(world.device, "ani")).state, "needs_code");
  const status = world.sync.status.get();
  assert.deepEqual([status.failure.kind, status.officers.ani.needs_code, status.unsent_records, status.unsent_files], ["needs_code", true, 1, 1]);
  world.server.log.length = 0;
  await run(world);
  assert.deepEqual(world.server.paths().map((path) => path.split("?")[0]), ["/ping", "/changes"]);
  world.server.enrolled(world.officers[0]);
  await run(world);
  assert.deepEqual([await states(world.db), (await listOfficers(world.device))[0].state], [["stored"], "active"]);
});

test("two officers' records go each with their own token, and one's trouble is not the other's", async () => {
  const world = await joined({ officers: ["ani", "budi"] });
  const [mine, his] = [await world.save({ officer: "ani" }), await world.save({ officer: "budi" })];
  world.server.tokens.delete(world.officers[0].token);
  await run(world);
  assert.deepEqual([...world.server.records.values()].map((record) => record.officer), ["budi"]);
  assert.equal((await one(openOfficer("budi"), "records", his.sha256)).result, "stored");
  assert.equal((await one(openOfficer("ani"), "records", mine.sha256)).state, "waiting");
  assert.deepEqual([world.sync.status.get().failure.officer_id, world.sync.status.get().officers.budi.needs_code], ["ani", false]);
});

test("120 records go in batches of at most 50, oldest first", async () => {
  const world = await joined();
  for (let i = 0; i < 120; i += 1) await world.save({ note: String(i) });
  await run(world);
  const batches = world.server.log.filter((request) => isRecords(request) && request.json.records.length).map((request) => request.json.records);
  assert.deepEqual(batches.map((batch) => batch.length), [50, 50, 20]);
  assert.deepEqual(batches.flat().map((record) => JSON.parse(record.payload).note), Array.from({ length: 120 }, (_, i) => String(i)));
  assert.ok(world.server.log.find(isRecords).headers.get("Content-Encoding") === "gzip");
});

test("batches stay under 256 kB; a large record goes alone", async () => {
  const world = await joined();
  for (const size of [100_000, 100_000, 100_000, 600_000, 10]) await world.save({ note: "x".repeat(size) });
  await run(world);
  const batches = world.server.log.filter((request) => isRecords(request) && request.json.records.length).map((request) => request.json.records.length);
  assert.deepEqual(batches, [2, 1, 1, 1]);
  assert.equal(world.server.records.size, 5);
});

test("a batch called too large is halved until it passes; a record too large alone is kept and told", async () => {
  const world = await joined();
  for (let i = 0; i < 4; i += 1) await world.save({ note: String(i) });
  const huge = await world.save({ note: "x".repeat(1_100_000) });
  world.server.fault((request) => isRecords(request) && JSON.parse(JSON.stringify(request.body.length)) > 0, () => problem(413, "request.too_large"), 1);
  await run(world);
  assert.equal(world.server.records.size, 4);
  const kept = await one(world.db, "records", huge.sha256);
  assert.deepEqual([kept.state, kept.refusal.code, kept.payload.length > 1_100_000], ["refused", "request.too_large", true]);
});

test("a refusal that no record can be the cause of marks no record", async () => {
  const world = await joined();
  await world.save();
  world.server.fault(isRecords, () => problem(403, "request.foreign_site"));
  await run(world);
  assert.deepEqual([await states(world.db), world.sync.status.get().failure.code], [["waiting"], "request.foreign_site"]);
});

test("a revision and its correction, both unsent, arrive in order without a conflict", async () => {
  const world = await joined();
  const first = await world.save({ note: "one" });
  const draft = await startCorrection(world.db, first.id, { reason: "typo" }, world.clock.ms);
  await saveVisit(world.db, { ...draft, note: "two" }, { ...SAVING, token: world.officers[0].token, nowMs: world.clock.ms });
  await run(world);
  assert.equal(world.server.records.size, 1, "the correction is still within undo");
  world.clock.ms += 11_000;
  await run(world);
  assert.deepEqual(await states(world.db), ["stored", "stored"]);
  assert.equal(JSON.parse(world.server.records.get(world.server.heads.get(first.id)).payload).note, "two");
});

test("a correction waits for the revision it corrects", async () => {
  const world = await joined();
  const first = await world.save({ note: "one" });
  const draft = await startCorrection(world.db, first.id, { reason: "typo" }, world.clock.ms);
  await saveVisit(world.db, draft, { ...SAVING, nowMs: world.clock.ms });
  world.clock.ms += 11_000;
  world.server.fault(isRecords, (request) => world.server.json({ results: request.json ?? [] }));
  await run(world);
  assert.deepEqual(await states(world.db), ["waiting", "waiting"], "the answer was useless");
  world.clock.ms += 600_000;
  await run(world);
  assert.deepEqual(await states(world.db), ["stored", "stored"]);
});

test("conflict and quarantine leave the outbox and stay on the phone", async () => {
  const world = await joined();
  const [a, b] = [await world.save({ note: "a" }), await world.save({ note: "b" })];
  world.server.fault(isRecords, () => world.server.json({ results: [{ id: a.id, sha256: a.sha256, result: "conflict", missing_files: [], errors: [] }, { id: b.id, sha256: b.sha256, result: "quarantined", missing_files: [], errors: [] }] }));
  await run(world);
  assert.deepEqual(await states(world.db), ["conflict", "quarantined"]);
  assert.deepEqual(await countUnsent(world.db), { records: 0, files: 0 });
});

test("a restored server gets everything again that the phone still holds, and the feed anew", async () => {
  const world = await joined();
  world.server.feed.push({ kind: "area", id: "old", data: { name: "Old" } });
  await world.save({ photo: true });
  await run(world);
  await world.save({ note: "second" });
  Object.assign(world.server, { store_id: "store-2", records: new Map(), heads: new Map(), files: new Map(), feed: [{ kind: "area", id: "new", data: { name: "New" } }] });
  await run(world);
  assert.equal(world.server.records.size, 2);
  assert.equal(world.server.files.size, 2);
  assert.deepEqual((await all(world.db, "remote")).map((row) => row.id), ["new"]);
  assert.deepEqual(await countUnsent(world.db), { records: 0, files: 0 });
});

test("a store that changes between ping and records is noticed at the records", async () => {
  const world = await joined();
  await world.save();
  await run(world);
  await world.save({ note: "x" });
  world.server.fault(isRecords, (_request, answer) => {
    world.server.store_id = "store-3";
    world.server.records.clear();
    world.server.heads.clear();
    return answer();
  });
  await run(world);
  assert.deepEqual([world.server.records.size, await states(world.db)], [2, ["stored", "already_stored"]]);
});

test("the office hears of the phone: counts, storage, clock, readiness, and again when they change", async () => {
  const world = await joined();
  await writeSetting(world.device, "readiness", { at: "2026-05-04T00:00:00.000Z", camera: true });
  await world.save({ photo: true });
  await run(world);
  const [first, last] = [world.server.states[0], world.server.states.at(-1)];
  assert.deepEqual([first.unsent_records, first.unsent_files, first.persisted, first.app_version, first.readiness.camera], [1, 1, true, "1.0.0", true]);
  assert.deepEqual([last.unsent_records, last.unsent_files], [0, 0]);
  const told = world.server.states.length;
  await run(world);
  assert.equal(world.server.states.length, told, "nothing new, nothing said");
});

test("the clock's offset is kept for the next visit", async () => {
  const world = await joined();
  const honest = world.server.now;
  world.server.now = () => honest() + 850;
  await run(world);
  assert.equal((await readClock(world.device)).server_offset_ms, 850);
});

test("runs asked for while one is under way are one more run, not many", async () => {
  const world = await joined();
  await Promise.all([run(world), run(world), run(world, "save"), run(world)]);
  assert.equal(world.server.paths().filter((path) => path === "/ping").length, 2);
});

test("a phone with nobody enrolled only says hello", async () => {
  const world = await joined({ officers: [] });
  await run(world);
  assert.deepEqual([world.server.paths(), world.sync.status.get().failure], [["/ping"], null]);
});

test("the payload's text is not touched on its way", () => {
  const text = freezePayload({ a: "é\u2028" });
  assert.equal(JSON.parse(JSON.stringify({ payload: text })).payload, text);
});

test("a record whose answer was lost cannot be undone any more, even when the clock is set back", async () => {
  const world = await joined();
  const record = await world.save();
  world.server.fault(isRecords, lostAnswer);
  await run(world);
  world.clock.ms -= 5_000;
  assert.equal(await undoSave(world.db, record.sha256, world.clock.ms), null);
  assert.equal((await all(world.db, "records")).length, 1);
});

/** A visit with a correction that is due, whose first revision is `changed`. */
async function corrected(world, changed) {
  const first = await world.save({ note: "one" });
  const draft = await startCorrection(world.db, first.id, { reason: "typo" }, world.clock.ms);
  await saveVisit(world.db, { ...draft, note: "two" }, { ...SAVING, token: world.officers[0].token, nowMs: world.clock.ms });
  world.clock.ms += 11_000;
  await world.db.write(["records"], async (tx) => {
    const row = await result(tx.objectStore("records").get(first.sha256));
    await result(tx.objectStore("records").put({ ...row, draft: null, next_try_ms: world.clock.ms + 3_600_000, ...changed }));
  });
}

test("a correction does not overtake a revision that waits for its next try", async () => {
  const world = await joined();
  await corrected(world, {});
  await run(world);
  assert.deepEqual([world.server.records.size, await states(world.db)], [0, ["waiting", "waiting"]]);
});

test("a refused revision does not hold up the correction that may cure it", async () => {
  const world = await joined();
  await corrected(world, { state: "refused", refusal: { code: "x", message: "" } });
  await run(world);
  assert.deepEqual(await states(world.db), ["refused", "conflict"]);
});

test("when the network is gone for one officer it is not tried for the next", async () => {
  const world = await joined({ officers: ["ani", "budi"] });
  await world.save({ officer: "ani" });
  await world.save({ officer: "budi" });
  world.server.fault(isRecords, cut);
  await run(world);
  assert.deepEqual(world.server.paths(), ["/ping", "/records"]);
});
