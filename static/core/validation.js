// @ts-check
/**
 * Looks over a draft before saving. It never forbids: what is missing asks for a reason, what
 * looks odd asks a question. Knows no storage and no screen.
 */
import { distanceM } from "./geo.js";
import { t } from "./messages.js";
import { brandOf, limit, question } from "./reference.js";
import { comparePowers, openQuestions } from "./readings.js";

/** @typedef {import("./types.js").VisitDraft} VisitDraft */
/** @typedef {import("./types.js").Warning} Warning */
/** @typedef {import("./types.js").Reading} Reading */
/** @typedef {{latitude_deg: number, longitude_deg: number}} Point */

const RADIO_FIELDS = /** @type {const} */ (["rsrp_dbm", "rsrq_db", "sinr_db", "rssi_dbm", "rscp_dbm", "ecno_db"]);

/**
 * What is missing from a draft or looks odd in it.
 * @param {VisitDraft} draft
 * @param {{area_point?: Point|null, similar?: import("./types.js").OwnVisit|null}} [context] the
 *   area's own point (never its parent's), and a visit that this one may repeat
 * @returns {Warning[]}
 */
export function checkDraft(draft, context = {}) {
  return [...checkArea(draft), ...checkPosition(draft, context.area_point ?? null), ...checkTests(draft), ...draft.readings.flatMap(checkReading), ...checkSimilar(context.similar ?? null)];
}

/**
 * Whether Save must ask "why incomplete?". With a reason, saving is always allowed.
 * @param {Warning[]} warnings
 */
export function mustExplain(warnings) {
  return warnings.some((warning) => warning.severity === "missing");
}

/** @param {string} field @param {string} message @returns {Warning} */
const missing = (field, message) => ({ field, message, severity: "missing" });
/** @param {string} field @param {string} message @returns {Warning} */
const odd = (field, message) => ({ field, message, severity: "question" });

/** @param {VisitDraft} draft */
function checkArea(draft) {
  if (!draft.area.id && !draft.area.claimed?.name.trim()) return [missing("area", t("The jorong is not chosen yet."))];
  return draft.place_kind ? [] : [missing("place_kind", t("The kind of place is not chosen yet."))];
}

/** @param {VisitDraft} draft @param {Point|null} areaPoint */
function checkPosition(draft, areaPoint) {
  const position = draft.position;
  if (!position || position.latitude_deg === null || position.longitude_deg === null) {
    return [missing("position", t("There is no position yet."))];
  }
  const found = [];
  const point = { latitude_deg: position.latitude_deg, longitude_deg: position.longitude_deg };
  if (position.method === "manual" && !position.reason?.trim()) {
    found.push(missing("position.reason", t("Say why the position was entered by hand.")));
  }
  const poor = question("accuracy_poor_m");
  if (poor !== null && (position.accuracy_m ?? 0) > poor) {
    found.push(odd("position.accuracy_m", t("The position is only accurate to {metres} m.", { metres: Math.round(position.accuracy_m ?? 0) })));
  }
  const far = question("area_distance_m");
  const away = areaPoint ? distanceM(areaPoint, point) : 0;
  if (far !== null && away > far) {
    found.push(odd("position", t("You are {km} km from this jorong's known point.", { km: Math.round(away / 1000) })));
  }
  return found;
}

/** @param {VisitDraft} draft */
function checkTests(draft) {
  if (!draft.service_tests.length) return [missing("service_tests", t("No operator was tested yet."))];
  const found = [];
  const none = draft.service_tests.filter((test) => test.result === "none");
  if (none.length && (draft.power === "off")) {
    found.push(odd("power", t("The power is off now: the tower may be off too. Please say so in the note.")));
  }
  for (const test of none) {
    if (draft.readings.some((reading) => sameSim(reading, test) && reading.bars !== 0)) {
      found.push(odd("service_tests", t("{operator}: no signal, but there is a reading. Is that right?", { operator: brandOf(test.operator) })));
    }
  }
  return found;
}

/**
 * @param {{operator: string, handset: string, sim_slot: number|null}} a
 * @param {{operator: string, handset: string, sim_slot: number|null}} b
 */
function sameSim(a, b) {
  return a.operator === b.operator && a.handset === b.handset && a.sim_slot === b.sim_slot;
}

/** @param {Reading} reading @param {number} i */
function checkReading(reading, i) {
  const found = [];
  for (const field of RADIO_FIELDS) {
    const value = reading[field];
    const bounds = limit(field, reading.technology);
    if (typeof value === "number" && bounds && (value < bounds.minimum || value > bounds.maximum)) {
      found.push(odd(`readings.${i}.${field}`, t("{operator}: {value} is outside {minimum} to {maximum}.", { operator: brandOf(reading.operator), value, minimum: bounds.minimum, maximum: bounds.maximum })));
    }
  }
  if (reading.source === "typed" && openQuestions(reading).length > 0) {
    found.push(odd(`readings.${i}.raw_text`, t("{operator}: the signal numbers still have a question. Without an answer only their text is kept.", { operator: brandOf(reading.operator) })));
  }
  const powers = comparePowers(reading.rsrp_dbm, reading.rssi_dbm);
  return powers ? [...found, odd(`readings.${i}.rsrp_dbm`, powers)] : found;
}

/** @param {import("./types.js").OwnVisit|null} similar */
function checkSimilar(similar) {
  return similar ? [odd("area", t("You already have a visit here today. Is this another place?"))] : [];
}
