// @ts-check
/**
 * Averages the fixes of one stand: weights by accuracy, cuts outliers by the median absolute
 * deviation, and says how good the result is. Knows no GPS and no clock: it is told.
 */
import { distanceM } from "./geo.js";
import { toInstant } from "./instants.js";
import { t } from "./messages.js";
import { question } from "./reference.js";

/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").Position} Position */
/** @typedef {{started_ms: number, fixes: Fix[], dropped: number}} Averaging */
/** @typedef {"none"|"good"|"fair"|"poor"|"approximate"} Quality */

/** A stand of ten minutes at one fix a second; older ones make room. */
const KEPT_FIXES = 600;
/** Fewer fixes than this say nothing about outliers. */
const ENOUGH_FOR_CUT = 4;
const DEVIATIONS = 3;

/** @param {number} startedMs phone's clock @returns {Averaging} */
export function newAveraging(startedMs) {
  return { started_ms: startedMs, fixes: [], dropped: 0 };
}

/** @param {Fix} fix */
function usable(fix) {
  const { latitude_deg: latitude, longitude_deg: longitude, accuracy_m: accuracy } = fix;
  if (![latitude, longitude, accuracy].every(Number.isFinite) || accuracy < 0) return false;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && !(latitude === 0 && longitude === 0);
}

/**
 * Take in a fix; one that cannot be true, or the same one again, is dropped and counted.
 * @param {Averaging} state
 * @param {Fix} fix
 * @returns {Averaging} a new state
 */
export function addFix(state, fix) {
  const last = state.fixes.at(-1);
  if (!usable(fix) || (last && last.time_ms === fix.time_ms)) return { ...state, dropped: state.dropped + 1 };
  return { ...state, fixes: [...state.fixes, fix].slice(-KEPT_FIXES) };
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Leave out fixes that lie far from the others. A fix closer to the middle than its own stated
 * accuracy is never an outlier.
 * @param {Fix[]} fixes
 */
export function withoutOutliers(fixes) {
  if (fixes.length < ENOUGH_FOR_CUT) return fixes;
  const middle = { latitude_deg: median(fixes.map((fix) => fix.latitude_deg)), longitude_deg: median(fixes.map((fix) => fix.longitude_deg)) };
  const distances = fixes.map((fix) => distanceM(middle, fix));
  const usual = median(distances);
  const spread = 1.4826 * median(distances.map((distance) => Math.abs(distance - usual)));
  return fixes.filter((fix, i) => distances[i] <= Math.max(usual + DEVIATIONS * spread, fix.accuracy_m));
}

/** @param {Fix[]} fixes @param {(fix: Fix) => number} value @param {(fix: Fix) => number} weight */
function weighted(fixes, value, weight) {
  let [sum, weights] = [0, 0];
  for (const fix of fixes) {
    sum += value(fix) * weight(fix);
    weights += weight(fix);
  }
  return sum / weights;
}

/**
 * The averaged position, or null without a usable fix. Neighbouring fixes share their error,
 * so the accuracy is that of the typical good fix (or the spread, when larger): it does not
 * shrink with their number.
 * @param {Averaging} state
 * @returns {Position|null}
 */
export function averagePosition(state) {
  const used = withoutOutliers(state.fixes);
  const newest = used.at(-1);
  if (!newest) return null;
  /** @param {Fix} fix */
  const weight = (fix) => 1 / Math.max(fix.accuracy_m, 1) ** 2;
  const point = { latitude_deg: weighted(used, (fix) => fix.latitude_deg, weight), longitude_deg: weighted(used, (fix) => fix.longitude_deg, weight) };
  const typical = Math.sqrt(used.length / used.reduce((sum, fix) => sum + weight(fix), 0));
  const scatter = Math.sqrt(weighted(used, (fix) => distanceM(point, fix) ** 2, weight));
  const heights = used.filter((fix) => Number.isFinite(fix.altitude_m));
  return {
    latitude_deg: round(point.latitude_deg, 7),
    longitude_deg: round(point.longitude_deg, 7),
    accuracy_m: round(Math.max(typical, scatter), 1),
    altitude_m: heights.length ? round(weighted(heights, (fix) => Number(fix.altitude_m), weight), 1) : null,
    fixes: used.length,
    position_time: Number.isFinite(newest.time_ms) ? toInstant(newest.time_ms) : null,
    method: used.length > 1 ? "averaged" : "single",
    reason: null,
  };
}

/** @param {number} value @param {number} digits */
const round = (value, digits) => Number(value.toFixed(digits));

/**
 * How good an accuracy is, by the server's thresholds (inclusive).
 * @param {number|null} accuracyM
 * @returns {Quality}
 */
export function qualityOf(accuracyM) {
  if (accuracyM === null) return "none";
  if (accuracyM <= (question("accuracy_target_m") ?? Infinity)) return "good";
  if (accuracyM <= (question("accuracy_poor_m") ?? Infinity)) return "fair";
  return accuracyM <= (question("accuracy_approximate_m") ?? Infinity) ? "poor" : "approximate";
}

/** @param {Quality} quality */
export function qualityWord(quality) {
  const words = { none: t("No position yet"), good: t("Good"), fair: t("Fair"), poor: t("Poor"), approximate: t("Approximate only") };
  return words[quality];
}

/**
 * Everything the position card shows.
 * @param {Averaging} state
 * @param {number} nowMs phone's clock
 */
export function describeAveraging(state, nowMs) {
  const position = averagePosition(state);
  const quality = qualityOf(position?.accuracy_m ?? null);
  const elapsed = Math.max(0, Math.floor((nowMs - state.started_ms) / 1000));
  return {
    position,
    quality,
    word: qualityWord(quality),
    elapsed_s: elapsed,
    fixes: position?.fixes ?? 0,
    dropped: state.dropped + state.fixes.length - (position?.fixes ?? 0),
    target_reached: quality === "good" && (position?.fixes ?? 0) >= 3,
    /** "take what there is": the officer has waited long enough */
    may_take: position !== null && elapsed >= (question("fix_patience_s") ?? 0),
  };
}
