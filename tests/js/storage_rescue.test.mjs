import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { copyEnding, copyFileName, rescueFileName } from "../../static/core/rescue_name.js";
import { result } from "../../static/storage/database.js";
import { openOfficer } from "../../static/storage/officer.js";
import { countRescue } from "../../static/storage/rescue_rows.js";
import { makeTextPart, planText, recordLines } from "../../static/storage/rescue_text.js";
import { makeRescueZip } from "../../static/storage/rescue_zip.js";
import { bytes, draftWithPhoto, one } from "./phone_fixture.mjs";
import { joined } from "./sync_fixture.mjs";

const HEADER = { made_at: "2026-05-04T10:00:00.000Z", unsent_only: true };
const ALL = { ...HEADER, unsent_only: false };
const sha = (data) => createHash("sha256").update(data).digest("hex");
const linesOf = async (blob) => (await blob.text()).trimEnd().split("\n").map((text) => JSON.parse(text));
const holder = (id, name = id) => ({ id, name, db: openOfficer(id) });

/** Two officers: one visit of ani is at the office, the rest is on the phone alone. */
async function twoOfficers() {
  const world = await joined({ officers: ["ani", "budi"] });
  const sent = await world.save({ photo: true, seed: 1 });
  await world.sync.run("timer");
  const kept = await world.save({ photo: true, seed: 2, note: "Jorong é “Pasia”" });
  const other = await world.save({ photo: true, seed: 3, officer: "budi" });
  await draftWithPhoto(world.db, { seed: 4, nowMs: world.clock.ms });
  return { world, sent, kept, other, holders: [holder("ani", "Ani"), holder("budi", "Budi")] };
}

test("the text form holds what is unsent, byte for byte, and never a token", async () => {
  const { kept, other, holders } = await twoOfficers();
  const plan = await planText(holders, HEADER);
  const text = await (await makeTextPart(plan, 1)).text();
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines[0], { type: "header", format: "jejak-sinyal-rescue", version: 1, ...HEADER });
  assert.deepEqual(lines.filter((line) => line.type === "officer").map((line) => [line.id, line.name]), [["ani", "Ani"], ["budi", "Budi"]]);
  const records = lines.filter((line) => line.type === "record");
  assert.deepEqual(records.map((line) => [line.officer_id, line.sha256, line.payload, line.seal, line.draft]), [["ani", kept.sha256, kept.payload, kept.seal, undefined], ["budi", other.sha256, other.payload, other.seal, undefined]]);
  for (const file of lines.filter((line) => line.type === "file")) assert.equal(sha(Buffer.from(file.data, "base64")), file.sha256);
  assert.equal(lines.filter((line) => line.type === "draft").length, 1);
  assert.ok(!text.includes("ani-xxxx"), "the token is in no line");
});

test("everything holds what is at the office too, and says of bytes that are gone that they are", async () => {
  const { world, sent, holders } = await twoOfficers();
  await world.db.write(["files", "file_data"], async (tx) => {
    await result(tx.objectStore("file_data").delete(sent.files[1]));
    await result(tx.objectStore("files").put({ ...(await result(tx.objectStore("files").get(sent.files[1]))), held: false }));
  });
  const lines = await linesOf(await makeTextPart(await planText(holders, ALL), 1));
  assert.ok(lines.some((line) => line.type === "record" && line.sha256 === sent.sha256));
  assert.equal(lines.find((line) => line.type === "file" && line.sha256 === sent.files[1]).data, null);
});

test("what is large comes in parts: the first has every text, each photo is in one of them", async () => {
  const { kept, other, holders } = await twoOfficers();
  const plan = await planText(holders, HEADER, 9_000);
  const parts = await Promise.all(plan.files.map((_, n) => makeTextPart(plan, n + 1)));
  const lines = await Promise.all(parts.map(linesOf));
  assert.ok(parts.length >= 3, String(parts.length));
  lines.forEach((part, n) => assert.deepEqual([part[0].type, part[0].part, part[0].parts], ["header", n + 1, parts.length]));
  assert.deepEqual(lines.map((part) => part.filter((line) => line.type === "record").length), [2, ...parts.slice(1).map(() => 0)]);
  const files = lines.flat().filter((line) => line.type === "file").map((line) => line.sha256);
  assert.deepEqual(new Set(files), new Set([...files, ...kept.files, ...other.files]));
  assert.equal(files.length, new Set(files).size);
  for (const part of lines.slice(1)) assert.ok(part.some((line) => line.type === "officer"));
  for (const part of parts.slice(1)) assert.ok(part.size <= 9_000 || part.size < 9_000 + 5_000, String(part.size));
});

test("a photo larger than a part has one for itself, and nothing is left out", async () => {
  const { holders } = await twoOfficers();
  const plan = await planText(holders, HEADER, 1);
  const files = plan.files.flat();
  assert.equal(plan.files.every((part, n) => n === 0 || part.length === 1), true);
  assert.equal(files.length, 6);
});

/** What a ZIP holds, as another program reads it. */
function unzip(data) {
  const folder = mkdtempSync(join(tmpdir(), "rescue-"));
  const file = join(folder, "all.zip");
  writeFileSync(file, data);
  const program = "import json,sys,zipfile,hashlib\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps([[i.filename,i.compress_type,hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist()]))\nopen(sys.argv[2],'wb').write(z.read('records.txt'))";
  try {
    const entries = JSON.parse(execFileSync("python3", ["-c", program, file, join(folder, "text")], { encoding: "utf8" }));
    return { entries, lines: readFileSync(join(folder, "text"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the ZIP form holds the same: the text first, then each file under its hash", async () => {
  const { kept, other, holders } = await twoOfficers();
  const progress = [];
  const zip = await makeRescueZip(holders, HEADER, (done, of) => progress.push([done, of]));
  const { entries, lines } = unzip(Buffer.from(await zip.arrayBuffer()));
  assert.equal(zip.type, "application/zip");
  assert.equal(entries[0][0], "records.txt");
  assert.deepEqual(new Set(entries.map((entry) => entry[1])), new Set([0]), "stored, not compressed");
  for (const [name, , hash] of entries.slice(1)) assert.equal(name, `files/${hash}.jpg`);
  const text = await linesOf(await makeTextPart(await planText(holders, HEADER), 1));
  const bare = (line) => ({ ...line, data: null, entry: null });
  assert.deepEqual(new Set(lines.map(bare).map((line) => JSON.stringify(line))), new Set(text.map(bare).map((line) => JSON.stringify(line))));
  const named = lines.filter((line) => line.type === "file").map((line) => line.entry);
  assert.deepEqual(named, entries.slice(1).map((entry) => entry[0]));
  for (const sha256 of [...kept.files, ...other.files]) assert.ok(named.includes(`files/${sha256}.jpg`));
  assert.deepEqual(progress.at(-1), [6, 6]);
});

test("a picture that two officers have is in the ZIP once, and one that went meanwhile is not", async () => {
  const { world, kept, holders } = await twoOfficers();
  await world.save({ photo: true, seed: 2, officer: "budi" });
  const twin = unzip(Buffer.from(await (await makeRescueZip(holders, HEADER)).arrayBuffer())).entries.map((entry) => entry[0]);
  assert.equal(twin.length, new Set(twin).size);
  await openOfficer("budi").write(["file_data"], (tx) => result(tx.objectStore("file_data").clear()));
  await world.db.write(["file_data"], (tx) => result(tx.objectStore("file_data").delete(kept.files[1])));
  const names = unzip(Buffer.from(await (await makeRescueZip(holders, HEADER)).arrayBuffer())).entries.map((entry) => entry[0]);
  assert.ok(!names.some((name) => name.includes(kept.files[1])));
});

test("making a rescue file reads one photo after the other, never two at once", async () => {
  const { holders } = await twoOfficers();
  let [open, most] = [0, 0];
  const original = IDBObjectStore.prototype.get;
  IDBObjectStore.prototype.get = function (key) {
    const request = original.call(this, key);
    if (this.name !== "file_data") return request;
    open += 1;
    most = Math.max(most, open);
    this.transaction.addEventListener("complete", () => (open -= 1));
    return request;
  };
  try {
    await makeRescueZip(holders, ALL);
    await makeTextPart(await planText(holders, ALL), 1);
  } finally {
    IDBObjectStore.prototype.get = original;
  }
  assert.equal(most, 1);
});

test("a photo that cannot be read any more keeps nothing else from being rescued", async () => {
  const { kept, holders } = await twoOfficers();
  const original = IDBObjectStore.prototype.get;
  IDBObjectStore.prototype.get = function (key) {
    if (this.name === "file_data" && key === kept.files[1]) throw new DOMException("Failed to read large IndexedDB value", "NotReadableError");
    return original.call(this, key);
  };
  try {
    const lines = await linesOf(await makeTextPart(await planText(holders, HEADER), 1));
    assert.deepEqual(lines.filter((line) => line.type === "file" && line.data === null).map((line) => line.sha256), [kept.files[1]]);
    assert.equal(unzip(Buffer.from(await (await makeRescueZip(holders, HEADER)).arrayBuffer())).entries.length, 1 + 5);
  } finally {
    IDBObjectStore.prototype.get = original;
  }
});

test("one record's own file has its text and photos, whatever else is on the phone", async () => {
  const { world, kept } = await twoOfficers();
  const parts = [];
  for await (const part of recordLines(holder("ani", "Ani"), await one(world.db, "records", kept.sha256), HEADER.made_at)) parts.push(part);
  const lines = await linesOf(new Blob(parts));
  assert.deepEqual(lines.map((line) => line.type), ["header", "officer", "record", "file", "file"]);
  assert.deepEqual(lines.slice(3).map((line) => line.sha256), kept.files);
  for (const file of lines.slice(3)) assert.equal(sha(Buffer.from(file.data, "base64")), file.sha256);
});

test("bytes of any length come back from base64 as they were", async () => {
  const world = await joined();
  for (const size of [1, 2, 3, 32_765, 32_766, 32_767, 100_001]) {
    const record = await world.save({ photo: true, size, seed: size });
    const lines = [];
    for await (const part of recordLines(holder("ani"), record, "x")) lines.push(JSON.parse(await part.text()));
    const file = lines.find((line) => line.sha256 === record.files[1]);
    assert.deepEqual(Buffer.from(file.data, "base64"), Buffer.from(bytes(size, size)));
  }
});

test("what is counted is what people count: visits, photos, since when", async () => {
  const { kept, holders } = await twoOfficers();
  const count = await countRescue(holders, true);
  assert.deepEqual([count.visits, count.records, count.photos, count.oldest_at], [2, 2, 2, kept.saved_at]);
  assert.equal((await countRescue(holders, false)).visits, 3);
  assert.deepEqual(await countRescue([], true), { visits: 0, records: 0, photos: 0, bytes: 0, oldest_at: null });
});

test("a file's name says whose, when and how much, in letters that every phone takes", () => {
  const facts = { names: ["Budi Santoso"], day: "2026-11-24", visits: 7, ending: "txt" };
  assert.equal(rescueFileName(facts), "jejak-sinyal_BudiSantoso_2026-11-24_7-kunjungan.txt");
  assert.equal(rescueFileName({ ...facts, ending: "zip", names: ["Budi", "siti nurhaliza"] }), "jejak-sinyal_Budi-SitiNurhaliza_2026-11-24_7-kunjungan.zip");
  assert.equal(rescueFileName({ ...facts, part: 2, parts: 3 }), "jejak-sinyal_BudiSantoso_2026-11-24_7-kunjungan_bagian-2-dari-3.txt");
  assert.equal(rescueFileName({ ...facts, names: ["A", "B", "C"] }).includes("_A-dan-2-lain_"), true);
  const names = ["../../etc/passwd", "..", "", "Zoë d'Árc", "名前", "a".repeat(200), "x/\\:*?\"<>|\n.txt", "\u202Eevil"];
  for (const name of names) {
    assert.match(rescueFileName({ ...facts, names: [name] }), /^jejak-sinyal_[A-Za-z0-9]{1,40}_2026-11-24_7-kunjungan\.txt$/);
    const copy = copyFileName({ name, saved_at: "2026-11-24T09:14:01.000Z", area: name, sha256: "9f".repeat(32) });
    assert.match(copy, /^jejak-sinyal_[A-Za-z0-9]{1,40}_2026-11-2[345]_[0-9]{4}_[A-Za-z0-9]{1,40}_9f9f9f9f9f9f\.txt$/);
    assert.ok(copy.endsWith(copyEnding("9f".repeat(32))));
  }
});
