// @ts-check
/**
 * What one officer's part of a sync run needs: his token and database, the officer's pause, and
 * the watch over the store's identity that every answer passes.
 */
import { readMeta, writeMeta } from "../storage/meta.js";
import { resetForStore } from "../storage/outbox.js";
import { logEvent } from "../storage/log.js";
import { toInstant } from "../core/instants.js";
import { callApi } from "./api.js";
import { Failure, Halted } from "./failure.js";
import { readPause } from "./pause.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("../storage/database.js").Database} Database */

/** The server was restored from a backup; the outbox is full again and the run starts anew. */
export class StoreChanged extends Error {}

/**
 * @typedef {Object} OfficerRun
 * @property {Environment} environment
 * @property {Database} db
 * @property {import("../core/types.js").Officer} officer
 * @property {boolean} force          the officer asked: whatever the next try, photos on any network
 * @property {import("./status.js").StatusStore} status
 * @property {import("./link.js").Link} link
 * @property {AbortSignal|null} halt  the officer paused in this tab
 * @property {() => number} server_now  the server's clock now, ms since 1970
 */

/**
 * Ask the server as this officer. A store that is not the one the phone knows resets the outbox,
 * also when it is met in a refusal.
 * @param {OfficerRun} run
 * @param {string} path
 * @param {{json?: unknown, sent?: (bytes: number) => void}} [options]
 * @returns {Promise<Object<string, any>>}
 */
export async function ask(run, path, options = {}) {
  await stopIfPaused(run);
  let body;
  try {
    body = await callApi(run.environment, path, { token: run.officer.token, link: run.link, halt: run.halt, ...options });
  } catch (error) {
    if (error instanceof Failure) await checkStore(run, error.store_id);
    throw error;
  }
  await checkStore(run, body.store_id);
  moved(run);
  return body;
}

/** Another tab may have paused the sending. @param {OfficerRun} run */
export async function stopIfPaused(run) {
  if (run.halt?.aborted || (await readPause(run.environment.device)) !== null) throw new Halted();
}

/** Something arrived. @param {OfficerRun} run */
export function moved(run) {
  run.status.set({ moved_ms: run.environment.now() });
}

/**
 * Compare the store that answered with the one this database has spoken to.
 * @param {Pick<OfficerRun, "environment"|"db">} run
 * @param {unknown} storeId
 */
export async function checkStore(run, storeId) {
  if (typeof storeId !== "string" || !storeId) return;
  const known = await readMeta(run.db, "store_id", /** @type {string|null} */ (null));
  if (known === storeId) return;
  if (known === null) {
    await writeMeta(run.db, "store_id", storeId);
    return;
  }
  await resetForStore(run.db, storeId);
  await note(run, "store_changed");
  throw new StoreChanged(storeId);
}

/** Write a line into this officer's log. @param {Pick<OfficerRun, "environment"|"db">} run @param {string} event @param {Object<string, string|number|null>} [detail] */
export function note(run, event, detail = {}) {
  return logEvent(run.db, toInstant(run.environment.now()), event, detail);
}
