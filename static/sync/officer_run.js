// @ts-check
/**
 * What one officer's part of a sync run needs: his token and database, and the watch over the
 * store's identity that every answer passes.
 */
import { readMeta, writeMeta } from "../storage/meta.js";
import { resetForStore } from "../storage/outbox.js";
import { logEvent } from "../storage/log.js";
import { toInstant } from "../core/instants.js";
import { callApi } from "./api.js";

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
 * @property {number} server_offset_ms  server minus phone, measured in this run
 */

/**
 * Ask the server as this officer. A store that is not the one the phone knows resets the outbox.
 * @param {OfficerRun} run
 * @param {string} path
 * @param {{json?: unknown}} [options]
 * @returns {Promise<Object<string, any>>}
 */
export async function ask(run, path, options = {}) {
  const body = await callApi(run.environment, path, { token: run.officer.token, ...options });
  await checkStore(run, body.store_id);
  return body;
}

/**
 * Compare the store that answered with the one this database has spoken to.
 * @param {OfficerRun} run
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

/** The server's clock now, ms since 1970. @param {OfficerRun} run */
export function serverNow(run) {
  return run.environment.now() + run.server_offset_ms;
}

/** Write a line into this officer's log. @param {OfficerRun} run @param {string} event @param {Object<string, string|number|null>} [detail] */
export function note(run, event, detail = {}) {
  return logEvent(run.db, toInstant(run.environment.now()), event, detail);
}
