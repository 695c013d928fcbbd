// @ts-check
/**
 * Holds what the server says of limits, operators and choices (/app/reference.json). The phone
 * knows no bound of its own: before the data is here, nothing is out of range.
 */
import { t } from "./messages.js";

/** @typedef {import("./types.js").Limit} Limit */
/** @typedef {{key: string, label: string}} Choice */
/** @typedef {{key: string, brand: string, technologies?: string[]}} OperatorChoice */

/**
 * @typedef {Object} Reference
 * @property {number} [config_version]
 * @property {string} [timezone]
 * @property {{id: string, name: string}} [root_area]
 * @property {Object<string, Limit>} [limits]
 * @property {Object<string, Object<string, [number, number]>>} [technology_limits]
 * @property {Object<string, string>} [main_quantity]
 * @property {Object<string, string>} [switched_off]  network type to the day since when it should be gone
 * @property {Object<string, number|number[]>} [wire]
 * @property {Object<string, number>} [questions]
 * @property {OperatorChoice[]} [operators]
 * @property {Choice[]} [technologies]
 * @property {Object<string, Choice[]>} [choices]
 * @property {Choice[]} [public_services]
 * @property {string|null} [practice_campaign_id]
 */

/** @type {Reference} */
let held = {};

/** @param {Reference} reference */
export function useReference(reference) {
  held = reference;
}

export function reference() {
  return held;
}

/** The operators on sale here, in the office's order. @returns {OperatorChoice[]} */
export function operators() {
  return held.operators ?? [];
}

/** What people call an operator; an unknown key is shown as it is. @param {string} key */
export function brandOf(key) {
  return operators().find((operator) => operator.key === key)?.brand ?? key;
}

/** @returns {Choice[]} */
export function technologies() {
  return held.technologies ?? [];
}

/** @returns {Choice[]} */
export function publicServices() {
  return held.public_services ?? [];
}

/**
 * The choices of one list, e.g. "place_kinds".
 * @param {string} name
 * @returns {Choice[]}
 */
export function choices(name) {
  return held.choices?.[name] ?? [];
}

/**
 * What people call a key of a list; an unknown key is shown as it is.
 * @param {string} name of the list
 * @param {string|null} key
 */
export function labelOf(name, key) {
  if (key === null) return "";
  const found = choices(name).find((choice) => choice.key === key);
  return found ? t(found.label) : key;
}

/**
 * Bounds of a quantity, those of the technology first; null when the server named none.
 * @param {string} field e.g. "rsrp_dbm"
 * @param {string|null} [technology]
 * @returns {Limit|null}
 */
export function limit(field, technology = null) {
  const narrow = technology ? held.technology_limits?.[technology]?.[field] : undefined;
  if (narrow) return { minimum: narrow[0], maximum: narrow[1] };
  return held.limits?.[field] ?? null;
}

/**
 * A threshold that raises a question, e.g. "accuracy_target_m"; null when the server named none.
 * @param {string} name
 * @returns {number|null}
 */
export function question(name) {
  return held.questions?.[name] ?? null;
}
