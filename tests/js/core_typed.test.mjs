import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isAnswered, openQuestions, textOf, withAnswer, withText } from "../../static/core/readings.js";
import { insertName, turnSign } from "../../static/core/typed_keys.js";
import { answerText, questionText } from "../../static/core/typed_questions.js";
import { understandTyped } from "../../static/core/typed_rules.js";
import { useReference } from "../../static/core/reference.js";
import { REFERENCE } from "./reference_fixture.mjs";

const vectors = JSON.parse(readFileSync(new URL("../shared/typed_vectors.json", import.meta.url), "utf8"));
const NR = { rsrp_dbm: [-156, -31], rsrq_db: [-43, 20], sinr_db: [-23, 40] };
const LIMITS = {
  ...REFERENCE,
  technology_limits: {
    gsm: { rssi_dbm: [-113, -47], rxlev_dbm: [-113, -47] },
    wcdma: { rscp_dbm: [-120, -24], ecno_db: [-24, 1], rssi_dbm: [-113, -51] },
    lte: { rsrp_dbm: [-140, -43], rsrq_db: [-34, 3], sinr_db: [-20, 30], rssi_dbm: [-113, -25] },
    nr_nsa: NR,
    nr_sa: NR,
  },
};
useReference(LIMITS);

const empty = (changes = {}) => ({ operator: "xl", technology: "lte", handset: "own", sim_slot: 2, bars: null, source: "typed", raw_text: null, at: "2026-05-04T02:13:10.000Z", ...changes });
const typed = (text, changes) => withText(empty(changes), { text });

test("texts mean what the office reads in them too", () => {
  for (const { text, chosen, ...expected } of vectors) {
    const { technology, values, questions } = understandTyped(text, chosen, LIMITS);
    assert.deepEqual({ technology, values, questions: questions.map(({ code, field, answers, insist }) => ({ code, field, answers, insist })) }, expected, `${chosen}: ${text}`);
  }
});

test("every question has words, and every answer names value and unit", () => {
  for (const { text, chosen } of vectors) {
    for (const question of understandTyped(text, chosen, LIMITS).questions) {
      assert.doesNotMatch(questionText(question, chosen), /\{|undefined|null/, text);
      for (const answer of question.answers) assert.match(answerText(answer), /^[\w/]+ .*( dBm| dB)$|^[2345]G( N?SA)?$/, text);
    }
  }
});

test("the text is kept letter for letter beside its values", () => {
  const reading = typed("RSRP −108, RSRQ −12,5 ");
  assert.deepEqual([reading.raw_text, reading.rsrp_dbm, reading.rsrq_db, reading.sinr_db], ["RSRP −108, RSRQ −12,5 ", -108, -12.5, null]);
  assert.equal(typed("  ").raw_text, null);
});

test("an open question keeps no value; a tap or insisting does, and asks no more", () => {
  const asked = typed("108");
  assert.equal(asked.rsrp_dbm, null);
  const [question] = openQuestions(asked);
  const agreed = withAnswer(asked, question.answers[0]);
  assert.deepEqual([agreed.rsrp_dbm, agreed.raw_text, openQuestions(agreed)], [-108, "108", []]);
  const insisted = withAnswer(asked, question.insist);
  assert.deepEqual([insisted.rsrp_dbm, openQuestions(insisted)], [108, []]);
  assert.equal(isAnswered(question, asked), false);
});

test("an answer holds while the same text grows, and falls with its number", () => {
  const agreed = withAnswer(typed("108"), openQuestions(typed("108"))[0].answers[0]);
  const grown = withText(agreed, { text: "108 RSRQ -12" });
  assert.deepEqual([grown.rsrp_dbm, grown.rsrq_db, openQuestions(grown)], [-108, -12, []]);
  const changed = withText(agreed, { text: "32" });
  assert.deepEqual([changed.rsrp_dbm, openQuestions(changed).map((one) => one.code)], [null, ["asu"]]);
});

test("the text may tell the network, and another network reads the same text anew", () => {
  assert.equal(typed("rscp -97 ecno -9", { technology: null }).technology, "wcdma");
  const wrong = typed("rscp -97 ecno -9");
  const right = withAnswer(wrong, openQuestions(wrong)[0].answers[0]);
  assert.deepEqual([right.technology, right.rscp_dbm, right.ecno_db, right.raw_text], ["wcdma", -97, -9, "rscp -97 ecno -9"]);
});

test("values that no text explains are shown as text, and typing on keeps them", () => {
  const old = empty({ rsrp_dbm: -108, rsrq_db: -12.5, sinr_db: 3, rssi_dbm: -77, raw_text: "-108 dBm 32 asu" });
  assert.equal(textOf(old), "-108 dBm 32 asu RSSI -77 RSRQ -12.5 SINR 3");
  assert.deepEqual(openQuestions(old), []);
  const same = withText(old, { text: textOf(old) });
  assert.deepEqual([same.rsrp_dbm, same.rsrq_db, same.sinr_db, same.rssi_dbm], [-108, -12.5, 3, -77]);
  assert.equal(textOf(empty({ technology: "wcdma", rscp_dbm: -99, ecno_db: -7 })), "RSCP -99 Ec/No -7");
});

test("any values come back from the text that shows them", () => {
  for (let n = 0; n < 300; n += 1) {
    const values = { rsrp_dbm: -139 + (n % 90), rsrq_db: -((n % 33) + 6) / 2, sinr_db: ((n * 7) % 100) / 2 - 20, rssi_dbm: null };
    const shown = empty(values);
    const back = withText(shown, { text: textOf(shown) });
    assert.deepEqual({ ...values, ...Object.fromEntries(Object.keys(values).map((field) => [field, back[field]])) }, values);
  }
});

test("a name's key closes the gap and brings the minus of what is always negative", () => {
  assert.deepEqual(insertName("", 0, "RSRP"), { text: "RSRP -", caret: 6 });
  assert.deepEqual(insertName("RSRP -108", 9, "RSRQ"), { text: "RSRP -108 RSRQ -", caret: 16 });
  assert.deepEqual(insertName("RSRP -108 ", 10, "SINR"), { text: "RSRP -108 SINR ", caret: 15 });
  assert.deepEqual(insertName("-108\n", 5, "Ec/No"), { text: "-108\nEc/No -", caret: 12 });
});

test("the sign key turns the number at the caret", () => {
  assert.deepEqual(turnSign("", 0), { text: "-", caret: 1 });
  assert.deepEqual(turnSign("108", 3), { text: "-108", caret: 4 });
  assert.deepEqual(turnSign("-108", 2), { text: "108", caret: 1 });
  assert.deepEqual(turnSign("RSRP -108 SINR 3", 16), { text: "RSRP -108 SINR -3", caret: 17 });
  assert.deepEqual(turnSign("SINR -3", 7), { text: "SINR 3", caret: 6 });
  assert.deepEqual(turnSign("SINR ", 5), { text: "SINR -", caret: 6 });
});
