// @ts-check
/**
 * Records without their text, by their number on this phone: what the day's tally compares and
 * what the sending screen explains. The number goes on whatever the clock does. Reads only.
 */
import { trueInstant } from "../core/clock.js";
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** @typedef {Pick<StoredRecord, "id"|"sha256"|"kind"|"order"|"state"|"refusal"|"saved_at"|"files"|"photos"|"summary"|"subject"> & {happened_at: string}} RecordRow */

/** @param {StoredRecord} record @returns {RecordRow} */
function rowOf(record) {
  const { id, sha256, kind, order, state, refusal, saved_at, files, photos, summary, subject } = record;
  return { id, sha256, kind, order, state, refusal, saved_at, files, photos, summary, subject, happened_at: record.happened_at ?? ownTime(record) };
}

/** Of a record by an older app. @param {StoredRecord} record */
function ownTime({ payload, saved_at }) {
  try {
    return trueInstant(saved_at, JSON.parse(payload).clock);
  } catch {
    return saved_at;
  }
}

/**
 * The newest records that hold something, one at a time in memory.
 * @param {Database} db
 * @param {number} most
 * @returns {Promise<RecordRow[]>} newest first
 */
export function listNewestRecords(db, most) {
  return db.read(["records"], async (tx) => {
    /** @type {RecordRow[]} */
    const rows = [];
    for (const state of ["waiting", "refused", "acked"]) {
      const request = tx.objectStore("records").index("by_state").openCursor(IDBKeyRange.bound([state], [state, []]), "prev");
      let cursor = await result(request);
      for (let n = 0; cursor && n < most; n += 1) {
        rows.push(rowOf(cursor.value));
        cursor.continue();
        cursor = await result(request);
      }
    }
    return rows.sort((a, b) => b.order - a.order).slice(0, most);
  });
}

/**
 * Which of these files the phone believes to be at the office, and which it cannot send again.
 * @param {Database} db
 * @param {string[]} hashes
 * @returns {Promise<{sent: string[], gone: string[]}>}
 */
export function sortMissing(db, hashes) {
  return db.read(["files"], async (tx) => {
    const files = tx.objectStore("files");
    /** @type {(StoredFile|undefined)[]} */
    const found = await Promise.all(hashes.map((sha256) => result(files.get(sha256))));
    const sent = hashes.filter((_hash, i) => found[i]?.state === "sent");
    const gone = hashes.filter((_hash, i) => !found[i]?.held || found[i]?.state === "damaged");
    return { sent, gone };
  });
}

/**
 * Files that no try will bring over by itself: the server or this phone's own storage says no.
 * @param {Database} db
 * @returns {Promise<{file: StoredFile, visit_id: string|null, area_name: string}[]>}
 */
export function listStuckFiles(db) {
  return db.read(["files", "records"], async (tx) => {
    const byState = tx.objectStore("files").index("by_state");
    /** @type {StoredFile[][]} */
    const files = await Promise.all(["refused", "damaged", "lost"].map((state) => result(byState.getAll(state))));
    const byFile = tx.objectStore("records").index("by_file");
    return Promise.all(files.flat().map(async (file) => {
      /** @type {StoredRecord|undefined} */
      const record = await result(byFile.get(file.sha256));
      return { file, visit_id: record?.subject ?? null, area_name: record?.summary.area_name ?? "" };
    }));
  });
}
