// @ts-check
/**
 * A reading and the one text it is typed as: the text is what the officer sees and what is kept as
 * evidence, the values follow from it and from the answers given. Whether a question is answered
 * follows from the values, so that a draft opened again asks nothing twice.
 */
import { t } from "./messages.js";
import { reference } from "./reference.js";
import { understandTyped } from "./typed_rules.js";

/** @typedef {import("./types.js").Reading} Reading */
/** @typedef {import("./typed_rules.js").Question} Question */
/** @typedef {import("./typed_rules.js").Answer} Answer */
/** @typedef {import("./typed_rules.js").Understanding} Understanding */
/** @typedef {import("./typed_rules.js").Limits} Limits */

/** Quantities in the order in which phones show them, as they name them. */
export const QUANTITIES = /** @type {const} */ ([["rsrp_dbm", "RSRP", "dBm"], ["rscp_dbm", "RSCP", "dBm"], ["rssi_dbm", "RSSI", "dBm"], ["rsrq_db", "RSRQ", "dB"], ["sinr_db", "SINR", "dB"], ["ecno_db", "Ec/No", "dB"]]);

/** @typedef {typeof QUANTITIES[number][0]} RadioField */

/** @param {Reading|null} reading @param {RadioField} field @returns {number|null} */
const valueOf = (reading, field) => reading?.[field] ?? null;

/** @param {Reading} reading @param {Limits} [limits] @returns {Understanding} */
export function understandReading(reading, limits = reference()) {
  return understandTyped(textOf(reading, limits), reading.technology, limits);
}

/**
 * What the text field shows: the raw text, and behind it what the values say beyond it (a record
 * of an older app, an imported one).
 * @param {Reading|null} reading
 * @param {Limits} [limits]
 */
export function textOf(reading, limits = reference()) {
  if (!reading) return "";
  const raw = reading.raw_text ?? "";
  const { values, questions } = understandTyped(raw, reading.technology, limits);
  const spoken = new Set([...Object.keys(values), ...questions.flatMap((one) => [one.field, ...[...one.answers, one.insist].flatMap((answer) => Object.keys(answer?.values ?? {}))])]);
  const more = QUANTITIES.filter(([field]) => valueOf(reading, field) !== null && !spoken.has(field)).map(([field, name]) => `${name} ${valueOf(reading, field)}`);
  return [raw, ...more].filter(Boolean).join(raw.includes("\n") ? "\n" : " ");
}

/** Whether a question has been answered: the reading holds one of its answers. @param {Question} question @param {Reading} reading */
export function isAnswered(question, reading) {
  return [...question.answers, question.insist].some(
    (answer) => answer?.values && Object.entries(answer.values).every(([field, value]) => valueOf(reading, /** @type {RadioField} */ (field)) === value),
  );
}

/** Questions of a reading that wait for an answer. @param {Reading} reading @param {Limits} [limits] */
export function openQuestions(reading, limits = reference()) {
  return understandReading(reading, limits).questions.filter((question) => !isAnswered(question, reading));
}

/**
 * The reading with another text or network. Its values are those beyond doubt, and those of a
 * question that was asked and answered before and is asked again.
 * @param {Reading} reading
 * @param {{text?: string, technology?: Reading["technology"]}} change
 * @param {Limits} [limits]
 * @returns {Reading}
 */
export function withText(reading, change, limits = reference()) {
  const before = understandReading(reading, limits).questions.filter((question) => isAnswered(question, reading));
  const text = change.text ?? textOf(reading, limits);
  const next = understandTyped(text, change.technology !== undefined ? change.technology : reading.technology, limits);
  /** @type {Object<string, number|null>} */
  const values = Object.fromEntries(QUANTITIES.map(([field]) => [field, next.values[field] ?? null]));
  for (const question of next.questions) {
    const asked = before.some((old) => old.code === question.code && old.field === question.field && old.value === question.value);
    if (!asked || !isAnswered(question, reading)) continue;
    const fields = Object.keys([...question.answers, question.insist].find((answer) => answer?.values)?.values ?? {});
    for (const field of fields) values[field] = valueOf(reading, /** @type {RadioField} */ (field));
  }
  return { ...reading, ...values, technology: next.technology, raw_text: text.trim() ? text : null };
}

/** @param {Reading} reading @param {Answer} answer @param {Limits} [limits] @returns {Reading} */
export function withAnswer(reading, answer, limits = reference()) {
  if (answer.technology) return withText(reading, { technology: answer.technology }, limits);
  return { ...reading, ...answer.values };
}

/**
 * RSRP is the power of one resource element, RSSI of the whole band: RSRP is always the smaller.
 * @param {number|null|undefined} rsrpDbm
 * @param {number|null|undefined} rssiDbm
 * @returns {string|null} a question, or null when the two agree
 */
export function comparePowers(rsrpDbm, rssiDbm) {
  if (typeof rsrpDbm !== "number" || typeof rssiDbm !== "number" || rsrpDbm < rssiDbm) return null;
  return t("RSRP cannot be stronger than RSSI. Are the two swapped?");
}
