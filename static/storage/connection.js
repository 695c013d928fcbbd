// @ts-check
/**
 * The bare IndexedDB: open a connection, run one transaction, tell errors apart. Used by
 * database.js only; the rooms above it never see an IDBDatabase that may be closed.
 */

import { keepWatch, whenHere } from "./leaving.js";

/** The phone has no room left, even without the ballast. */
export class StorageFull extends Error {}
/** The database does not open or does not answer. Nothing was deleted. */
export class StorageBroken extends Error {}

/** A new version of the app could not bring a database up to date; it stands as it was before. */
export class UpgradeFailed extends StorageBroken {}

/** @typedef {(connection: IDBDatabase, oldVersion: number, transaction: IDBTransaction) => void} Upgrade */

const OPEN_TIMEOUT_MS = 8_000;
/** An upgrade may have to read everything that is stored, on a slow phone. */
const UPGRADE_TIMEOUT_MS = 120_000;
/** Names of errors that mean "the system closed this connection". */
const CLOSED = new Set(["InvalidStateError", "UnknownError", "AbortError"]);

/**
 * A request's result as a promise. Await only such promises inside a transaction.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Open a connection, once. Without a version it must exist already: a worker never creates one.
 * @param {string} name
 * @param {number|undefined} version
 * @param {Upgrade|null} upgrade
 * @returns {Promise<IDBDatabase|null>} null: there is none
 */
export function connect(name, version, upgrade) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    let [absent, late] = [false, false];
    /** @type {(error: unknown) => unknown} what the caller is told */
    let say = (error) => error;
    const giveUp = () => {
      late = true;
      reject(new DOMException("open timed out", "TimeoutError"));
    };
    let timer = setTimeout(giveUp, OPEN_TIMEOUT_MS);
    request.onupgradeneeded = (event) => {
      const transaction = /** @type {IDBTransaction} */ (request.transaction);
      if (!upgrade) {
        absent = true;
        return transaction.abort();
      }
      clearTimeout(timer);
      timer = setTimeout(giveUp, UPGRADE_TIMEOUT_MS);
      if (event.oldVersion > 0) say = (error) => failedUpgrade(name, error);
      try {
        upgrade(request.result, event.oldVersion, transaction);
      } catch (error) {
        const told = say(error);
        say = () => told;
        transaction.abort();
      }
    };
    request.onsuccess = () => {
      clearTimeout(timer);
      if (late) request.result.close();
      else resolve(request.result);
    };
    request.onerror = () => {
      clearTimeout(timer);
      if (absent) resolve(null);
      else reject(say(request.error));
    };
  });
}

/** @param {string} name of the database @param {unknown} error */
function failedUpgrade(name, error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new UpgradeFailed(`${name}: ${text}`, { cause: error });
}

/**
 * @template T
 * @param {IDBDatabase} connection
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => Promise<T>|T} work
 * @returns {Promise<T>} resolved on oncomplete only
 */
export async function transact(connection, stores, mode, work) {
  await whenHere();
  const transaction = connection.transaction(stores, mode, mode === "readwrite" ? { durability: "strict" } : {});
  const over = keepWatch(transaction);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      over();
      resolve(undefined);
    };
    transaction.onabort = () => {
      over();
      reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    };
  });
  done.catch(() => undefined);
  /** @type {T} */
  let value;
  try {
    value = await work(transaction);
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // it was over already: its own error says why
      await done;
    }
    throw transaction.error && isQuota(transaction.error) ? transaction.error : error;
  }
  await done;
  return value;
}

/** @param {unknown} error */
export function isQuota(error) {
  return error instanceof Error && error.name === "QuotaExceededError";
}

/** @param {unknown} error */
export function broken(error) {
  return error instanceof StorageBroken ? error : new StorageBroken(error instanceof Error ? `${error.name}: ${error.message}` : String(error), { cause: error });
}

/** Whether an error means that the connection is gone, so that a new one may help. @param {unknown} error */
export function isClosed(error) {
  return error instanceof DOMException && CLOSED.has(error.name);
}
