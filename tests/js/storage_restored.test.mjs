import assert from "node:assert/strict";
import { test } from "node:test";
import { readMeta } from "../../static/storage/meta.js";
import { listRemote, LOST_REVIEWS } from "../../static/storage/remote.js";
import { joined } from "./sync_fixture.mjs";

const run = (world) => world.sync.run("timer");
const review = (n) => ({ kind: "review", id: `r${n}`, data: { visit_id: `v${n}`, decision: "approved", reason: null } });
const lost = (world) => readMeta(world.db, LOST_REVIEWS, 0);

test("decisions that a restored server does not know are counted and no longer shown", async () => {
  const world = await joined();
  world.server.feed = [review(1), review(2), { kind: "area", id: "a1", data: { name: "Area" } }];
  await run(world);
  assert.equal(await lost(world), 0);
  world.server.store_id = "store-2";
  world.server.feed = [review(1)];
  await run(world);
  assert.equal(await lost(world), 1);
  assert.deepEqual((await listRemote(world.db, "review")).map((row) => row.id), ["r1"]);
  world.server.store_id = "store-3";
  world.server.feed = [];
  await run(world);
  assert.equal(await lost(world), 2, "what was not read yet is not forgotten");
});

test("a review that the office took back with an erased visit is none that was lost", async () => {
  const world = await joined();
  world.server.feed = [review(1)];
  await run(world);
  world.server.store_id = "store-2";
  world.server.feed = [{ kind: "review", id: "r1", deleted: true }];
  await run(world);
  assert.equal(await lost(world), 0);
});
