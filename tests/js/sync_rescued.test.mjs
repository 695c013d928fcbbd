import assert from "node:assert/strict";
import { test } from "node:test";
import { one } from "./phone_fixture.mjs";
import { isPut, isRecords, joined } from "./sync_fixture.mjs";

/** What the office took out of a rescue file is on the server before the phone sends. */
async function rescued({ files }) {
  const world = await joined();
  const record = await world.save({ photo: true });
  const [thumbnail, photo] = record.files;
  world.server.records.set(record.sha256, { id: record.id, kind: "visit", sha256: record.sha256, payload: record.payload, base: null, officer: "ani" });
  for (const sha256 of [thumbnail, photo].slice(0, files)) {
    world.server.files.set(sha256, Buffer.from((await one(world.db, "file_data", sha256)).data));
  }
  return { world, record, thumbnail, photo };
}

test("photos that a rescue file brought are asked for and not sent again", async () => {
  const { world, record, photo } = await rescued({ files: 2 });
  await world.sync.run("timer");
  assert.deepEqual([(await one(world.db, "records", record.sha256)).result, (await one(world.db, "files", photo)).state], ["already_stored", "sent"]);
  assert.deepEqual(world.server.log.filter(isPut), []);
  assert.equal(world.server.paths("HEAD").length, 2);
});

test("of a rescue file that was cut only the lost photo is sent", async () => {
  const { world, photo } = await rescued({ files: 1 });
  await world.sync.run("timer");
  assert.deepEqual(new Set(world.server.log.filter(isPut).map((request) => request.path)), new Set([`/files/${photo}`]));
  assert.equal(world.server.files.has(photo), true);
});

test("a list of missing files that is too short costs no photo: the server is asked for each", async () => {
  const { world, record, thumbnail, photo } = await rescued({ files: 0 });
  const silent = { id: record.id, sha256: record.sha256, result: "quarantined", missing_files: [], errors: [] };
  world.server.fault(isRecords, () => world.server.json({ results: [silent] }));
  await world.sync.run("timer");
  assert.deepEqual([thumbnail, photo].map((sha256) => world.server.files.has(sha256)), [true, true]);
});
