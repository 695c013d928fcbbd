// @ts-check
/**
 * Understands a radio value as an officer types it ("-108 dBm 32 asu", "108", "32") and asks
 * where it is likely to be wrong. It never corrects by itself and never forbids: the officer
 * answers, and the raw text is kept beside the value. Source: docs on ASU in TS 27.007.
 */
import { t } from "./messages.js";
import { reference } from "./reference.js";

/** @typedef {import("./types.js").Limit} Limit */
/** @typedef {Pick<import("./reference.js").Reference, "limits"|"technology_limits"|"main_quantity">} Limits */

/**
 * @typedef {Object} Understanding
 * @property {string} field           the quantity, e.g. "rsrp_dbm"
 * @property {number|null} value      what to keep when the officer insists
 * @property {"unreadable"|"sign"|"asu"|"range"|"rssi"|null} problem
 * @property {string|null} question   to show, in the officer's language
 * @property {number|null} suggestion what was probably meant
 * @property {string} suggested_field where the suggestion belongs
 */

/** dBm from ASU. Two formulas are in use for 3G, so there is none here. @type {Object<string, (asu: number) => number>} */
const FROM_ASU = {
  gsm: (asu) => 2 * asu - 113,
  lte: (asu) => asu - 140,
  nr_nsa: (asu) => asu - 140,
  nr_sa: (asu) => asu - 140,
};

/** The ASU that means "unknown" is no value. */
const UNKNOWN_ASU = new Set([99, 255]);

/** @param {string} text @returns {{value: number, signed: boolean, unit: string}[]} */
function numbersIn(text) {
  const clean = text.toLowerCase().replace(/[\u2212\u2013\u2014]/g, "-").replace(/\b[2-5]g\b/g, " ");
  const found = [];
  for (const [, sign, digits, unit] of clean.matchAll(/([+-]\s?)?(\d+(?:[.,]\d+)?)\s*(dbm|db|asu)?/g)) {
    const size = Number(digits.replace(",", "."));
    found.push({ value: sign?.startsWith("-") ? -size : size, signed: Boolean(sign), unit: unit ?? "" });
  }
  return found;
}

/** @param {Limits} limits @param {string} field @param {string} technology @returns {Limit|null} */
function boundsOf(limits, field, technology) {
  const narrow = limits.technology_limits?.[technology]?.[field];
  if (narrow) return { minimum: narrow[0], maximum: narrow[1] };
  return limits.limits?.[field] ?? null;
}

/** @param {number} value @param {Limit|null} bounds */
const within = (value, bounds) => !bounds || (value >= bounds.minimum && value <= bounds.maximum);

/**
 * Understand a typed radio value.
 * @param {string} text
 * @param {string} technology
 * @param {Limits} [limits] the reference data
 * @param {string} [field] the quantity asked for; the technology's main one when left out
 * @returns {Understanding}
 */
export function understandReading(text, technology, limits = reference(), field = limits.main_quantity?.[technology] ?? "rsrp_dbm") {
  /** @type {(problem: Understanding["problem"], question: string|null, value: number|null, suggestion?: number|null, suggested?: string) => Understanding} */
  const answer = (problem, question, value, suggestion = null, suggested = field) =>
    ({ field, value, problem, question, suggestion, suggested_field: suggested });
  if (!text.trim()) return answer(null, null, null);

  const numbers = numbersIn(text);
  const asu = numbers.find((number) => number.unit === "asu");
  const plain = numbers.filter((number) => number.unit !== "asu");
  const main = plain.find((number) => number.unit === "dbm") ?? plain.find((number) => number.value < 0) ?? plain[0];
  if (!main) return asu ? askAboutAsu(asu.value) : answer("unreadable", t("No number found. Type a value such as -108."), null);

  const bounds = boundsOf(limits, field, technology);
  const isRsrp = field === "rsrp_dbm" && technology === "lte";
  if (isRsrp && meansRssi(text, main.value, asu?.value)) {
    return answer("rssi", t("This looks like RSSI, not RSRP. Keep it as RSSI?"), main.value, main.value, "rssi_dbm");
  }
  if (within(main.value, bounds)) return answer(null, null, main.value);
  if (!main.signed && main.value > 0 && within(-main.value, bounds)) {
    return answer("sign", t("Do you mean {value} dBm?", { value: -main.value }), main.value, -main.value);
  }
  const size = Math.abs(main.value);
  if (field.endsWith("_dbm") && Number.isInteger(size) && size <= 97 && main.unit === "") {
    const asked = askAboutAsu(size);
    if (asked.suggestion !== null) return { ...asked, value: main.value };
  }
  const range = bounds ?? { minimum: main.value, maximum: main.value };
  return answer("range", t("The usual range is {minimum} to {maximum}. Is {value} right?", { minimum: range.minimum, maximum: range.maximum, value: main.value }), main.value);

  /** @param {number} value @returns {Understanding} */
  function askAboutAsu(value) {
    const dbm = UNKNOWN_ASU.has(value) ? undefined : FROM_ASU[technology]?.(value);
    if (dbm === undefined || !within(dbm, boundsOf(limits, field, technology))) {
      return answer("asu", t("This is ASU. Please type the dBm value."), null);
    }
    return answer("asu", t("{asu} looks like ASU. Do you mean {value} dBm?", { asu: value, value: dbm }), null, dbm);
  }
}

/**
 * An LTE page that pairs dBm with ASU by the GSM formula shows RSSI; so does the word itself.
 * @param {string} text
 * @param {number} dbm
 * @param {number} [asu]
 */
function meansRssi(text, dbm, asu) {
  if (/\brssi\b/i.test(text) && !/\brsrp\b/i.test(text)) return true;
  return asu !== undefined && dbm === 2 * asu - 113 && dbm !== asu - 140;
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
