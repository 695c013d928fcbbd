// @ts-check
/** The first small question of a run: is the server there, which store is it, what is its time. */
import { hearServer, trueNow } from "../core/clock.js";
import { updateClock } from "../storage/device.js";
import { callApi } from "./api.js";
import { Failure } from "./failure.js";

/** @typedef {import("./environment.js").Environment} Environment */

/**
 * What a run knows of the server.
 * @typedef {Object} Greeting
 * @property {unknown} store_id
 * @property {() => number} server_now  its clock, ms since 1970; where that cannot be believed, this phone's best guess
 * @property {number|null} believed_at  monotonic, when its time was last believed
 */

/**
 * Ask. Our server is known by its name, not by a 200: a portal has that too.
 * @param {Environment} environment
 * @param {{halt: AbortSignal|null, believed_at: number|null}} line
 * @returns {Promise<Greeting>} throws a Failure
 */
export async function greet(environment, { halt, believed_at }) {
  const asked = environment.monotonic();
  const body = await callApi(environment, "/ping", { halt });
  if (body.name !== "Jejak Sinyal") throw new Failure("captive_portal");
  const [answered, now] = [environment.monotonic(), environment.now()];
  const heard = { phone_ms: now, round_trip_ms: answered - asked, server_time: String(body.time), awake_ms: believed_at === null ? null : answered - believed_at };
  const clock = await updateClock(environment.device, (known) => hearServer(known, heard));
  const believed = clock.doubt === null && clock.phone_ms === now;
  const then = trueNow(clock, now);
  return {
    store_id: body.store_id,
    server_now: () => then + (environment.monotonic() - answered),
    believed_at: believed ? answered : believed_at,
  };
}
