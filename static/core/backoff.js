// @ts-check
/** How long to wait before trying again. */

export const BACKOFF_FIRST_MS = 5_000;
export const BACKOFF_LONGEST_MS = 300_000;

/**
 * Wait before try number `tries` + 1: 5 s * 2^n up to 5 min, full jitter, so that forty phones
 * that find the same network do not knock together. A server's Retry-After is the least wait.
 * @param {number} tries failed in a row, 1 or more
 * @param {() => number} random 0 <= r < 1
 * @param {number|null} [retryAfterS] seconds
 * @returns {number} ms
 */
export function backoffMs(tries, random, retryAfterS = null) {
  const ceiling = Math.min(BACKOFF_LONGEST_MS, BACKOFF_FIRST_MS * 2 ** Math.max(0, tries - 1));
  const asked = Math.min(Math.max(0, retryAfterS ?? 0), 3600) * 1000;
  return asked + random() * ceiling;
}
