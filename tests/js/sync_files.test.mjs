import assert from "node:assert/strict";
import { test } from "node:test";
import { result } from "../../static/storage/database.js";
import { writeSetting } from "../../static/storage/device.js";
import { readFile } from "../../static/storage/files.js";
import { openOfficer } from "../../static/storage/officer.js";
import { readUpload } from "../../static/storage/upload_queue.js";
import { tidy } from "../../static/storage/retention.js";
import { countUnsent, readOwnVisit } from "../../static/storage/visits.js";
import { fetchFile } from "../../static/sync/fetch_file.js";
import { html, problem } from "./fake_server.mjs";
import { all, one } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";
import { cut, isPut, isRecords, joined, lostAnswer } from "./sync_fixture.mjs";

const run = (world, reason = "timer") => world.sync.run(reason);
const fileStates = async (db) => (await all(db, "files")).map((file) => `${file.kind} ${file.state}`).sort();
const puts = (world) => world.server.log.filter(isPut);
const sent = (world) => puts(world).reduce((sum, request) => sum + request.body.length, 0);
const isHead = (request) => request.method === "HEAD";
const isPhoto = (request) => isPut(request) && request.headers.get("X-File-Kind") === "photo";

test("text goes before pictures, thumbnails before photos, small photos before large ones", async () => {
  const world = await joined();
  const large = await world.save({ photo: true, seed: 1, size: 9000 });
  const small = await world.save({ photo: true, seed: 2, size: 3000 });
  world.server.fault((request) => request.path === "/files/none", cut);
  await run(world);
  const steps = world.server.log.filter((request) => isPut(request) || (isRecords(request) && request.json.records.length));
  assert.deepEqual(steps.map((request) => request.headers.get("X-File-Kind") ?? "text"), ["text", "thumbnail", "thumbnail", "photo", "photo"]);
  assert.deepEqual(steps.slice(-2).map((request) => request.path.slice(7)), [small.files[1], large.files[1]]);
  assert.deepEqual(await fileStates(world.db), ["photo sent", "photo sent", "thumbnail sent", "thumbnail sent"]);
  const { data } = await readFile(world.db, large.files[1]);
  assert.deepEqual(world.server.files.get(large.files[1]), Buffer.from(data));
});

test("at most three connections carry files", async () => {
  const world = await joined();
  for (let seed = 1; seed <= 8; seed += 1) await world.save({ photo: true, seed });
  await run(world);
  assert.equal(world.server.mostInFlight, 3);
  assert.equal(world.server.files.size, 16);
});

test("a photo of several chunks goes in order; chunks grow while the link is quick", async () => {
  const world = await joined();
  await world.save({ photo: true, size: 700_000 });
  await run(world);
  const chunks = puts(world).filter((request) => request.headers.get("X-File-Kind") === "photo").map((request) => request.body.length);
  assert.equal(chunks.reduce((sum, size) => sum + size, 0), 700_000);
  assert.ok(chunks[0] >= 64_000 && Math.max(...chunks) === 256_000, String(chunks));
});

test("a slow link gets small chunks on one connection", async () => {
  const world = await joined();
  for (let seed = 1; seed <= 4; seed += 1) await world.save({ photo: true, seed, size: 200_000 });
  world.server.fault(isPut, (_request, answer) => {
    world.clock.ms += 20_000;
    return answer();
  }, 100);
  await run(world);
  const photos = puts(world).filter(isPhoto);
  assert.ok(photos.every((request) => request.body.length <= 64_000 || request.body.length <= 128_000));
  assert.equal(photos.at(-1).body.length <= 64_000, true);
  assert.equal(world.server.files.size, 8);
});

test("an upload cut in the middle goes on at the byte the server has, at once", async () => {
  const world = await joined();
  const record = await world.save({ photo: true, size: 150_000 });
  world.server.fault(isPhoto, (request) => {
    world.server.keepPartial("ani", request, 50_000);
    return cut();
  });
  await run(world);
  assert.equal(world.server.log.find((request) => request.method === "HEAD").path, `/files/${record.files[1]}`);
  assert.deepEqual(puts(world).filter(isPhoto).slice(0, 2).map((request) => request.headers.get("Upload-Offset")), ["0", "50000"]);
  assert.equal(sent(world), 200 + 64_000 + 100_000);
  assert.deepEqual([await fileStates(world.db), world.sync.status.get().failure], [["photo sent", "thumbnail sent"], null]);
});

test("an upload cut while the way closes goes on at the byte in the next run", async () => {
  const world = await joined();
  await world.save({ photo: true, size: 150_000 });
  world.server.fault(isPhoto, (request) => {
    world.server.keepPartial("ani", request, 50_000);
    return cut();
  });
  world.server.fault(isHead, cut);
  await run(world);
  assert.equal(world.sync.status.get().failure.kind, "no_network");
  assert.deepEqual(await countUnsent(world.db), { records: 0, files: 1 });
  world.server.log.length = 0;
  await run(world);
  assert.equal(sent(world), 100_000);
  assert.deepEqual(await fileStates(world.db), ["photo sent", "thumbnail sent"]);
});

test("a lost answer to the last chunk is found out by HEAD, nothing is sent twice", async () => {
  const world = await joined();
  await world.save({ photo: true });
  world.server.fault(isPhoto, lostAnswer);
  await run(world);
  world.server.log.length = 0;
  await run(world);
  assert.equal(sent(world), 0);
  assert.deepEqual(await fileStates(world.db), ["photo sent", "thumbnail sent"]);
});

test("409 tells the right byte and the upload goes on from there", async () => {
  const world = await joined();
  const record = await world.save({ photo: true, size: 100_000 });
  const whole = Buffer.from(await readUpload(world.db, record.files[1]));
  world.server.partials.set(`ani/${record.files[1]}`, whole.subarray(0, 70_000));
  await run(world);
  assert.deepEqual(await fileStates(world.db), ["photo sent", "thumbnail sent"]);
});

test("a wrong hash at the server starts the file again", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  world.server.partials.set(`ani/${record.files[1]}`, Buffer.alloc(500));
  await run(world);
  assert.deepEqual(await fileStates(world.db), ["photo sent", "thumbnail sent"]);
  assert.equal(world.sync.status.get().failure, null);
});

test("bytes that rotted on the phone are marked, kept and counted, and the rest goes on", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await world.db.write(["file_data"], (tx) => result(tx.objectStore("file_data").put({ sha256: record.files[1], data: new ArrayBuffer(3000) })));
  await run(world);
  assert.deepEqual(await fileStates(world.db), ["photo damaged", "thumbnail sent"]);
  assert.notEqual(await readFile(world.db, record.files[1]), null);
  assert.equal((await countUnsent(world.db)).files, 1);
});

test("a portal's 200 does not make a photo sent", async () => {
  const world = await joined();
  await world.save({ photo: true });
  world.server.fault(isPut, () => html());
  await run(world);
  assert.equal(world.sync.status.get().failure.kind, "captive_portal");
  assert.deepEqual(await fileStates(world.db), ["photo queued", "thumbnail queued"]);
  await run(world);
  assert.deepEqual(await fileStates(world.db), ["photo sent", "thumbnail sent"]);
});

test("a file the server will not take is kept, told, and offered again on the officer's tap", async () => {
  const world = await joined();
  await world.save({ photo: true });
  world.server.fault(isPhoto, () => problem(413, "file.too_large"));
  await run(world);
  const file = (await all(world.db, "files")).find((one_) => one_.kind === "photo");
  assert.deepEqual([file.state, file.refusal, file.held], ["refused", "file.too_large", true]);
  await run(world, "button");
  assert.deepEqual(await fileStates(world.db), ["photo sent", "thumbnail sent"]);
});

test("a proxy that blocks PUT gets POST", async () => {
  const world = await joined();
  await world.save({ photo: true });
  world.server.fault(isPut, () => html(405), 100);
  await run(world);
  assert.deepEqual(await fileStates(world.db), ["photo sent", "thumbnail sent"]);
});

test("a phone revoked in the middle of a photo keeps the photo and asks for a code", async () => {
  const world = await joined();
  await world.save({ photo: true });
  world.server.fault(isPut, () => problem(401, "auth.revoked"), 3);
  await run(world);
  assert.deepEqual([world.sync.status.get().officers.ani.needs_code, await fileStates(world.db)], [true, ["photo queued", "thumbnail queued"]]);
});

test("photos on Wi-Fi only: thumbnails go, photos wait and are counted; Wi-Fi or a tap sends them", async () => {
  const world = await joined();
  await writeSetting(world.device, "wifi_only_photos", true);
  await world.save({ photo: true });
  await run(world);
  assert.deepEqual([await fileStates(world.db), world.sync.status.get().photos_waiting_for_wifi], [["photo queued", "thumbnail sent"], 1]);
  world.environment.connection = () => "unknown";
  await run(world);
  assert.deepEqual(await fileStates(world.db), ["photo queued", "thumbnail sent"]);
  world.environment.connection = () => "wifi";
  await run(world);
  assert.deepEqual([await fileStates(world.db), world.sync.status.get().photos_waiting_for_wifi], [["photo sent", "thumbnail sent"], 0]);
  world.environment.connection = () => "cellular";
  await world.save({ photo: true, seed: 2 });
  await run(world, "button");
  assert.equal((await countUnsent(world.db)).files, 0);
});

test("each record's progress tells text and photos apart", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  assert.equal((await readOwnVisit(world.db, record.id)).progress.text_sent, false);
  world.server.fault((request) => isPhoto(request) || isHead(request), cut, 9);
  await run(world);
  assert.deepEqual((await readOwnVisit(world.db, record.id)).progress, { text_sent: true, files_total: 2, files_sent: 1, photos_total: 1, photos_sent: 0, bytes_left: 3000 });
});

test("files named missing go again, also after they were sent; one no longer here is marked lost", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  world.server.files.delete(record.files[0]);
  world.server.records.delete(record.sha256);
  world.server.heads.delete(record.id);
  await world.db.write(["records"], (tx) => result(tx.objectStore("records").put({ ...record, state: "waiting", draft: null })));
  await run(world);
  assert.equal(world.server.files.has(record.files[0]), true);
  await world.db.write(["files", "file_data", "records"], async (tx) => {
    await result(tx.objectStore("file_data").delete(record.files[1]));
    await result(tx.objectStore("files").put({ ...(await result(tx.objectStore("files").get(record.files[1]))), held: false }));
    await result(tx.objectStore("records").put({ ...record, state: "waiting", draft: null }));
  });
  world.server.files.delete(record.files[1]);
  await run(world);
  assert.equal((await one(world.db, "files", record.files[1])).state, "lost");
});

const safe = (hash) => ({ kind: "file_safe", id: hash, data: { safe_at: "x" } });
const DAY = 86_400_000;

test("a photo leaves the phone once it is in a backup and seven days sent; its thumbnail and text stay", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  world.clock.ms += 30 * DAY;
  await run(world);
  assert.notEqual(await readFile(world.db, record.files[1]), null, "not in a backup yet");
  world.server.feed.push(...record.files.map(safe));
  await run(world);
  world.clock.ms += DAY;
  await run(world);
  assert.equal(await readFile(world.db, record.files[1]), null);
  assert.notEqual(await readFile(world.db, record.files[0]), null);
  assert.equal((await one(world.db, "records", record.sha256)).payload, record.payload);
});

test("a photo stays for seven days whatever the backup says, to the day", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  world.server.feed.push(...record.files.map(safe));
  await run(world);
  const { sent_at } = await one(world.db, "files", record.files[1]);
  assert.equal((await tidy(world.db, Date.parse(sent_at) + 7 * DAY - 1)).photos, 0);
  assert.equal((await tidy(world.db, Date.parse(sent_at) + 7 * DAY)).photos, 1);
});

test("text stays ninety days after the acknowledgement, longer while a file is outside a backup", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  const { acked_at } = await one(world.db, "records", record.sha256);
  assert.equal((await tidy(world.db, Date.parse(acked_at) + 365 * DAY)).records, 0);
  world.server.feed.push(...record.files.map(safe));
  await run(world);
  assert.equal((await tidy(world.db, Date.parse(acked_at) + 90 * DAY - 1)).records, 0);
  assert.equal((await tidy(world.db, Date.parse(acked_at) + 90 * DAY)).records, 1);
  assert.deepEqual([await all(world.db, "records"), await all(world.db, "files"), await all(world.db, "file_data")], [[], [], []]);
});

test("nothing unsent is ever tidied away", async () => {
  const world = await joined();
  await world.save({ photo: true });
  await tidy(world.db, START_MS + 10_000 * DAY);
  assert.deepEqual([(await all(world.db, "records")).length, (await all(world.db, "file_data")).length], [1, 2]);
});

test("a phone whose clock jumps far ahead does not tidy by its own clock", async () => {
  const world = await joined();
  const record = await world.save({ photo: true });
  await run(world);
  world.server.feed.push(...record.files.map(safe));
  const tomorrow = world.clock.ms + DAY;
  world.server.now = () => tomorrow;
  world.clock.ms += 1000 * DAY;
  await run(world);
  assert.notEqual(await readFile(world.db, record.files[1]), null);
});

test("a photo that this phone does not hold comes from the server and is checked", async () => {
  const world = await joined({ officers: ["ani", "budi"] });
  const record = await world.save({ photo: true });
  await run(world);
  const [ani, budi] = world.officers;
  const empty = openOfficer("budi");
  const got = await fetchFile(world.environment, budi, record.files[1], "photo");
  assert.deepEqual(Buffer.from(got.data), world.server.files.get(record.files[1]));
  assert.equal((await one(empty, "files", record.files[1])).state, "sent");
  world.server.log.length = 0;
  await fetchFile(world.environment, ani, record.files[1], "photo");
  assert.equal(world.server.log.length, 0, "what is here is not fetched");
  world.server.files.set("e".repeat(64), Buffer.from("something else"));
  await assert.rejects(fetchFile(world.environment, budi, "e".repeat(64), "photo"), { kind: "captive_portal" });
});

test("a photo brought back from the server leaves again after seven days", async () => {
  const world = await joined({ officers: ["ani", "budi"] });
  const record = await world.save({ photo: true });
  await run(world);
  const other = openOfficer("budi");
  await fetchFile(world.environment, world.officers[1], record.files[1], "photo");
  assert.equal((await tidy(other, world.clock.ms + 7 * DAY - 1)).photos, 0);
  assert.equal((await tidy(other, world.clock.ms + 7 * DAY)).photos, 1);
});
