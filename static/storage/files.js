// @ts-check
/**
 * Photos and other files by SHA-256: a row for what is known, and the bytes (ArrayBuffer, never
 * Blob: a Blob may be unreadable after a power cut) in a store of their own, so that counting
 * files reads no picture. Bytes are deleted in retention.js and releaseFilesIn() only.
 */
import { toInstant } from "../core/instants.js";
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** @typedef {import("../core/types.js").FileState} FileState */
/** @typedef {{sha256: string, kind: import("../core/types.js").FileKind, type: string, data: ArrayBuffer}} FileContent */

/**
 * Keep a file inside a transaction over files and file_data. Known bytes are not written again.
 * @param {IDBTransaction} tx
 * @param {FileContent} content
 * @param {FileState} state for a file that is new here
 * @param {number} nowMs
 */
export async function keepFileIn(tx, content, state, nowMs) {
  const files = tx.objectStore("files");
  /** @type {StoredFile|undefined} */
  const known = await result(files.get(content.sha256));
  if (known?.held) return;
  await result(tx.objectStore("file_data").put({ sha256: content.sha256, data: content.data }));
  /** @type {StoredFile} */
  const fresh = {
    sha256: content.sha256,
    kind: content.kind,
    type: content.type,
    bytes: content.data.byteLength,
    state,
    held: true,
    added_at: toInstant(nowMs),
    sent_at: null,
    safe_at: null,
    offset: 0,
    tries: 0,
    next_try_ms: 0,
    refusal: null,
  };
  await result(files.put(known ? { ...known, held: true, state: known.state === "lost" ? "queued" : known.state } : fresh));
}

/**
 * Set the state of files inside a transaction over files, where it is one of `from`.
 * @param {IDBTransaction} tx
 * @param {string[]} hashes
 * @param {FileState[]} from
 * @param {FileState} to
 */
export async function moveFilesIn(tx, hashes, from, to) {
  const files = tx.objectStore("files");
  for (const sha256 of hashes) {
    /** @type {StoredFile|undefined} */
    const file = await result(files.get(sha256));
    if (file && from.includes(file.state)) await result(files.put({ ...file, state: to, tries: 0, next_try_ms: 0 }));
  }
}

/**
 * Delete files that only a draft had, once no record and no draft names them any more. Inside a
 * transaction over files, file_data, records and drafts.
 * @param {IDBTransaction} tx
 * @param {string[]} hashes
 */
export async function releaseFilesIn(tx, hashes) {
  const drafts = await result(tx.objectStore("drafts").getAll());
  const wanted = new Set(drafts.flatMap((draft) => draftFiles(draft)));
  for (const sha256 of hashes) {
    if (wanted.has(sha256)) continue;
    if ((await result(tx.objectStore("records").index("by_file").count(sha256))) > 0) continue;
    /** @type {StoredFile|undefined} */
    const file = await result(tx.objectStore("files").get(sha256));
    if (file?.state !== "draft") continue;
    await result(tx.objectStore("files").delete(sha256));
    await result(tx.objectStore("file_data").delete(sha256));
  }
}

/**
 * The hashes of a draft's photos and thumbnails.
 * @param {Pick<import("../core/types.js").VisitDraft, "photos">} draft
 */
export function draftFiles(draft) {
  return draft.photos.flatMap((photo) => [photo.thumbnail_sha256, photo.sha256]).filter(Boolean);
}

/**
 * A file with its bytes, or null when they are not on this phone.
 * @param {Database} db
 * @param {string} sha256
 * @returns {Promise<{file: StoredFile, data: ArrayBuffer}|null>}
 */
export function readFile(db, sha256) {
  return db.read(["files", "file_data"], async (tx) => {
    const file = await result(tx.objectStore("files").get(sha256));
    const row = await result(tx.objectStore("file_data").get(sha256));
    return file && row ? { file, data: row.data } : null;
  });
}

/**
 * Hashes of the files whose bytes are on this phone.
 * @param {Database} db
 * @returns {Promise<Set<string>>}
 */
export async function listHeld(db) {
  const keys = await db.read(["file_data"], (tx) => result(tx.objectStore("file_data").getAllKeys()));
  return new Set(keys.map(String));
}

/**
 * Keep a file that came from the server.
 * @param {Database} db
 * @param {FileContent} content
 * @param {number} nowMs
 */
export function keepFetchedFile(db, content, nowMs) {
  return db.write(["files", "file_data"], async (tx) => {
    await keepFileIn(tx, content, "sent", nowMs);
    const file = await result(tx.objectStore("files").get(content.sha256));
    if (file.state === "sent") await result(tx.objectStore("files").put({ ...file, fetched: true, sent_at: toInstant(nowMs) }));
  });
}
