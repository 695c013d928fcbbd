// @ts-check
/**
 * The outbox as the sync room sees it: what is due, what the server said of it. A record leaves
 * only by an acknowledgement of its own hash; what happens after an answer is one transaction.
 */
import { isHeld } from "../core/states.js";
import { result } from "./connection.js";
import { eraseRecordIn } from "./erased.js";
import { moveFilesIn } from "./files.js";
import { setMetaIn } from "./meta.js";
import { restartCursorIn } from "./remote.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */

/**
 * What the server said of one revision.
 * @typedef {{sha256: string, kind: "acked", result: import("../core/types.js").AckResult, missing_files: string[], errors: StoredRecord["errors"]}} Acked
 * @typedef {{sha256: string, kind: "refused", refusal: {code: string, message: string}, errors: StoredRecord["errors"], next_try_ms: number}} Refused
 * @typedef {{sha256: string, kind: "failed", next_try_ms: number}} Failed
 * @typedef {{sha256: string, kind: "erased", refusal: {code: string, message: string}}} Erased
 */

/** @param {string} state */
const ofState = (state) => IDBKeyRange.bound([state], [state, []]);

/**
 * Records to send now, oldest first, and from now on beyond undo. A revision waits for the
 * earlier ones of its visit, so that they never arrive in the wrong order.
 * @param {Database} db
 * @param {number} nowMs
 * @param {{limit: number, force: boolean, skip?: Set<string>}} options `force`: whatever their next
 *   try; `skip`: hashes handled in this run already
 * @returns {Promise<StoredRecord[]>}
 */
export function takeDue(db, nowMs, { limit, force, skip = new Set() }) {
  return db.write(["records"], async (tx) => {
    const records = tx.objectStore("records");
    /** @type {StoredRecord[]} */
    const unsent = [];
    for (const state of ["waiting", "refused"]) unsent.push(...(await result(records.index("by_state").getAll(ofState(state)))));
    unsent.sort((a, b) => a.order - b.order);
    /** @type {StoredRecord[]} */
    const due = [];
    /** @type {Set<string>} visits with an earlier record that stays behind */
    const blocked = new Set();
    for (const record of unsent) {
      const subject = record.subject ?? record.id;
      const waits = skip.has(record.sha256) || isHeld(record, nowMs) || (!force && isLater(record.next_try_ms, nowMs));
      // A refused one does not hold up the correction that may cure it.
      if (waits && record.state === "refused") continue;
      if (waits || blocked.has(subject)) blocked.add(subject);
      else if (due.length < limit) due.push(record);
    }
    for (const record of due) if (record.draft) await result(records.put({ ...record, draft: null }));
    return due;
  });
}

/** A next try further off than any back-off comes from a clock that jumped: try now. */
const LONGEST_WAIT_MS = 24 * 3600_000;
/** @param {number} nextTryMs @param {number} nowMs */
export function isLater(nextTryMs, nowMs) {
  return nextTryMs > nowMs && nextTryMs - nowMs <= LONGEST_WAIT_MS;
}

/**
 * When the soonest held-back record becomes due, ms since 1970; null: none. One that became due
 * after `sinceMs` counts too: a run that began then has passed it by. What cannot be undone, such
 * as a comment, is due when it is saved.
 * @param {Database} db
 * @param {number} nowMs
 * @param {number} [sinceMs]
 */
export async function nextRelease(db, nowMs, sinceMs = nowMs) {
  /** @type {StoredRecord[]} */
  const waiting = await db.read(["records"], (tx) => result(tx.objectStore("records").index("by_state").getAll(ofState("waiting"))));
  const passedBy = (/** @type {StoredRecord} */ record) => record.send_after_ms > sinceMs && record.send_after_ms <= nowMs;
  const times = waiting.filter((record) => isHeld(record, nowMs) || passedBy(record)).map((record) => record.send_after_ms);
  return times.length ? Math.min(...times) : null;
}

/**
 * Write down an answer to a batch.
 * @param {Database} db
 * @param {(Acked|Refused|Failed|Erased)[]} outcomes
 * @param {string} at instant of the server
 */
export function recordOutcomes(db, outcomes, at) {
  return db.write(["records", "files", "file_data", "drafts", "meta"], async (tx) => {
    const records = tx.objectStore("records");
    for (const outcome of outcomes) {
      /** @type {StoredRecord|undefined} */
      const record = await result(records.get(outcome.sha256));
      if (!record) continue;
      const { sha256: _sha, kind, ...said } = outcome;
      if (outcome.kind === "erased") {
        await eraseRecordIn(tx, record, outcome.refusal, at);
      } else if (outcome.kind === "acked") {
        const { result: how, missing_files, errors } = outcome;
        await result(records.put({ ...record, state: "acked", result: how, errors, refusal: null, acked_at: at, draft: null }));
        await moveFilesIn(tx, record.files, ["waiting", "draft"], "queued");
        await requeueMissingIn(tx, missing_files);
        await askFirstIn(tx, record.files.filter((sha256) => !missing_files.includes(sha256)));
      } else {
        const state = kind === "refused" ? "refused" : record.state;
        await result(records.put({ ...record, ...said, state, tries: record.tries + 1, draft: null }));
      }
    }
    await setMetaIn(tx, "last_contact_at", at);
  });
}

/**
 * Files that the server lacks go back into the queue; one that is not here any more is marked.
 * @param {IDBTransaction} tx over files
 * @param {string[]} hashes
 */
async function requeueMissingIn(tx, hashes) {
  const files = tx.objectStore("files");
  for (const sha256 of hashes) {
    /** @type {StoredFile|undefined} */
    const file = await result(files.get(sha256));
    if (!file || file.state === "damaged") continue;
    const state = file.held ? "queued" : "lost";
    await result(files.put({ ...file, state, offset: 0, safe_at: null, fetched: false, tries: 0, next_try_ms: 0 }));
  }
}

/**
 * Files that the server does not call missing, because another phone or a rescue file brought
 * them: counted as tried, so that it is asked for them before a byte is sent. Its answer counts,
 * not the absence from a list that a damaged payload may have made short.
 * @param {IDBTransaction} tx over files
 * @param {string[]} hashes
 */
async function askFirstIn(tx, hashes) {
  const files = tx.objectStore("files");
  for (const sha256 of hashes) {
    /** @type {StoredFile|undefined} */
    const file = await result(files.get(sha256));
    if (file?.state === "queued" && file.tries === 0) await result(files.put({ ...file, tries: 1 }));
  }
}

/** @param {Database} db @param {string[]} hashes */
export function requeueMissing(db, hashes) {
  return db.write(["files"], (tx) => requeueMissingIn(tx, hashes));
}

/**
 * Acknowledged records that the server does not know (any more) go back into the outbox.
 * @param {Database} db
 * @param {string[]} hashes of revisions
 */
export function requeueRecords(db, hashes) {
  return db.write(["records"], async (tx) => {
    const records = tx.objectStore("records");
    for (const sha256 of hashes) {
      /** @type {StoredRecord|undefined} */
      const record = await result(records.get(sha256));
      if (record?.state === "acked") await result(records.put({ ...record, state: "waiting", result: null, acked_at: null, tries: 0, next_try_ms: 0 }));
    }
  });
}

/**
 * The server was restored from a backup (new store_id): nothing it said before counts. Every
 * record and file still held goes back into the outbox, the cursor starts again.
 * @param {Database} db
 * @param {string} storeId
 */
export function resetForStore(db, storeId) {
  return db.write(["records", "files", "meta"], async (tx) => {
    for (const name of ["records", "files"]) {
      const request = tx.objectStore(name).openCursor();
      for (let cursor = await result(request); cursor; ) {
        const next = name === "records" ? recordAgain(cursor.value) : fileAgain(cursor.value);
        if (next) cursor.update(next);
        cursor.continue();
        cursor = await result(request);
      }
    }
    await restartCursorIn(tx);
    await setMetaIn(tx, "store_id", storeId);
  });
}

/** @param {StoredRecord} record */
function recordAgain(record) {
  if (record.state === "waiting" || record.state === "erased") return null;
  return { ...record, state: "waiting", result: null, refusal: null, acked_at: null, tries: 0, next_try_ms: 0 };
}

/** @param {StoredFile} file */
function fileAgain(file) {
  if (file.state !== "sent" && file.state !== "queued" && file.state !== "refused") return null;
  if (!file.held) return { ...file, sent_at: null, safe_at: null };
  // Tried once already: so the server, which may have it in full, is asked before a byte is sent.
  return { ...file, state: "queued", sent_at: null, safe_at: null, fetched: false, offset: 0, tries: 1, next_try_ms: 0, refusal: null };
}
