// @ts-check
/**
 * What goes into a rescue file, officer by officer: records, drafts, files. Reads only, and never
 * the bytes of more than one file. rescue.js, which imports nothing, knows the same by heart.
 */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** @typedef {import("../core/types.js").VisitDraft} VisitDraft */
/** @typedef {{id: string, name: string, db: Database}} Holder an officer with data on this phone */
/** @typedef {{visits: number, records: number, photos: number, bytes: number, oldest_at: string|null}} RescueCount `oldest_at`: when its oldest record was saved */

/** Whether a record belongs into the file. What the office erased has no content any more. @param {StoredRecord} record @param {boolean} unsentOnly */
const isWanted = (record, unsentOnly) => (unsentOnly ? record.state === "waiting" || record.state === "refused" : record.state !== "erased");

/**
 * Records of an officer in the order they were saved.
 * @param {Database} db
 * @param {boolean} unsentOnly
 * @returns {Promise<StoredRecord[]>}
 */
export async function listRescueRecords(db, unsentOnly) {
  /** @type {StoredRecord[]} */
  const records = await db.read(["records"], (tx) => result(tx.objectStore("records").getAll()));
  return records.filter((record) => isWanted(record, unsentOnly)).sort((a, b) => a.order - b.order);
}

/**
 * Files of an officer, without their bytes: thumbnails first, then the rest, the smallest first.
 * @param {Database} db
 * @param {boolean} unsentOnly
 * @returns {Promise<StoredFile[]>}
 */
export async function listRescueFiles(db, unsentOnly) {
  /** @type {StoredFile[]} */
  const files = await db.read(["files"], (tx) => result(tx.objectStore("files").getAll()));
  const wanted = files.filter((file) => !unsentOnly || file.state !== "sent");
  return wanted.sort((a, b) => Number(b.kind === "thumbnail") - Number(a.kind === "thumbnail") || a.bytes - b.bytes);
}

/**
 * When the oldest unsent record was saved; null when all is sent. Quick: reads two rows.
 * @param {Database} db
 * @returns {Promise<string|null>}
 */
export async function oldestUnsent(db) {
  const times = await db.read(["records"], (tx) => {
    const byState = tx.objectStore("records").index("by_state");
    return Promise.all(["waiting", "refused"].map(async (state) => {
      const row = await result(byState.get(IDBKeyRange.bound([state], [state, []])));
      return row ? [String(row.saved_at)] : [];
    }));
  });
  return times.flat().sort()[0] ?? null;
}

/**
 * The bytes of a file; null when the phone let go of them, or cannot read them any more: one
 * damaged photo must not keep all else from being rescued.
 * @param {Database} db
 * @param {string} sha256
 * @returns {Promise<ArrayBuffer|null>}
 */
export async function readRescueFile(db, sha256) {
  const row = await db.read(["file_data"], (tx) => result(tx.objectStore("file_data").get(sha256))).catch(() => null);
  return row?.data ?? null;
}

/**
 * How much a rescue file would hold.
 * @param {Holder[]} holders
 * @param {boolean} unsentOnly
 * @returns {Promise<RescueCount>}
 */
export async function countRescue(holders, unsentOnly) {
  const visits = new Set();
  const photos = new Map();
  const count = { records: 0, bytes: 0, oldest_at: /** @type {string|null} */ (null) };
  for (const { db } of holders) {
    for (const record of await listRescueRecords(db, unsentOnly)) {
      count.records += 1;
      count.bytes += record.payload.length;
      visits.add(record.subject ?? record.id);
      if (count.oldest_at === null || record.saved_at < count.oldest_at) count.oldest_at = record.saved_at;
    }
    for (const file of await listRescueFiles(db, unsentOnly)) {
      if (!file.held || file.state === "draft") continue;
      count.bytes += file.bytes;
      if (file.kind !== "thumbnail") photos.set(file.sha256, true);
    }
  }
  return { ...count, visits: visits.size, photos: photos.size };
}
