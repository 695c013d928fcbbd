import assert from "node:assert/strict";
import { test } from "node:test";
import { comparePowers, openQuestions, understandReading } from "../../static/core/readings.js";
import { understandTyped } from "../../static/core/typed_rules.js";
import { useReference } from "../../static/core/reference.js";
import { REFERENCE } from "./reference_fixture.mjs";

const codes = (text, technology = "lte", limits = REFERENCE) => understandTyped(text, technology, limits).questions.map((one) => one.code);

for (const [technology, field, minimum, maximum] of [["lte", "rsrp_dbm", -140, -43], ["wcdma", "rscp_dbm", -120, -40], ["gsm", "rssi_dbm", -113, -47], ["nr_sa", "rsrp_dbm", -156, -45]]) {
  test(`${technology}: below, on and above each bound`, () => {
    assert.deepEqual(codes(String(minimum - 1), technology), ["range"]);
    for (const value of [minimum, minimum + 1, maximum - 1, maximum]) assert.deepEqual(understandTyped(String(value), technology, REFERENCE).values, { [field]: value });
    assert.equal(codes(String(maximum + 1), technology).length, 1);
  });
}

test("RSRP cannot be stronger than RSSI", () => {
  assert.equal(comparePowers(-101, -79), null);
  assert.notEqual(comparePowers(-79, -101), null);
  assert.notEqual(comparePowers(-79, -79), null);
  assert.equal(comparePowers(null, -79), null);
});

test("before the server's limits are known nothing is out of range", () => {
  assert.deepEqual([understandTyped("-900", "lte", {}).values, codes("-900", "lte", {})], [{ rsrp_dbm: -900 }, []]);
});

test("the held reference data is the default", () => {
  useReference(REFERENCE);
  const reading = { operator: "xl", technology: "lte", handset: "own", sim_slot: 2, bars: null, source: "typed", raw_text: "108", at: "" };
  assert.equal(openQuestions(reading)[0].code, "sign");
  assert.deepEqual(understandReading({ ...reading, technology: "wcdma", raw_text: "-90" }).values, { rscp_dbm: -90 });
});
