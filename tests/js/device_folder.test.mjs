import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, test } from "node:test";
import { copyEnding } from "../../static/core/rescue_name.js";
import { folderPermission, removeFrom, writeInto } from "../../static/device/folder.js";
import { beginFolder, copyPending } from "../../static/device/folder_copy.js";
import { onStorageChange } from "../../static/storage/database.js";
import { openOfficer } from "../../static/storage/officer.js";
import { undoSave } from "../../static/storage/records.js";
import { all } from "./phone_fixture.mjs";
import { joined } from "./sync_fixture.mjs";

/** A folder in memory, as a browser gives one; `fault` may throw at a step. */
class FakeFolder {
  name = "Salinan";
  files = new Map();
  permission = "granted";
  fault = () => undefined;
  async queryPermission() {
    return this.permission;
  }
  async *keys() {
    yield* [...this.files.keys()];
  }
  async removeEntry(name) {
    this.fault("remove", name);
    this.files.delete(name);
  }
  async getFileHandle(name) {
    this.fault("create", name);
    return {
      createWritable: async () => {
        const parts = [];
        return {
          write: async (part) => {
            this.fault("write", name);
            parts.push(await part.text());
          },
          close: async () => {
            this.fault("close", name);
            this.files.set(name, parts.join(""));
          },
          abort: async () => undefined,
        };
      },
    };
  }
}

let world;
let folder;
let holders;
beforeEach(async () => {
  world = await joined();
  folder = new FakeFolder();
  holders = [{ id: "ani", name: "Ani Sari", db: world.db }];
});

const copy = () => copyPending(folder, holders, world.clock.ms);
const named = (name) => Object.assign(new Error(name), { name });
const linesIn = (record) => {
  const [name] = [...folder.files.keys()].filter((one) => one.endsWith(copyEnding(record.sha256)));
  return folder.files.get(name).trimEnd().split("\n").map((line) => JSON.parse(line));
};

test("each save becomes a rescue file of its own, once, with its photos", async () => {
  const first = await world.save({ photo: true, seed: 1 });
  assert.deepEqual(await copy(), { copied: 1, waiting: 0, trouble: null });
  const second = await world.save({ photo: true, seed: 2, note: "two" });
  assert.deepEqual(await copy(), { copied: 1, waiting: 0, trouble: null });
  assert.deepEqual(await copy(), { copied: 0, waiting: 0, trouble: null });
  assert.equal(folder.files.size, 2);
  for (const record of [first, second]) {
    const lines = linesIn(record);
    assert.deepEqual(lines.map((line) => line.type), ["header", "officer", "record", "file", "file"]);
    assert.deepEqual([lines[2].payload, lines[2].seal], [record.payload, record.seal]);
    for (const file of lines.slice(3)) assert.equal(createHash("sha256").update(Buffer.from(file.data, "base64")).digest("hex"), file.sha256);
  }
  assert.match([...folder.files.keys()][0], /^jejak-sinyal_AniSari_2026-05-0[345]_\d{4}_[A-Za-z0-9]+_[0-9a-f]{12}\.txt$/);
});

for (const step of ["create", "write", "close"]) {
  test(`a folder that fails at ${step} loses no record: it is counted and copied with the next save`, async () => {
    await world.save({ photo: true });
    folder.fault = (at) => {
      if (at === step) throw named("QuotaExceededError");
    };
    assert.deepEqual(await copy(), { copied: 0, waiting: 1, trouble: "QuotaExceededError" });
    assert.equal(folder.files.size, 0);
    const second = await world.save({ note: "saved all the same" });
    assert.deepEqual(await copy(), { copied: 0, waiting: 2, trouble: "QuotaExceededError" });
    folder.fault = () => undefined;
    assert.deepEqual(await copy(), { copied: 2, waiting: 0, trouble: null });
    assert.equal(linesIn(second)[2].payload, second.payload);
  });
}

test("a permission that is gone is told as such, and what was saved meanwhile comes after it", async () => {
  await world.save();
  for (const permission of ["prompt", "denied"]) {
    folder.permission = permission;
    assert.deepEqual(await copy(), { copied: 0, waiting: 1, trouble: "permission" });
  }
  folder.permission = "granted";
  folder.fault = () => {
    throw named("NotAllowedError");
  };
  assert.equal((await copy()).trouble, "permission");
  folder.fault = () => undefined;
  assert.deepEqual(await copy(), { copied: 1, waiting: 0, trouble: null });
});

test("a handle that throws whatever one asks of it stops nothing but the copy", async () => {
  await world.save();
  folder.queryPermission = async () => {
    throw named("NotFoundError");
  };
  assert.deepEqual(await copy(), { copied: 0, waiting: 1, trouble: "NotFoundError" });
  folder.queryPermission = async () => {
    throw "no error at all";
  };
  assert.equal((await copy()).trouble, "Error");
});

test("the copy of a save that was undone is taken out again", async () => {
  const kept = await world.save();
  await copy();
  const record = await world.save({ note: "a mistake" });
  world.clock.ms -= 10_000;
  await copy();
  assert.equal(folder.files.size, 2);
  assert.notEqual(await undoSave(world.db, record.sha256, world.clock.ms), null);
  await copy();
  assert.deepEqual([...folder.files.keys()].map((name) => name.endsWith(copyEnding(kept.sha256))), [true]);
});

test("a save that can be undone no longer stays, also when its record is tidied away later", async () => {
  const record = await world.save();
  world.clock.ms -= 10_000;
  await copy();
  world.clock.ms += 60_000;
  await copy();
  await world.db.write(["records"], (tx) => tx.objectStore("records").delete(record.sha256));
  await copy();
  assert.equal(folder.files.size, 1);
});

test("the copy of what the office erased goes too, once it can", async () => {
  const record = await world.save({ photo: true });
  await copy();
  world.server.erased.add(record.id);
  await world.sync.run("timer");
  folder.fault = (step) => {
    if (step === "remove") throw named("NoModificationAllowedError");
  };
  assert.equal((await copy()).trouble, "NoModificationAllowedError");
  folder.fault = () => undefined;
  await copy();
  assert.equal(folder.files.size, 0);
  let asked = 0;
  folder.keys = async function* () {
    asked += 1;
  };
  await copy();
  assert.equal(asked, 0, "it is not looked for again");
});

test("a new folder begins with what is unsent, not with what the office has", async () => {
  await world.save();
  await world.sync.run("timer");
  const unsent = await world.save({ note: "unsent" });
  await copy();
  folder = new FakeFolder();
  await beginFolder(world.db);
  assert.deepEqual(await copy(), { copied: 1, waiting: 0, trouble: null });
  assert.equal(linesIn(unsent)[2].sha256, unsent.sha256);
  await world.sync.run("timer");
  await beginFolder(world.db);
  assert.equal((await copy()).copied, 0);
  await world.save();
  assert.equal((await copy()).copied, 1);
});

test("one officer's trouble does not hide that another's records wait", async () => {
  const both = await joined({ officers: ["ani", "budi"] });
  world = both;
  holders = ["ani", "budi"].map((id) => ({ id, name: id, db: openOfficer(id) }));
  await both.save();
  await both.save({ officer: "budi" });
  folder.permission = "prompt";
  assert.deepEqual(await copy(), { copied: 0, waiting: 2, trouble: "permission" });
  folder.permission = "granted";
  assert.equal((await copy()).copied, 2);
});

test("the copy comes after the save is on the disk, and its fault is not the save's", async () => {
  const moments = [];
  const printed = console.error;
  console.error = () => undefined;
  const stop = onStorageChange(({ stores }) => {
    if (!stores.includes("records")) return;
    moments.push("heard");
    throw new Error("the folder is on fire");
  });
  try {
    const record = await world.save();
    assert.ok(moments.length > 0);
    assert.equal((await all(world.db, "records"))[0].sha256, record.sha256);
  } finally {
    console.error = printed;
    stop();
  }
});

test("a folder without questions of permission may be written; a file is put down whole or not at all", async () => {
  assert.equal(await folderPermission({}), "granted");
  folder.fault = (step) => {
    if (step === "close") throw named("AbortError");
  };
  await assert.rejects(writeInto(folder, "a.txt", [new Blob(["x"])]), { name: "AbortError" });
  assert.equal(folder.files.has("a.txt"), false);
  folder.fault = () => undefined;
  await writeInto(folder, "a_1.txt", [new Blob(["x"]), new Blob(["y"])]);
  assert.equal(folder.files.get("a_1.txt"), "xy");
  await removeFrom(folder, "_2.txt");
  await removeFrom(folder, "_1.txt");
  assert.equal(folder.files.size, 0);
});
