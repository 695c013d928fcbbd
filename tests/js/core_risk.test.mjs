import assert from "node:assert/strict";
import { test } from "node:test";
import { MANY, NEARLY_FULL_BYTES, offerFor, risksOf } from "../../static/core/risk.js";

const HOUR = 3600_000;
const NOW = Date.parse("2026-05-04T05:00:00.000Z");
const ago = (hours) => new Date(NOW - hours * HOUR).toISOString();
/** A protected phone with room, at noon, with three records of this morning and a contact since. */
const calm = { unsent_records: 3, unsent_files: 2, oldest_at: ago(5), last_contact_at: ago(6), persisted: true, free_bytes: 5e9, failure: null, hour: 12 };
const none = { unsent_records: 0, unsent_files: 0, oldest_at: null };

test("a protected phone in contact has nothing to say, nor one where all is sent", () => {
  assert.deepEqual(risksOf(calm, NOW), []);
  assert.deepEqual(risksOf({ ...calm, ...none, persisted: false, last_contact_at: ago(99), free_bytes: 1, hour: 20, failure: "storage_full" }, NOW), []);
});

for (const [sentence, change, found] of [
  ["more than two hundred unsent", { unsent_records: MANY - 1, unsent_files: 2 }, ["many"]],
  ["two hundred are not yet more than two hundred", { unsent_records: MANY - 2, unsent_files: 2 }, []],
  ["more than a day without contact", { last_contact_at: ago(24.1) }, ["silent"]],
  ["a day without contact is not yet more", { last_contact_at: ago(24) }, []],
  ["a phone that never heard of the office counts from its oldest record", { last_contact_at: null, oldest_at: ago(25) }, ["silent"]],
  ["one that never heard of it and began today", { last_contact_at: null }, []],
  ["storage that the phone may clear", { persisted: false }, ["unprotected"]],
  ["a browser that cannot say is no danger known", { persisted: null }, []],
  ["a phone with hardly any room", { free_bytes: NEARLY_FULL_BYTES - 1 }, ["nearly_full"]],
  ["storage that does not answer, also when nothing could be counted", { ...none, failure: "storage_broken" }, ["storage_error"]],
  ["a full phone", { failure: "storage_full" }, ["storage_error"]],
  ["the evening", { hour: 16 }, ["day_end"]],
  ["no network alone is what the app is made for", { failure: "no_network" }, []],
  ["all at once, gravest first", { failure: "storage_full", free_bytes: 1, unsent_records: 500, last_contact_at: ago(99), persisted: false, hour: 18 }, ["storage_error", "nearly_full", "many", "silent", "unprotected", "day_end"]],
]) {
  test(`danger: ${sentence}`, () => assert.deepEqual(risksOf({ ...calm, ...change }, NOW), found));
}

test("what was saved within the hour is sent, not talked about", () => {
  assert.deepEqual(risksOf({ ...calm, oldest_at: ago(0.9), persisted: false, last_contact_at: ago(99), hour: 18 }, NOW), []);
});

test("a clock set back does not make a contact of tomorrow hide a silence", () => {
  assert.deepEqual(risksOf({ ...calm, last_contact_at: ago(-48), oldest_at: ago(30) }, NOW), ["silent"]);
  assert.deepEqual(risksOf({ ...calm, last_contact_at: ago(-48), oldest_at: ago(-40) }, NOW), []);
});

test("what was dismissed is not said again that day, something graver is", () => {
  const dismissed = { day: "2026-05-04", keys: ["unprotected", "day_end"] };
  assert.equal(offerFor(["unprotected"], null, "2026-05-04"), "unprotected");
  assert.equal(offerFor(["unprotected", "day_end"], dismissed, "2026-05-04"), null);
  assert.equal(offerFor(["day_end"], { ...dismissed, keys: ["unprotected"] }, "2026-05-04"), null);
  assert.equal(offerFor(["silent", "unprotected"], dismissed, "2026-05-04"), "silent");
  assert.equal(offerFor(["unprotected"], dismissed, "2026-05-05"), "unprotected");
  assert.equal(offerFor([], dismissed, "2026-05-05"), null);
});
