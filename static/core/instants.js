// @ts-check
/**
 * Instants as the wire writes them (UTC, milliseconds, Z) and the office's calendar day.
 * Knows no clock: every function is told the time.
 */

/** @typedef {import("./types.js").Instant} Instant */

/**
 * Write a time as an instant.
 * @param {number} ms since 1970
 * @returns {Instant}
 */
export function toInstant(ms) {
  return new Date(ms).toISOString();
}

/**
 * Read an instant; NaN when it is none.
 * @param {string|null|undefined} instant
 * @returns {number} ms since 1970
 */
export function toMs(instant) {
  return instant ? Date.parse(instant) : NaN;
}

/**
 * The calendar day of an instant in a time zone, "2026-05-04".
 * @param {Instant} instant
 * @param {string} timeZone IANA name; an unknown one falls back to UTC
 */
export function localDay(instant, timeZone) {
  const date = new Date(instant);
  try {
    return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(date);
  } catch {
    return date.toISOString().slice(0, 10);
  }
}
