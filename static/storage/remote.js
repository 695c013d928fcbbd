// @ts-check
/**
 * What the server said: areas, campaigns, assignments, own visits, reviews, comments, rules,
 * notices. Changes and the cursor after them are written in one transaction.
 */
import { result } from "./connection.js";
import { metaIn, setMetaIn } from "./meta.js";

/** The fact that counts decisions which the server does not know any more, until it was read. */
export const LOST_REVIEWS = "lost_reviews";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").RemoteKind} RemoteKind */
/** @typedef {import("../core/types.js").RemoteRow} RemoteRow */
/** @typedef {{kind: string, id: string, deleted?: boolean, data?: Object<string, any>|null}} RemoteChange */

/**
 * Take in one page of changes, and the cursor behind it. With the last page of a pass that began
 * without a cursor, rows that the server did not name any more go.
 * @param {Database} db
 * @param {{changes: RemoteChange[], cursor: string, more: boolean}} page
 * @param {string} at instant of the server
 */
export function applyChanges(db, page, at) {
  return db.write(["remote", "files", "meta"], async (tx) => {
    const generation = await metaIn(tx, "generation", 1);
    for (const change of page.changes) {
      if (change.kind === "file_safe") await markSafeIn(tx, change, at);
      else await applyIn(tx, change, generation);
    }
    await setMetaIn(tx, "cursor", page.cursor);
    if (!page.more && (await metaIn(tx, "full_pass", true))) {
      const reviews = await dropOlderIn(tx, generation);
      // Only a server that was restored forgets a decision: the officer has to know.
      if (reviews > 0) await setMetaIn(tx, LOST_REVIEWS, (await metaIn(tx, LOST_REVIEWS, 0)) + reviews);
      await setMetaIn(tx, "full_pass", false);
    }
  });
}

/** @param {IDBTransaction} tx @param {RemoteChange} change @param {number} generation */
async function applyIn(tx, change, generation) {
  const store = tx.objectStore("remote");
  if (change.deleted) await result(store.delete([change.kind, change.id]));
  else await result(store.put({ kind: change.kind, id: change.id, data: { id: change.id, ...change.data }, generation, ...sortedBy(change) }));
}

/** Visits are listed by time without reading all of them. @param {RemoteChange} change */
function sortedBy(change) {
  return change.kind === "visit" ? { sort_at: String(change.data?.saved_at ?? change.data?.received_at ?? "") } : {};
}

/** A file is in a backup; or, deleted, it is not any more. @param {IDBTransaction} tx @param {RemoteChange} change @param {string} at */
async function markSafeIn(tx, change, at) {
  const files = tx.objectStore("files");
  const file = await result(files.get(change.id));
  if (file) await result(files.put({ ...file, safe_at: change.deleted ? null : at }));
}

/** @param {IDBTransaction} tx @param {number} generation @returns {Promise<number>} how many reviews went */
async function dropOlderIn(tx, generation) {
  let reviews = 0;
  const request = tx.objectStore("remote").openCursor();
  for (let cursor = await result(request); cursor; ) {
    if (cursor.value.generation < generation) {
      reviews += Number(cursor.value.kind === "review");
      cursor.delete();
    }
    cursor.continue();
    cursor = await result(request);
  }
  return reviews;
}

/** Start again without a cursor: rows stay until the new pass is complete. @param {IDBTransaction} tx over meta */
export async function restartCursorIn(tx) {
  await setMetaIn(tx, "cursor", null);
  await setMetaIn(tx, "full_pass", true);
  await setMetaIn(tx, "generation", (await metaIn(tx, "generation", 1)) + 1);
}

/** @param {Database} db */
export function restartCursor(db) {
  return db.write(["meta"], restartCursorIn);
}

/**
 * Everything the server said of one kind.
 * @param {Database} db
 * @param {RemoteKind} kind
 * @returns {Promise<Object<string, any>[]>}
 */
export async function listRemote(db, kind) {
  /** @type {RemoteRow[]} */
  const rows = await db.read(["remote"], (tx) => result(tx.objectStore("remote").index("by_kind").getAll(kind)));
  return rows.map((row) => row.data);
}

/**
 * @param {Database} db
 * @param {RemoteKind} kind
 * @param {string} id
 * @returns {Promise<Object<string, any>|null>}
 */
export async function readRemote(db, kind, id) {
  const row = await db.read(["remote"], (tx) => result(tx.objectStore("remote").get([kind, id])));
  return row?.data ?? null;
}
