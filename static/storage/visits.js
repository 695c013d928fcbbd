// @ts-check
/**
 * "Kunjungan saya": what this phone saved, joined with what the server says of it. Reads only.
 */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").OwnVisit} OwnVisit */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** @typedef {import("../core/types.js").Progress} Progress */

const STORES = ["records", "files", "remote"];

/**
 * Own visits, newest first, those known from the server only among them.
 * @param {Database} db
 * @param {{limit?: number, before?: string|null}} [page] `before`: saved_at of the last one shown
 * @returns {Promise<OwnVisit[]>}
 */
export function listOwnVisits(db, { limit = 100, before = null } = {}) {
  return db.read(STORES, async (tx) => {
    const remote = await result(tx.objectStore("remote").index("by_kind").getAll("visit"));
    /** @type {Map<string, string>} newest saved_at of each visit */
    const found = new Map();
    for (const { data } of remote) {
      const savedAt = String(data.saved_at ?? data.received_at ?? "");
      if (!before || savedAt < before) found.set(String(data.id), savedAt);
    }
    const seen = await savedVisitsIn(tx, limit, before);
    for (const [id, savedAt] of seen.newest) found.set(id, savedAt);
    for (const id of seen.shownBefore) found.delete(id);
    const ids = [...found].sort((a, b) => (a[1] < b[1] ? 1 : -1)).slice(0, limit).map(([id]) => id);
    return Promise.all(ids.map((id) => joinIn(tx, id)));
  });
}

/**
 * Visits saved here, newest revision first, without reading more than a page.
 * @param {IDBTransaction} tx
 * @param {number} limit
 * @param {string|null} before
 */
async function savedVisitsIn(tx, limit, before) {
  /** @type {Map<string, string>} */
  const newest = new Map();
  /** @type {Set<string>} visits that an earlier page showed by a newer revision */
  const shownBefore = new Set();
  const records = tx.objectStore("records");
  const request = records.index("by_saved").openCursor(before ? IDBKeyRange.upperBound(before, true) : null, "prev");
  for (let cursor = await result(request); cursor && newest.size < limit; ) {
    /** @type {StoredRecord} */
    const record = cursor.value;
    if (record.kind === "visit" && !newest.has(record.id) && !shownBefore.has(record.id)) {
      /** @type {StoredRecord[]} */
      const about = before ? await result(records.index("by_subject").getAll(record.id)) : [];
      if (about.some((other) => other.kind === "visit" && before !== null && other.saved_at >= before)) shownBefore.add(record.id);
      else newest.set(record.id, record.saved_at);
    }
    cursor.continue();
    cursor = await result(request);
  }
  return { newest, shownBefore };
}

/** @param {Database} db @param {string} id @returns {Promise<OwnVisit|null>} */
export async function readOwnVisit(db, id) {
  const visit = await db.read(STORES, (tx) => joinIn(tx, id));
  return visit.revisions.length || visit.remote ? visit : null;
}

/** @param {IDBTransaction} tx @param {string} id @returns {Promise<OwnVisit>} */
async function joinIn(tx, id) {
  const remoteStore = tx.objectStore("remote");
  /** @type {StoredRecord[]} */
  const about = await result(tx.objectStore("records").index("by_subject").getAll(id));
  about.sort((a, b) => a.order - b.order);
  const remote = (await result(remoteStore.get(["visit", id])))?.data ?? null;
  const reviews = (await result(remoteStore.index("by_visit").getAll(["review", id]))).map((row) => row.data);
  const comments = (await result(remoteStore.index("by_visit").getAll(["comment", id]))).map((row) => row.data);
  const revisions = about.filter((record) => record.kind === "visit");
  const newest = revisions.at(-1);
  return {
    id,
    area_name: newest?.summary.area_name ?? String(remote?.area_name ?? ""),
    area_id: newest?.summary.area_id ?? remote?.area_id ?? null,
    practice: newest?.summary.practice ?? remote?.practice === true,
    saved_at: newest?.saved_at ?? String(remote?.saved_at ?? remote?.received_at ?? ""),
    revisions,
    withdrawal: about.filter((record) => record.kind === "withdrawal").at(-1) ?? null,
    comments: about.filter((record) => record.kind === "comment"),
    remote,
    reviews: reviews.sort(byTime),
    remote_comments: comments.filter((comment) => !about.some((record) => record.id === comment.id)).sort(byTime),
    progress: newest ? await progressIn(tx, newest) : { text_sent: true, files_total: 0, files_sent: 0, photos_total: 0, photos_sent: 0, bytes_left: 0 },
  };
}

/** @param {Object<string, any>} a @param {Object<string, any>} b */
const byTime = (a, b) => (String(a.at) < String(b.at) ? -1 : 1);

/** @param {IDBTransaction} tx @param {StoredRecord} record @returns {Promise<Progress>} */
async function progressIn(tx, record) {
  /** @type {Progress} */
  const progress = { text_sent: record.state === "acked", files_total: 0, files_sent: 0, photos_total: 0, photos_sent: 0, bytes_left: 0 };
  for (const sha256 of record.files) {
    /** @type {StoredFile|undefined} */
    const file = await result(tx.objectStore("files").get(sha256));
    if (!file) continue;
    const sent = file.state === "sent" ? 1 : 0;
    progress.files_total += 1;
    progress.files_sent += sent;
    if (file.kind === "photo") {
      progress.photos_total += 1;
      progress.photos_sent += sent;
    }
    if (!sent) progress.bytes_left += file.bytes - file.offset;
  }
  return progress;
}

/**
 * What the server does not have yet.
 * @param {Database} db
 * @returns {Promise<{records: number, files: number}>}
 */
export function countUnsent(db) {
  return db.read(["records", "files"], async (tx) => {
    const records = tx.objectStore("records").index("by_state");
    const files = tx.objectStore("files").index("by_state");
    /** @param {string} state */
    const ofState = (state) => result(records.count(IDBKeyRange.bound([state], [state, []])));
    const counts = await Promise.all(["waiting", "queued", "refused", "damaged"].map((state) => result(files.count(state))));
    return { records: (await ofState("waiting")) + (await ofState("refused")), files: counts.reduce((sum, n) => sum + n, 0) };
  });
}

/**
 * Records saved on a calendar day or within a day of it, whatever the time zone.
 * @param {Database} db
 * @param {string} day "2026-05-04"
 * @returns {Promise<StoredRecord[]>}
 */
export function listSavedOn(db, day) {
  const noon = Date.parse(`${day}T12:00:00Z`);
  const from = new Date(noon - 36 * 3600_000).toISOString();
  const to = new Date(noon + 36 * 3600_000).toISOString();
  return db.read(["records"], (tx) => result(tx.objectStore("records").index("by_saved").getAll(IDBKeyRange.bound(from, to))));
}
