// @ts-check
/** How far the phone's clock is from the server's. */
import { toInstant, toMs } from "./instants.js";

/**
 * Estimate server minus phone from one exchange: the server's time is taken to be that of the
 * middle of the round trip, so the error is at most half of it.
 * @param {number} sentMs phone's clock
 * @param {number} answeredMs phone's clock
 * @param {string} serverTime instant in the answer
 * @returns {import("./types.js").Clock|null} null when the server's time is unreadable
 */
export function estimateClock(sentMs, answeredMs, serverTime) {
  const server = toMs(serverTime);
  if (Number.isNaN(server) || answeredMs < sentMs) return null;
  return {
    server_offset_ms: Math.round(server - (sentMs + answeredMs) / 2),
    server_contact_at: toInstant(server),
  };
}
