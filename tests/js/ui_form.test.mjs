import assert from "node:assert/strict";
import { test } from "node:test";
import { newDraft } from "../../static/core/drafts.js";
import { coordinatesIn } from "../../static/ui/visit/coordinates.js";
import { simKey, simsOfForm, testOf, toggled, withNoSignal, withoutResult, withReading, withResult } from "../../static/ui/visit/edit.js";

const NOW = Date.parse("2026-05-04T02:12:40.000Z");
const TELKOMSEL = { operator: "telkomsel", handset: "own", sim_slot: 1 };
const XL = { operator: "xl", handset: "own", sim_slot: 2 };
const OFFICE = { operator: "telkomsel", handset: "office", sim_slot: 1 };

function draft() {
  return newDraft({ area: { id: "13.11/j0042", claimed: null }, area_name: "Simancuang", campaign_id: null, practice: false, config_version: 1, phone: { model: null, app_version: "1" } }, NOW);
}

test("a none is quick until it is proven, any other result has no proof", () => {
  const none = testOf(withResult(draft(), TELKOMSEL, "none", NOW), TELKOMSEL);
  assert.equal(none?.proof, "quick");
  assert.equal(none?.at, "2026-05-04T02:12:40.000Z");
  assert.equal(testOf(withResult(draft(), TELKOMSEL, "voice", NOW), TELKOMSEL)?.proof, null);
});

test("a changed mind replaces the result of that SIM only", () => {
  const both = withResult(withResult(draft(), TELKOMSEL, "none", NOW), OFFICE, "voice", NOW);
  const changed = withResult(both, TELKOMSEL, "data", NOW);
  assert.equal(changed.service_tests.length, 2);
  assert.equal(testOf(changed, TELKOMSEL)?.result, "data");
  assert.equal(testOf(changed, OFFICE)?.result, "voice");
});

test("no signal from any of my cards leaves what was answered", () => {
  const answered = withResult(draft(), XL, "voice", NOW);
  const all = withNoSignal(answered, [TELKOMSEL, XL, OFFICE], NOW);
  assert.deepEqual([TELKOMSEL, XL, OFFICE].map((sim) => testOf(all, sim)?.result), ["none", "voice", "none"]);
});

test("not tested after all is absence of a test", () => {
  assert.deepEqual(withoutResult(withResult(draft(), XL, "voice", NOW), XL).service_tests, []);
});

test("a draft is never changed in place", () => {
  const first = draft();
  withResult(first, XL, "voice", NOW);
  assert.deepEqual(first.service_tests, []);
});

test("the form opens the cards of the day and every SIM the draft speaks of, once", () => {
  const spoken = withResult(draft(), OFFICE, "none", NOW);
  const cards = [{ ...TELKOMSEL, label: "Telkomsel" }, { ...XL, label: "XL" }];
  assert.deepEqual(simsOfForm(cards, spoken).map(simKey), [TELKOMSEL, XL, OFFICE].map(simKey));
});

test("taking a reading away leaves the others", () => {
  const reading = { ...XL, technology: "lte", rsrp_dbm: -108, bars: null, source: "typed", raw_text: "-108", at: "2026-05-04T02:12:40.000Z" };
  const two = withReading(withReading(draft(), XL, reading), TELKOMSEL, { ...reading, ...TELKOMSEL });
  assert.deepEqual(withReading(two, XL, null).readings.map((one) => one.operator), ["telkomsel"]);
});

test("a word is toggled in and out", () => {
  assert.deepEqual(toggled(["a"], "b"), ["a", "b"]);
  assert.deepEqual(toggled(["a", "b"], "a"), ["b"]);
});

for (const [text, expected] of [
  ["-1.5416, 101.2433", [-1.5416, 101.2433]],
  ["-1.5416,101.2433", [-1.5416, 101.2433]],
  ["1,5416 LS 101,2433 BT", [-1.5416, 101.2433]],
  ["1.5416° S, 101.2433° E", [-1.5416, 101.2433]],
  ["S 1.5416 E 101.2433", [-1.5416, 101.2433]],
  ["-1,5416; 101,2433", [-1.5416, 101.2433]],
  ["101.2433", [101.2433]],
  ["", []],
]) {
  test(`"${text}" is read as ${expected.join(" and ") || "nothing"}`, () => assert.deepEqual(coordinatesIn(text), expected));
}

test("degrees and minutes are more than two numbers, so nobody takes them for a position", () => {
  assert.notEqual(coordinatesIn("1°32'30\" S 101°14'36\" E").length, 2);
});
