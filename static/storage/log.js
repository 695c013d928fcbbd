// @ts-check
/** The last 500 things that happened while syncing: what a supervisor asks for on the phone. */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {{n: number, at: string, event: string, detail: Object<string, string|number|null>}} LogEntry */

const KEPT = 500;

/**
 * Note an event. A log that cannot be written never stops the work.
 * @param {Database} db
 * @param {string} at instant
 * @param {string} event
 * @param {Object<string, string|number|null>} [detail] codes and counts, never content
 */
export async function logEvent(db, at, event, detail = {}) {
  try {
    await db.write(["log"], async (tx) => {
      const store = tx.objectStore("log");
      const n = await result(store.add({ at, event, detail }));
      if (typeof n === "number" && n > KEPT) await result(store.delete(IDBKeyRange.upperBound(n - KEPT)));
    });
  } catch {
    // the log is a help, not a duty
  }
}

/** @param {Database} db @returns {Promise<LogEntry[]>} oldest first */
export function readLog(db) {
  return db.read(["log"], (tx) => result(tx.objectStore("log").getAll()));
}
