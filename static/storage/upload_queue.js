// @ts-check
/** The queue of files to send: thumbnails first, then the rest, the smallest first. */
import { result } from "./connection.js";
import { isLater } from "./outbox.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */

/**
 * Files to send, in order.
 * @param {Database} db
 * @param {number} nowMs
 * @param {{force: boolean}} options `force`: whatever their next try, refused ones too
 * @returns {Promise<StoredFile[]>}
 */
export async function listUploads(db, nowMs, { force }) {
  /** @type {StoredFile[]} */
  const files = await db.read(["files"], async (tx) => {
    const byState = tx.objectStore("files").index("by_state");
    const queued = await result(byState.getAll("queued"));
    return force ? [...queued, ...(await result(byState.getAll("refused")))] : queued;
  });
  const due = files.filter((file) => file.held && (force || !isLater(file.next_try_ms, nowMs)));
  return due.sort((a, b) => Number(b.kind === "thumbnail") - Number(a.kind === "thumbnail") || a.bytes - b.bytes);
}

/** @param {Database} db @param {string} sha256 @returns {Promise<ArrayBuffer|null>} */
export async function readUpload(db, sha256) {
  const row = await db.read(["file_data"], (tx) => result(tx.objectStore("file_data").get(sha256)));
  return row?.data ?? null;
}

/**
 * Write down how far a file is.
 * @param {Database} db
 * @param {string} sha256
 * @param {Partial<Omit<StoredFile, "sha256"|"held">>} changes
 */
export async function updateUpload(db, sha256, changes) {
  await db.write(["files"], async (tx) => {
    const files = tx.objectStore("files");
    const file = await result(files.get(sha256));
    if (file) await result(files.put({ ...file, ...changes }));
  });
}
