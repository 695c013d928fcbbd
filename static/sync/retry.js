// @ts-check
/**
 * When to try again after a failure, kept on the phone: a reload neither hammers a server that
 * asked for time nor forgets what went wrong.
 */
import { backoffMs } from "../core/backoff.js";
import { readSetting, writeSetting } from "../storage/device.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("../core/types.js").FailureFacts} FailureFacts */
/** @typedef {{failures: number, next_try_ms: number, failed_ms: number, failure: FailureFacts}} Retry */

/** No back-off and no Retry-After that is obeyed is longer; one that seems so comes from a clock that was set. */
const LONGEST_MS = 3_600_000 + 300_000;

/** @param {Environment} environment @returns {Promise<Retry|null>} null: the last run went well */
export async function readRetry(environment) {
  const retry = await readSetting(environment.device, "sync_retry", /** @type {Retry|null} */ (null));
  if (!retry) return null;
  const left = retry.next_try_ms - environment.now();
  return left > LONGEST_MS ? { ...retry, next_try_ms: environment.now() } : retry;
}

/**
 * A run failed, or went well.
 * @param {Environment} environment
 * @param {import("./failure.js").Failure|null} failure
 * @param {string|null} officerId
 * @param {boolean} arrived whether something reached the server all the same: the way is worth trying
 *   again soon, or a link that breaks every 100 kB would wait five minutes for each of them
 * @returns {Promise<Retry|null>}
 */
export async function keepRetry(environment, failure, officerId, arrived) {
  const before = await readRetry(environment);
  /** @type {Retry|null} */
  let retry = null;
  if (failure) {
    const failures = arrived ? 1 : (before?.failures ?? 0) + 1;
    const now = environment.now();
    retry = {
      failures,
      next_try_ms: now + backoffMs(failures, environment.random, failure.retry_after_s),
      failed_ms: now,
      failure: factsOf(environment, failure, officerId),
    };
  }
  if (retry || before) await writeSetting(environment.device, "sync_retry", retry);
  return retry;
}

/** @param {Environment} environment @param {import("./failure.js").Failure} failure @param {string|null} officer_id @returns {FailureFacts} */
export function factsOf(environment, failure, officer_id) {
  return { kind: failure.kind, code: failure.code, message: failure.text, officer_id, offline: failure.kind === "no_network" && !environment.online() };
}
