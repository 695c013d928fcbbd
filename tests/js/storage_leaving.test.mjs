import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

// before the rooms are loaded: they listen to the window of the page they find
const page = new EventTarget();
globalThis.window = page;
const { all, freshPhone } = await import("./phone_fixture.mjs");
const { result } = await import("../../static/storage/database.js");
const { readSetting, writeSetting } = await import("../../static/storage/device.js");

const putAside = (persisted) => page.dispatchEvent(Object.assign(new Event("pagehide"), { persisted }));
const showAgain = () => page.dispatchEvent(new Event("pageshow"));
const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

let device;
let db;
beforeEach(() => {
  showAgain();
  ({ device, db } = freshPhone());
});

/** A write that stands in the middle of its transaction until it is broken off. */
function holdsOn(database, store, tries) {
  return database.write([store], async (tx) => {
    tries.push(tx);
    if (tries.length === 1) for (;;) await result(tx.objectStore(store).count());
    await result(tx.objectStore(store).put({ name: "held", value: tries.length }));
  });
}

test("a page that is put aside holds no store, and goes on when it is shown again", async () => {
  const tries = [];
  const held = holdsOn(device, "settings", tries);
  while (tries.length === 0) await turns();
  putAside(true);
  // the app opened anew reads and writes the same store
  const anew = new Promise((resolve, reject) => {
    const request = indexedDB.open(device.name);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const tx = request.result.transaction(["settings"], "readwrite");
      tx.objectStore("settings").put({ name: "language", value: "en" });
      tx.oncomplete = () => resolve(request.result.close());
    };
  });
  await anew;
  assert.equal(tries.length, 1, "nothing is tried while the page is away");
  showAgain();
  await held;
  assert.equal(tries.length, 2);
  assert.equal(await readSetting(device, "held", 0), 2);
  assert.equal(await readSetting(device, "language", "id"), "en");
});

test("what is begun while the page is away waits until it is back", async () => {
  putAside(true);
  let done = false;
  const write = writeSetting(device, "language", "en").then(() => {
    done = true;
  });
  await turns();
  assert.equal(done, false);
  showAgain();
  await write;
  assert.equal(await readSetting(device, "language", "id"), "en");
});

test("a page that ends writes to its end", async () => {
  const write = writeSetting(device, "language", "en");
  putAside(false);
  await write;
  assert.equal(await readSetting(device, "language", "id"), "en");
});

test("reads are broken off too, and give the same afterwards", async () => {
  await db.write(["drafts"], (tx) => result(tx.objectStore("drafts").put({ id: "a", updated_at: "" })));
  const read = all(db, "drafts");
  putAside(true);
  await turns();
  showAgain();
  assert.equal((await read).length, 1);
});
