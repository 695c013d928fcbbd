import assert from "node:assert/strict";
import { test } from "node:test";
import { comparePowers, understandReading } from "../../static/core/readings.js";
import { useReference } from "../../static/core/reference.js";
import { REFERENCE } from "./reference_fixture.mjs";

const read = (text, technology = "lte", field = undefined) => understandReading(text, technology, REFERENCE, field);
const brief = (text, technology, field) => {
  const { value, problem, suggestion } = read(text, technology, field);
  return [value, problem, suggestion];
};

for (const [technology, minimum, maximum] of [["lte", -140, -43], ["wcdma", -120, -24], ["gsm", -113, -47], ["nr_sa", -156, -31]]) {
  test(`${technology}: below, on and above each bound`, () => {
    assert.equal(read(String(minimum - 1), technology).problem, "range");
    for (const value of [minimum, minimum + 1, maximum - 1, maximum]) assert.deepEqual(brief(String(value), technology), [value, null, null]);
    assert.notEqual(read(String(maximum + 1), technology).problem, null);
  });
}

test("108 asks whether -108 is meant", () => {
  assert.deepEqual(brief("108"), [108, "sign", -108]);
  assert.match(read("108").question, /-108/);
});

test("a minus in any dress, a decimal comma and a unit are understood", () => {
  for (const text of ["-108", "−108", "–108 dBm", "- 108", "RSRP: -108dBm", "4G -108"]) assert.deepEqual(brief(text), [-108, null, null], text);
  assert.equal(read("-108,5").value, -108.5);
});

test("a page's own text with dBm and ASU that agree is taken as it is", () => {
  assert.deepEqual(brief("-108 dBm 32 asu"), [-108, null, null]);
});

test("an ASU typed as dBm is caught", () => {
  assert.deepEqual(brief("32"), [32, "asu", -108]);
  assert.deepEqual(brief("-32"), [-32, "asu", -108]);
  assert.deepEqual(brief("20", "gsm"), [20, "asu", -73]);
});

test("text that says ASU gives no value, only a suggestion", () => {
  assert.deepEqual(brief("32 asu"), [null, "asu", -108]);
  assert.deepEqual(brief("32 asu", "wcdma"), [null, "asu", null]);
  assert.deepEqual(brief("99 asu"), [null, "asu", null]);
  assert.deepEqual(brief("255 asu"), [null, "asu", null]);
});

test("RSSI where RSRP is meant is asked about", () => {
  assert.deepEqual(brief("-79 dBm 17 asu"), [-79, "rssi", -79]);
  assert.equal(read("-79 dBm 17 asu").suggested_field, "rssi_dbm");
  assert.equal(read("RSSI -79").problem, "rssi");
  assert.equal(read("RSRP -101 RSSI -79").problem, null);
});

test("RSRP cannot be stronger than RSSI", () => {
  assert.equal(comparePowers(-101, -79), null);
  assert.notEqual(comparePowers(-79, -101), null);
  assert.notEqual(comparePowers(-79, -79), null);
  assert.equal(comparePowers(null, -79), null);
});

test("other quantities have their own sign rule", () => {
  assert.deepEqual(brief("12", "lte", "rsrq_db"), [12, "sign", -12]);
  assert.deepEqual(brief("-12.5", "lte", "rsrq_db"), [-12.5, null, null]);
  assert.deepEqual(brief("12", "lte", "sinr_db"), [12, null, null]);
  assert.deepEqual(brief("31", "lte", "sinr_db"), [31, "range", null]);
});

test("no text is no problem, no number is", () => {
  assert.deepEqual(brief("  "), [null, null, null]);
  assert.deepEqual(brief("weak"), [null, "unreadable", null]);
});

test("before the server's limits are known nothing is out of range", () => {
  assert.deepEqual([understandReading("-900", "lte", {}).value, understandReading("-900", "lte", {}).problem], [-900, null]);
});

test("the held reference data is the default", () => {
  useReference(REFERENCE);
  assert.equal(understandReading("108", "lte").problem, "sign");
  assert.equal(understandReading("-90", "wcdma").field, "rscp_dbm");
});
