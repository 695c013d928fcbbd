// @ts-check
/**
 * The phone's clock beside the server's: how far apart they are, whether one of them was set
 * meanwhile, and what may be believed. Pure: every function is told what the clocks show. A
 * clock that is wrong is said and marked; it never stops anybody from saving.
 */
import { toInstant, toMs } from "./instants.js";

/** @typedef {import("./types.js").Clock} Clock */

/**
 * What is known of the clocks, kept on the phone. Times "_ms" are the phone's own, since 1970.
 * @typedef {Object} KnownClock
 * @property {number|null} server_offset_ms    server minus phone at the newest contact believed
 * @property {string|null} server_contact_at   the server's time at that contact
 * @property {number|null} phone_ms            the phone's time at that contact
 * @property {number|null} greatest_ms         the latest that this clock has shown since it was last set
 * @property {boolean} changed                 it was set since that contact: the offset is of no use
 * @property {number} jumps                    how often it was seen to be set
 * @property {number|null} step_ms             by how much the last time; null: not measured
 * @property {number|null} steady_since_ms     since when phone and server go together
 * @property {{server_ms: number, phone_ms: number}|null} doubt  a time of the server that cannot be believed
 */

/** @typedef {{kind: "impossible"|"changed"|"fast"|"slow"|"server", ms: number}} ClockTrouble `ms`: what the clock says, or how far it is off */

/** Smaller steps are a network's or a satellite's correction. */
export const JUMP_MS = 120_000;
/** Clocks nearer to each other than this agree; the office asks no question below it either. */
export const AGREE_MS = 600_000;
/** Nothing of this survey happened before. */
export const EARLIEST_MS = Date.parse("2026-01-01T00:00:00.000Z");
/** Further off than that a date says more than a number of days. */
const YEARS_MS = 366 * 24 * 3600_000;
/** A server that stands by its new time for so long is believed. */
const STANDS_BY_MS = 12 * 3600_000;

/** @returns {KnownClock} */
export function freshClock() {
  return { server_offset_ms: null, server_contact_at: null, phone_ms: null, greatest_ms: null, changed: false, jumps: 0, step_ms: null, steady_since_ms: null, doubt: null };
}

/**
 * The phone's clock was set.
 * @param {KnownClock} clock
 * @param {number|null} stepMs forward is positive; null: by how much is not known
 * @param {number} nowMs
 * @returns {KnownClock}
 */
export function clockSet(clock, stepMs, nowMs) {
  return { ...clock, changed: clock.server_offset_ms !== null, jumps: clock.jumps + 1, step_ms: stepMs, greatest_ms: nowMs, steady_since_ms: null };
}

/**
 * Look at the phone's clock: one that shows less than it has shown was set back, also while the
 * app was closed.
 * @param {KnownClock} clock
 * @param {number} nowMs
 * @returns {KnownClock} the same object when there is nothing new
 */
export function lookAtClock(clock, nowMs) {
  if (clock.greatest_ms !== null && nowMs < clock.greatest_ms - JUMP_MS) return clockSet(clock, nowMs - clock.greatest_ms, nowMs);
  return clock.greatest_ms !== null && nowMs <= clock.greatest_ms ? clock : { ...clock, greatest_ms: nowMs };
}

/**
 * The server said its time. What two clocks agree on is believed; a server that is in the past,
 * behind itself, or that jumped while the phone's clock went on, is not.
 * @param {KnownClock} clock
 * @param {{phone_ms: number, round_trip_ms: number, server_time: string, awake_ms: number|null}} heard `phone_ms` when the
 *   answer came; `awake_ms`: monotonic time since the last contact believed, when this page saw it
 * @returns {KnownClock}
 */
export function hearServer(clock, { phone_ms, round_trip_ms, server_time, awake_ms }) {
  const server = toMs(server_time);
  if (Number.isNaN(server) || round_trip_ms < 0) return clock;
  // the server's time is that of the middle of the way there and back
  const offset = Math.round(server - (phone_ms - round_trip_ms / 2));
  if (server < EARLIEST_MS || (Math.abs(offset) > AGREE_MS && isOdd(clock, server, phone_ms, offset, awake_ms))) {
    return { ...clock, doubt: clock.doubt && goesOn(clock.doubt, server, phone_ms) ? clock.doubt : { server_ms: server, phone_ms } };
  }
  const known = clock.server_offset_ms;
  const moved = known !== null && !clock.changed && Math.abs(offset - known) > AGREE_MS;
  const steady = known !== null && !clock.changed && !moved;
  return {
    server_offset_ms: offset,
    server_contact_at: toInstant(server),
    phone_ms,
    greatest_ms: phone_ms,
    changed: false,
    // both say another distance than before: the phone was set while nobody looked
    jumps: clock.jumps + (moved ? 1 : 0),
    step_ms: moved ? known - offset : clock.step_ms,
    steady_since_ms: steady ? (clock.steady_since_ms ?? phone_ms) : phone_ms,
    doubt: null,
  };
}

/**
 * Whether the server rather than the phone is the one that is wrong.
 * @param {KnownClock} clock @param {number} server @param {number} phoneMs @param {number} offset @param {number|null} awakeMs
 */
function isOdd(clock, server, phoneMs, offset, awakeMs) {
  if (clock.server_offset_ms === null || clock.phone_ms === null) return false;
  const behindItself = server < toMs(clock.server_contact_at) - JUMP_MS;
  const passed = phoneMs - clock.phone_ms;
  const wentOn = !clock.changed && awakeMs !== null && Math.abs(passed - awakeMs) <= JUMP_MS;
  if (!behindItself && !(wentOn && Math.abs(offset - clock.server_offset_ms) > AGREE_MS)) return false;
  const { doubt } = clock;
  return !doubt || !goesOn(doubt, server, phoneMs) || phoneMs - doubt.phone_ms < STANDS_BY_MS;
}

/** Whether a server that was doubted has gone as the phone's clock has since. @param {NonNullable<KnownClock["doubt"]>} doubt @param {number} server @param {number} phoneMs */
function goesOn(doubt, server, phoneMs) {
  return Math.abs(server - doubt.server_ms - (phoneMs - doubt.phone_ms)) <= AGREE_MS;
}

/**
 * What a payload says of the clock that stamped it.
 * @param {KnownClock} clock
 * @param {number} nowMs
 * @param {number|null} [jumpsAtStart] how often it had been set when the visit was begun
 * @returns {Clock}
 */
export function clockOfPayload(clock, nowMs, jumpsAtStart = null) {
  const seen = lookAtClock(clock, nowMs);
  const during = jumpsAtStart !== null && jumpsAtStart !== seen.jumps;
  const usable = seen.server_offset_ms !== null && !seen.changed;
  const state = seen.changed || during ? "changed" : seen.doubt ? "doubtful" : usable ? "measured" : "never";
  return { server_offset_ms: usable ? seen.server_offset_ms : null, server_contact_at: seen.server_contact_at, state, step_ms: state === "changed" ? seen.step_ms : null };
}

/**
 * What the officer is told of the clock; null: nothing is wrong with it, as far as is known.
 * @param {KnownClock} clock
 * @param {number} nowMs
 * @returns {ClockTrouble|null}
 */
export function clockTrouble(clock, nowMs) {
  const offset = clock.server_offset_ms ?? 0;
  if (nowMs < EARLIEST_MS || (!clock.changed && Math.abs(offset) > YEARS_MS)) return { kind: "impossible", ms: nowMs };
  if (clock.changed) return { kind: "changed", ms: clock.step_ms ?? 0 };
  if (clock.doubt) return { kind: "server", ms: clock.doubt.server_ms };
  if (Math.abs(offset) <= AGREE_MS) return null;
  return { kind: offset < 0 ? "fast" : "slow", ms: Math.abs(offset) };
}

/** The best guess of the time now, ms since 1970. @param {KnownClock} clock @param {number} nowMs */
export function trueNow(clock, nowMs) {
  return clock.changed ? nowMs : nowMs + (clock.server_offset_ms ?? 0);
}

/** The server's instant as this phone's clock would have shown it, to be compared with its now. @param {KnownClock} clock @param {string} instant */
export function phoneInstant(clock, instant) {
  return trueInstant(instant, clock.changed ? null : { server_offset_ms: -(clock.server_offset_ms ?? 0) });
}

/**
 * When something was, by the server's clock where the offset is known.
 * @param {string} instant by the phone's clock
 * @param {{server_offset_ms?: number|null}|null|undefined} clock of its payload
 * @returns {string}
 */
export function trueInstant(instant, clock) {
  const ms = toMs(instant) + (Number(clock?.server_offset_ms) || 0);
  return Math.abs(ms) <= 8.64e15 ? toInstant(ms) : instant;
}
