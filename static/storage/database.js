// @ts-check
/**
 * One IndexedDB database with the promises this app needs: a write that resolved is on the disk,
 * a connection that the system closed is opened again, a full phone frees its ballast first.
 * Knows no store by name.
 */

import { broken, connect, isClosed, isQuota, StorageBroken, StorageFull, transact } from "./connection.js";

export { result, StorageBroken, StorageFull, UpgradeFailed } from "./connection.js";

/** @typedef {import("./connection.js").Upgrade} Upgrade */
/** @typedef {{database: string, stores: string[]}} Change */

/** @type {Set<(change: Change) => void>} */
const listeners = new Set();

/** Frees room on the phone; true when there was some. Set by the device database. @type {() => Promise<boolean>} */
let freeRoom = async () => false;

/** @param {() => Promise<boolean>} free */
export function onQuotaExceeded(free) {
  freeRoom = free;
}

let makingRoom = false;

/** Making room writes too; it must not ask for room itself. */
async function makeRoom() {
  if (makingRoom) return false;
  makingRoom = true;
  try {
    return await freeRoom();
  } catch {
    return false;
  } finally {
    makingRoom = false;
  }
}

/**
 * Hear of every write that reached the disk.
 * @param {(change: Change) => void} listener
 * @returns {() => void} stop
 */
export function onStorageChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tell of a write. It is done whatever a listener makes of it. @param {Change} change */
function tell(change) {
  for (const listener of listeners) {
    try {
      listener(change);
    } catch (error) {
      // the page's log hears of it, the writer does not
      if (typeof reportError === "function") reportError(error);
      else console.error(error);
    }
  }
}

export class Database {
  /** @type {Promise<IDBDatabase>|null} */
  #opening = null;

  /**
   * @param {string} name
   * @param {number|undefined} version undefined: open what is there, never create
   * @param {Upgrade|null} upgrade additive only; null with an undefined version
   */
  constructor(name, version, upgrade) {
    this.name = name;
    this.version = version;
    this.upgrade = upgrade;
  }

  /** Open now; false when it must exist already and does not. */
  async open() {
    try {
      await this.#connection();
      return true;
    } catch (error) {
      if (error instanceof StorageBroken && error.message === "absent") return false;
      throw error;
    }
  }

  close() {
    const opening = this.#opening;
    this.#opening = null;
    opening?.then((connection) => connection.close(), () => undefined);
  }

  /** @returns {Promise<IDBDatabase>} */
  #connection() {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #open() {
    const connection = await this.#tryOpen();
    if (!connection) throw new StorageBroken("absent");
    const forget = () => {
      this.#opening = null;
    };
    connection.onclose = forget;
    connection.onversionchange = () => {
      connection.close();
      forget();
    };
    return connection;
  }

  /** A first open may hang or fail (old Safari); a page older than the database opens it as it is. */
  async #tryOpen() {
    try {
      return await connect(this.name, this.version, this.upgrade);
    } catch (error) {
      try {
        const newer = error instanceof DOMException && error.name === "VersionError";
        return await connect(this.name, newer ? undefined : this.version, newer ? null : this.upgrade);
      } catch (again) {
        throw broken(again);
      }
    }
  }

  /**
   * Read from stores.
   * @template T
   * @param {string[]} stores
   * @param {(transaction: IDBTransaction) => Promise<T>|T} work awaits nothing but requests
   * @returns {Promise<T>}
   */
  read(stores, work) {
    return this.#run(stores, "readonly", work);
  }

  /**
   * Write to stores in one transaction: all or nothing, on the disk when the promise resolves.
   * `work` may run twice (after a closed connection or a full phone), so it touches nothing else.
   * @template T
   * @param {string[]} stores
   * @param {(transaction: IDBTransaction) => Promise<T>|T} work awaits nothing but requests
   * @returns {Promise<T>}
   */
  async write(stores, work) {
    let value;
    try {
      value = await this.#run(stores, "readwrite", work);
    } catch (error) {
      if (!isQuota(error)) throw error;
      if (!(await makeRoom())) throw new StorageFull("quota", { cause: error });
      try {
        value = await this.#run(stores, "readwrite", work);
      } catch (again) {
        throw isQuota(again) ? new StorageFull("quota", { cause: again }) : again;
      }
    }
    tell({ database: this.name, stores });
    return value;
  }

  /**
   * @template T
   * @param {string[]} stores
   * @param {IDBTransactionMode} mode
   * @param {(transaction: IDBTransaction) => Promise<T>|T} work
   */
  async #run(stores, mode, work) {
    try {
      return await transact(await this.#connection(), stores, mode, work);
    } catch (error) {
      if (!isClosed(error)) throw error;
      this.close();
      try {
        return await transact(await this.#connection(), stores, mode, work);
      } catch (again) {
        throw isClosed(again) ? broken(again) : again;
      }
    }
  }
}
