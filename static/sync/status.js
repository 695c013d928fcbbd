// @ts-check
/** The truth about sending, for the one pill: an observable value without any library. */

/** @typedef {import("../core/types.js").SyncStatus} SyncStatus */

/**
 * @typedef {Object} StatusStore
 * @property {() => SyncStatus} get
 * @property {(changes: Partial<SyncStatus>) => void} set
 * @property {(listener: (status: SyncStatus) => void) => () => void} subscribe  calls at once, then on
 *   every change; returns stop
 */

/** @returns {StatusStore} */
export function createStatus() {
  /** @type {SyncStatus} */
  let status = {
    phase: "idle",
    unsent_records: 0,
    unsent_files: 0,
    done: 0,
    total: 0,
    photos_waiting_for_wifi: 0,
    last_contact_at: null,
    failure: null,
    next_try_ms: null,
    paused_at: null,
    moved_ms: null,
    officers: {},
  };
  /** @type {Set<(status: SyncStatus) => void>} */
  const listeners = new Set();
  return {
    get: () => status,
    set(changes) {
      status = { ...status, ...changes };
      for (const listener of listeners) listener(status);
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(status);
      return () => listeners.delete(listener);
    },
  };
}
