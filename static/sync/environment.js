// @ts-check
/**
 * Everything the sync room takes from outside: network, clocks, chance, locks, databases. Tests
 * bring their own; browserEnvironment() is the real one.
 */
import { connectionKind, maybeOnline } from "../device/connection.js";
import { storageState } from "../device/storage_manager.js";
import { openDevice } from "../storage/device.js";
import { openOfficer } from "../storage/officer.js";

/** @typedef {import("../storage/database.js").Database} Database */

/**
 * @typedef {Object} Environment
 * @property {typeof fetch} fetch
 * @property {string} base            "/api/v1"
 * @property {() => number} now       phone's clock, ms since 1970; may be set at any moment
 * @property {() => number} monotonic ms since some moment; goes on whatever the clock does
 * @property {(ms: number, ring: () => void) => () => void} alarm  returns how to call it off
 * @property {() => number} random    0 <= r < 1
 * @property {Database} device
 * @property {(officerId: string) => Database} officer
 * @property {string} app_version
 * @property {string|null} model
 * @property {() => "wifi"|"cellular"|"unknown"} connection
 * @property {() => boolean} online   false is certain, true is only a hope
 * @property {() => Promise<{persisted: boolean|null, free_bytes: number|null}>} storage
 * @property {<T>(work: () => Promise<T>) => Promise<T>} exclusively  one run at a time on this phone
 */

/**
 * The environment of a page.
 * @param {{app_version: string, model?: string|null}} app
 * @returns {Environment}
 */
export function browserEnvironment({ app_version, model = null }) {
  return {
    fetch: (input, init) => fetch(input, init),
    base: "/api/v1",
    now: () => Date.now(),
    monotonic: () => performance.now(),
    alarm: (ms, ring) => {
      const timer = setTimeout(ring, ms);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    device: openDevice(),
    officer: openOfficer,
    app_version,
    model,
    connection: connectionKind,
    online: maybeOnline,
    storage: storageState,
    exclusively: underLock,
  };
}

/**
 * Run under the Web Lock "sync", so that two tabs never send at once. Where there are no locks
 * the runner's own guard must do; every request is idempotent anyway.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function underLock(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("sync", work);
}
