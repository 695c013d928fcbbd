// @ts-check
/** Small facts of one officer's database: cursor, store_id, last contact, counters. */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */

/**
 * Read a fact inside a transaction that covers "meta".
 * @template T
 * @param {IDBTransaction} tx
 * @param {string} name
 * @param {T} fallback
 * @returns {Promise<T>}
 */
export async function metaIn(tx, name, fallback) {
  const row = await result(tx.objectStore("meta").get(name));
  return row ? row.value : fallback;
}

/** Write a fact inside a transaction that covers "meta". @param {IDBTransaction} tx @param {string} name @param {unknown} value */
export async function setMetaIn(tx, name, value) {
  await result(tx.objectStore("meta").put({ name, value }));
}

/**
 * @template T
 * @param {Database} db
 * @param {string} name
 * @param {T} fallback
 * @returns {Promise<T>}
 */
export function readMeta(db, name, fallback) {
  return db.read(["meta"], (tx) => metaIn(tx, name, fallback));
}

/** @param {Database} db @param {string} name @param {unknown} value */
export function writeMeta(db, name, value) {
  return db.write(["meta"], (tx) => setMetaIn(tx, name, value));
}
