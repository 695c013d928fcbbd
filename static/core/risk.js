// @ts-check
/**
 * When the only copy of somebody's work is in danger, and what of it is worth a word. Pure: told
 * what is known, the time and what was dismissed today.
 */
import { toMs } from "./instants.js";

/**
 * Gravest first.
 * @typedef {"storage_error"|"nearly_full"|"many"|"silent"|"unprotected"|"day_end"} RiskKey
 * @typedef {Object} RiskFacts
 * @property {number} unsent_records
 * @property {number} unsent_files
 * @property {string|null} oldest_at      when the oldest unsent record was saved
 * @property {string|null} last_contact_at
 * @property {boolean|null} persisted
 * @property {number|null} free_bytes
 * @property {import("./types.js").FailureKind|null} failure
 * @property {number} hour                of the office's day, 0 to 23
 */
/** @typedef {{day: string, keys: RiskKey[]}} Dismissed */

/** More than so many unsent is more than a phone should carry alone. */
export const MANY = 200;
export const SILENT_MS = 24 * 3600_000;
/** Not room for a day's photos any more. */
export const NEARLY_FULL_BYTES = 100_000_000;
/** What was saved a moment ago is not in danger yet: sending comes first. */
const SETTLED_MS = 3600_000;
/** The hour from which a day in the field is over. */
const EVENING = 16;

/**
 * The dangers to what is unsent.
 * @param {RiskFacts} facts
 * @param {number} nowMs
 * @returns {RiskKey[]} gravest first
 */
export function risksOf(facts, nowMs) {
  const unsent = facts.unsent_records + facts.unsent_files;
  const settled = facts.unsent_records > 0 && facts.oldest_at !== null && nowMs - toMs(facts.oldest_at) >= SETTLED_MS;
  /** @type {[RiskKey, boolean][]} */
  const found = [
    ["storage_error", facts.failure === "storage_broken" || (facts.failure === "storage_full" && unsent > 0)],
    ["nearly_full", unsent > 0 && facts.free_bytes !== null && facts.free_bytes < NEARLY_FULL_BYTES],
    ["many", unsent > MANY],
    ["silent", settled && silentMs(facts, nowMs) > SILENT_MS],
    ["unprotected", settled && facts.persisted === false],
    ["day_end", settled && facts.hour >= EVENING],
  ];
  return found.filter(([, here]) => here).map(([key]) => key);
}

/**
 * How long nothing was heard from the office; a phone that never heard of it counts from its
 * oldest record. A contact in the future is a clock that was set back, and tells nothing.
 * @param {Pick<RiskFacts, "last_contact_at"|"oldest_at">} facts
 * @param {number} nowMs
 */
function silentMs(facts, nowMs) {
  const sinceContact = nowMs - toMs(facts.last_contact_at);
  return sinceContact >= 0 ? sinceContact : nowMs - toMs(facts.oldest_at);
}

/**
 * The one thing to say, if any. What was dismissed is not said again that day, unless something
 * graver came up.
 * @param {RiskKey[]} risks gravest first
 * @param {Dismissed|null} dismissed
 * @param {string} today
 * @returns {RiskKey|null}
 */
export function offerFor(risks, dismissed, today) {
  const [gravest] = risks;
  if (!gravest) return null;
  if (dismissed?.day !== today) return gravest;
  return GRAVITY.indexOf(gravest) < Math.min(...dismissed.keys.map((key) => GRAVITY.indexOf(key))) ? gravest : null;
}

/** @type {RiskKey[]} */
const GRAVITY = ["storage_error", "nearly_full", "many", "silent", "unprotected", "day_end"];
