import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { all, freshPhone, savedVisit, putOfficer } from "./phone_fixture.mjs";
import { START_MS } from "./reference_fixture.mjs";
import { BALLAST_BYTES, ensureBallast } from "../../static/storage/ballast.js";
import { Database, onStorageChange, result, StorageBroken, StorageFull, UpgradeFailed } from "../../static/storage/database.js";
import { listOfficers, openDevice, readCards, readSetting, updateOfficer, writeCards, writeSetting } from "../../static/storage/device.js";
import { beginEnrolment, completeEnrolment, dropEnrolment, pendingEnrolments } from "../../static/storage/enrolments.js";
import { logEvent, readLog } from "../../static/storage/log.js";
import { openOfficer } from "../../static/storage/officer.js";
import { addPoints, readPoints } from "../../static/storage/points.js";

let device;
let db;
beforeEach(() => {
  ({ device, db } = freshPhone());
});

/** Let the next `times` readwrite transactions on a store fail as the system makes them fail. */
function failNext(times, error, store = "settings") {
  const original = IDBDatabase.prototype.transaction;
  let left = times;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    if (mode === "readwrite" && [stores].flat().includes(store) && left > 0) {
      left -= 1;
      throw error;
    }
    return original.call(this, stores, mode, options);
  };
  return () => {
    IDBDatabase.prototype.transaction = original;
  };
}

for (const name of ["InvalidStateError", "UnknownError", "AbortError"]) {
  test(`a connection that died with ${name} is opened again, once, and the write done`, async () => {
    const restore = failNext(1, new DOMException("gone", name));
    try {
      await writeSetting(device, "language", "en");
    } finally {
      restore();
    }
    assert.equal(await readSetting(device, "language", "id"), "en");
  });
}

test("a database that stays dead is broken, not silently empty", async () => {
  const restore = failNext(2, new DOMException("gone", "InvalidStateError"));
  try {
    await assert.rejects(writeSetting(device, "language", "en"), StorageBroken);
  } finally {
    restore();
  }
  assert.equal(await readSetting(device, "language", "id"), "id");
});

test("a mistake in the work is no reason to try twice", async () => {
  let runs = 0;
  const work = () => {
    runs += 1;
    throw new TypeError("mistake");
  };
  await assert.rejects(device.write(["settings"], work), TypeError);
  assert.equal(runs, 1);
});

test("the connection closed by the system behind our back is opened anew", async () => {
  await writeSetting(device, "a", 1);
  const original = IDBDatabase.prototype.transaction;
  let connection;
  IDBDatabase.prototype.transaction = function (...args) {
    connection = this;
    return original.apply(this, args);
  };
  await readSetting(device, "a", 0);
  IDBDatabase.prototype.transaction = original;
  connection.close();
  assert.equal(await readSetting(device, "a", 0), 1);
});

test("a newer version elsewhere is not blocked, and old code still works on it", async () => {
  await savedVisit(db);
  const upgraded = await new Promise((resolve, reject) => {
    const request = indexedDB.open(db.name, 2);
    request.onupgradeneeded = () => request.result.createObjectStore("later");
    request.onblocked = () => reject(new Error("blocked"));
    request.onsuccess = () => resolve(request.result);
  });
  upgraded.close();
  await savedVisit(db, { nowMs: START_MS + 1 });
  assert.equal((await all(db, "records")).length, 2);
});

test("who opens without a version never creates a database", async () => {
  const absent = new Database("jejak-officer-nobody", undefined, null);
  assert.equal(await absent.open(), false);
  await assert.rejects(absent.read(["records"], () => 1), StorageBroken);
  assert.ok(!(await indexedDB.databases()).some(({ name }) => name === "jejak-officer-nobody"));
  await savedVisit(db);
  const present = new Database(db.name, undefined, null);
  assert.equal(await present.open(), true);
  assert.equal((await all(present, "records")).length, 1);
  present.close();
});

const full = () => new DOMException("full", "QuotaExceededError");

test("on a full phone the ballast goes and the record in hand is saved", async () => {
  assert.equal(await ensureBallast(device), true);
  assert.equal((await all(device, "ballast"))[0].data.byteLength, BALLAST_BYTES);
  const restore = failNext(1, full(), "records");
  try {
    await savedVisit(db);
  } finally {
    restore();
  }
  assert.equal((await all(db, "records")).length, 1);
  assert.deepEqual(await all(device, "ballast"), []);
});

test("a full phone without ballast says that it is full and keeps what it has", async () => {
  await savedVisit(db);
  const restore = failNext(1, full(), "records");
  try {
    await assert.rejects(savedVisit(db, { nowMs: START_MS + 1 }), StorageFull);
  } finally {
    restore();
  }
  assert.equal((await all(db, "records")).length, 1);
});

test("a phone still full after the ballast went says so", async () => {
  await ensureBallast(device);
  const restore = failNext(2, full(), "settings");
  try {
    await assert.rejects(writeSetting(device, "a", 1), StorageFull);
  } finally {
    restore();
  }
});

test("ballast that finds no room is done without", async () => {
  const restore = failNext(1, full(), "ballast");
  try {
    assert.equal(await ensureBallast(device), false);
  } finally {
    restore();
  }
});

test("listeners hear of completed writes only, until they stop", async () => {
  const heard = [];
  const stop = onStorageChange((change) => heard.push(change));
  await writeSetting(device, "a", 1);
  await assert.rejects(device.write(["settings"], () => { throw new Error("no"); }));
  await readSetting(device, "a", 0);
  stop();
  await writeSetting(device, "a", 2);
  assert.deepEqual(heard, [{ database: "jejak-device", stores: ["settings"] }]);
});

test("two officers have databases of their own", async () => {
  await savedVisit(db);
  assert.deepEqual(await all(openOfficer("budi"), "records"), []);
});

test("the cards of the day are those set today, else the last ones set before", async () => {
  const cards = [{ label: "SIM 1", operator: "telkomsel", handset: "own", sim_slot: 1 }];
  assert.equal(await readCards(device, "2026-05-04"), null);
  await writeCards(device, { day: "2026-05-02", cards });
  await writeCards(device, { day: "2026-05-09", cards: [] });
  assert.deepEqual(await readCards(device, "2026-05-04"), { day: "2026-05-02", cards });
});

test("an enrolment begun twice has one token and one phone id, whoever enrols", async () => {
  const first = await beginEnrolment(device, "AAAA-1111", START_MS);
  assert.deepEqual(await beginEnrolment(device, "AAAA-1111", START_MS + 5), first);
  const second = await beginEnrolment(device, "BBBB-2222", START_MS);
  assert.notEqual(second.token, first.token);
  assert.equal(second.device_id, first.device_id);
  await dropEnrolment(device, "BBBB-2222");
  assert.deepEqual((await pendingEnrolments(device)).map(({ code }) => code), ["AAAA-1111"]);
});

test("enrolling the same officer again keeps the database and takes the new token", async () => {
  const person = { id: "ani", name: "Ani", language: "id" };
  await completeEnrolment(device, await beginEnrolment(device, "A", START_MS), person, "d", START_MS);
  await savedVisit(db);
  await updateOfficer(device, "ani", { state: "needs_code" });
  const again = await beginEnrolment(device, "B", START_MS);
  await completeEnrolment(device, again, person, "d", START_MS);
  const officers = await listOfficers(device);
  assert.deepEqual(officers.map(({ id, token, state }) => [id, token, state]), [["ani", again.token, "active"]]);
  assert.equal((await all(openOfficer("ani"), "records")).length, 1);
  assert.deepEqual(await pendingEnrolments(device), []);
});

test("an answer to an old token does not lock out the new one", async () => {
  await putOfficer(device, "ani", "new");
  await updateOfficer(device, "ani", { state: "needs_code" }, "old");
  assert.equal((await listOfficers(device))[0].state, "active");
  await updateOfficer(device, "nobody", { state: "needs_code" });
});

test("the log keeps its last 500 lines", async () => {
  for (let i = 1; i <= 503; i += 1) await logEvent(db, "t", "e", { i });
  const log = await readLog(db);
  assert.deepEqual([log.length, log[0].detail.i, log.at(-1).detail.i], [500, 4, 503]);
});

test("points are appended to their track in order", async () => {
  const point = (i) => ({ time_ms: i, latitude_deg: 1, longitude_deg: 2, altitude_m: null, accuracy_m: 5, segment: 0 });
  assert.equal(await addPoints(db, "a", [point(1), point(2)]), 2);
  assert.equal(await addPoints(db, "b", [point(9)]), 1);
  assert.equal(await addPoints(db, "a", [point(3)]), 3);
  assert.deepEqual((await readPoints(db, "a")).map((kept) => kept.time_ms), [1, 2, 3]);
});

test("the device database is one object until it is closed", () => {
  assert.equal(openDevice(), device);
});

/** Opens the officer's database with a next version whose upgrade is given. */
const nextVersion = (upgrade) => new Database(db.name, 2, upgrade);

for (const [how, upgrade] of [
  ["throws", () => { throw new TypeError("mistake"); }],
  ["throws after half of its work", (connection) => { connection.createObjectStore("later"); throw new TypeError("mistake"); }],
  ["fails on what is stored", (connection, _old, tx) => { tx.objectStore("records").createIndex("one", "kind", { unique: true }); }],
]) {
  test(`an upgrade that ${how} leaves the database as it was, and says which`, async () => {
    await savedVisit(db);
    await savedVisit(db, { nowMs: START_MS + 1 });
    const before = await all(db, "records");
    db.close();
    await assert.rejects(nextVersion(upgrade).read(["records"], () => 1), (error) => error instanceof UpgradeFailed && error.message.startsWith(db.name));
    assert.deepEqual((await indexedDB.databases()).find(({ name }) => name === db.name), { name: db.name, version: 1 });
    assert.deepEqual(await all(db, "records"), before);
  });
}

test("an upgrade that failed once and works the next time is done", async () => {
  await savedVisit(db);
  let tries = 0;
  const next = nextVersion((connection) => {
    tries += 1;
    if (tries === 1) throw new TypeError("mistake");
    connection.createObjectStore("later");
  });
  assert.equal((await all(next, "records")).length, 1);
  next.close();
});

test("an upgrade may take longer than an opening", async () => {
  await savedVisit(db);
  db.close();
  mock.timers.enable({ apis: ["setTimeout"] });
  const opening = mock.method(indexedDB, "open");
  try {
    const next = nextVersion((connection) => {
      connection.createObjectStore("later");
      mock.timers.tick(60_000);
    });
    assert.equal((await all(next, "records")).length, 1);
    assert.equal(opening.mock.callCount(), 1);
    next.close();
  } finally {
    mock.reset();
  }
});

test("a database that cannot even be made is no failed upgrade", async () => {
  const fresh = new Database("jejak-officer-new", 1, () => { throw new TypeError("mistake"); });
  await assert.rejects(fresh.read(["records"], () => 1), (error) => error instanceof StorageBroken && !(error instanceof UpgradeFailed));
});
