import assert from "node:assert/strict";
import { test } from "node:test";
import { listOfficers } from "../../static/storage/device.js";
import { readMeta } from "../../static/storage/meta.js";
import { listRemote, readRemote } from "../../static/storage/remote.js";
import { pendingEnrolments } from "../../static/storage/enrolments.js";
import { countUnsent } from "../../static/storage/visits.js";
import { enrol, tidyCode } from "../../static/sync/enrol.js";
import { html, problem } from "./fake_server.mjs";
import { all } from "./phone_fixture.mjs";
import { cut, joined, lostAnswer } from "./sync_fixture.mjs";

const run = (world) => world.sync.run("timer");
const isChanges = (request) => request.path.startsWith("/changes");
const isEnrol = (request) => request.path === "/enrol";
const area = (i, data = {}) => ({ kind: "area", id: `a${i}`, data: { name: `Area ${i}`, ...data } });

test("the feed is read page by page to its end, and from there the next time", async () => {
  const world = await joined();
  world.server.feed = Array.from({ length: 1201 }, (_, i) => area(i));
  await run(world);
  assert.equal((await listRemote(world.db, "area")).length, 1201);
  assert.equal(world.server.log.filter(isChanges).length, 3);
  world.server.feed.push(area(0, { name: "renamed" }), { kind: "area", id: "a1", deleted: true });
  await run(world);
  assert.equal((await readRemote(world.db, "area", "a0")).name, "renamed");
  assert.equal(await readRemote(world.db, "area", "a1"), null);
  assert.equal(world.server.log.filter(isChanges).length, 4);
});

test("a feed cut between pages goes on behind the last page that was kept", async () => {
  const world = await joined();
  world.server.feed = Array.from({ length: 900 }, (_, i) => area(i));
  world.server.fault((request) => isChanges(request) && request.path.includes("500"), (_request, answer) => answer());
  world.server.fault((request) => isChanges(request) && decodeURIComponent(request.path).includes("store-1:500"), cut);
  await run(world);
  assert.deepEqual([(await listRemote(world.db, "area")).length, await readMeta(world.db, "cursor", null)], [500, "store-1:500"]);
  await run(world);
  assert.equal((await listRemote(world.db, "area")).length, 900);
});

test("a cursor the server does not know starts the feed anew, and rows stay until it is complete", async () => {
  const world = await joined();
  world.server.feed = [area(1), area(2)];
  await run(world);
  world.server.feed = [area(2)];
  world.server.fault(isChanges, () => problem(400, "cursor.unknown"));
  world.server.fault(isChanges, cut);
  await run(world);
  assert.equal((await listRemote(world.db, "area")).length, 2, "not complete yet");
  await run(world);
  assert.deepEqual((await listRemote(world.db, "area")).map((row) => row.id), ["a2"]);
});

test("a malformed page changes nothing and does not go round for ever", async () => {
  const world = await joined();
  world.server.fault(isChanges, () => world.server.json({ changes: "none" }));
  await run(world);
  assert.deepEqual([world.sync.status.get().failure.kind, await readMeta(world.db, "cursor", null)], ["unexpected", null]);
  world.server.fault(isChanges, () => world.server.json({ changes: [], cursor: "store-1:0", more: true }), 50);
  await run(world);
  assert.ok(world.server.log.filter(isChanges).length < 10);
});

test("the last contact is the server's time of the last answer", async () => {
  const world = await joined();
  await run(world);
  assert.equal(world.sync.status.get().last_contact_at, new Date(world.clock.ms).toISOString());
});

test("a code with one officer behind it enrols him, and his database is there", async () => {
  const world = await joined({ officers: [] });
  world.server.codes.set("K7MX-42QD", { officer: "ani" });
  const got = await enrol(world.environment, { code: " k7mx 42qd " });
  assert.equal(got.ok, true);
  const [officer] = await listOfficers(world.device);
  assert.deepEqual([officer.id, world.server.tokens.get(officer.token), officer.token.length], ["ani", "ani", 43]);
  assert.ok((await indexedDB.databases()).some(({ name }) => name === "jejak-officer-ani"));
});

test("a lost answer burns nothing: the same code again, by hand or by the next run, succeeds", async () => {
  const world = await joined({ officers: [] });
  world.server.codes.set("AAAA-AAAA", { officer: "ani" });
  world.server.fault(isEnrol, lostAnswer);
  const lost = await enrol(world.environment, { code: "AAAAAAAA" });
  assert.deepEqual([lost.ok, lost.failure.kind], [false, "no_network"]);
  await run(world);
  const [officer] = await listOfficers(world.device);
  assert.equal(world.server.tokens.get(officer.token), "ani");
  assert.deepEqual(await pendingEnrolments(world.device), []);
});

test("a wrong or used code says so and is forgotten; a portal's page leaves it pending", async () => {
  const world = await joined({ officers: [] });
  assert.equal((await enrol(world.environment, { code: "WRON-GONE" })).failure.code, "enrol.unknown_code");
  world.server.codes.set("USED-USED", { officer: "ani", device_id: "another" });
  assert.equal((await enrol(world.environment, { code: "USED-USED" })).failure.code, "enrol.used_code");
  assert.deepEqual(await pendingEnrolments(world.device), []);
  world.server.fault(isEnrol, () => html());
  assert.equal((await enrol(world.environment, { code: "BBBB-BBBB" })).failure.kind, "captive_portal");
  assert.equal((await pendingEnrolments(world.device)).length, 1);
});

test("the same officer enrolled again sends what waited, with the new token", async () => {
  const world = await joined();
  await world.save();
  world.server.tokens.clear();
  await run(world);
  world.server.codes.set("NEWC-ODE2", { officer: "ani" });
  await enrol(world.environment, { code: "NEWC-ODE2" });
  await run(world);
  assert.deepEqual([await countUnsent(world.db), world.server.records.size], [{ records: 0, files: 0 }, 1]);
});

test("codes are tidied as people type them", () => {
  assert.deepEqual(["k7mx-42qd", "K7MX 42QD", " k7mx42qd", "abc"].map(tidyCode), ["K7MX-42QD", "K7MX-42QD", "K7MX-42QD", "ABC"]);
});

/** A returned visit that only the server knows, with its pictures there. */
async function returnedVisit() {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  const row = { kind: "visit", id: record.id, data: { head: record.sha256, payload: record.payload, state: "has_issues", saved_at: record.saved_at } };
  const other = await joined();
  other.server.files = world.server.files;
  other.server.feed = [row];
  return { world: other, record };
}
const kinds = async (world) => (await all(world.db, "files")).map((file) => file.kind).sort();

test("a replacement phone gets thumbnails with the feed, photos of returned visits on Wi-Fi, each once", async () => {
  const { world } = await returnedVisit();
  await run(world);
  assert.deepEqual(await kinds(world), ["thumbnail"]);
  world.environment.connection = () => "wifi";
  await run(world);
  assert.deepEqual(await kinds(world), ["photo", "thumbnail"]);
  world.server.log.length = 0;
  await run(world);
  assert.deepEqual(world.server.paths().filter((path) => path.startsWith("/files/")), []);
});

test("a picture that does not come is no failure, and is tried again", async () => {
  const { world, record } = await returnedVisit();
  world.server.fault((request) => request.path.startsWith("/files/"), cut);
  await run(world);
  assert.deepEqual([await kinds(world), world.sync.status.get().failure], [[], null]);
  await run(world);
  assert.deepEqual(await kinds(world), ["thumbnail"]);
  world.server.files.delete(record.files[1]);
  world.environment.connection = () => "wifi";
  await run(world);
  assert.deepEqual([await kinds(world), world.sync.status.get().failure], [["thumbnail"], null]);
});
