// @ts-check
/**
 * "Kunjungan saya": what this phone saved, joined with what the server says of it. Reads only,
 * and a page at a time: keys first, then the rows of one page, all asked for at once.
 */
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").OwnVisit} OwnVisit */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** @typedef {import("../core/types.js").Progress} Progress */

const STORES = ["records", "files", "remote"];
/** States of files that the server does not have whole. */
const NOT_SENT = ["waiting", "queued", "refused", "damaged", "lost", "draft"];

/**
 * Own visits, the newest stand first, those known from the server only among them. The first page
 * holds all that are unsent, whatever the clock said when they were saved.
 * @param {Database} db
 * @param {{limit?: number, before?: string|null}} [page] `before`: oldest saved_at of those shown
 * @returns {Promise<OwnVisit[]>}
 */
export function listOwnVisits(db, { limit = 100, before = null } = {}) {
  return db.read(STORES, async (tx) => {
    const unsent = await unsentFilesIn(tx);
    const ids = new Set([...(await savedIdsIn(tx, limit, before)), ...(await remoteIdsIn(tx, limit, before))]);
    const visits = await Promise.all([...ids].map((id) => joinIn(tx, id, unsent)));
    const page = visits.filter((visit) => !before || visit.saved_at < before).sort(bySaved).slice(0, limit);
    if (before === null) page.push(...(await unsentVisitsIn(tx, new Set(page.map((visit) => visit.id)), unsent)));
    return page.sort(byStand);
  });
}

/** @param {OwnVisit} a @param {OwnVisit} b */
const bySaved = (a, b) => compare(b.saved_at, a.saved_at) || compare(b.id, a.id);

/**
 * By the time of the stand, which a correction does not move; saved in one moment, by their number
 * on this phone.
 * @param {OwnVisit} a
 * @param {OwnVisit} b
 */
const byStand = (a, b) => compare(b.happened_at, a.happened_at) || (b.revisions[0]?.order ?? 0) - (a.revisions[0]?.order ?? 0) || compare(b.id, a.id);

/** @param {string} a @param {string} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Visits with something unsent that the page does not hold. @param {IDBTransaction} tx @param {Set<string>} shown @param {Map<string, StoredFile>} unsent */
async function unsentVisitsIn(tx, shown, unsent) {
  const byState = tx.objectStore("records").index("by_state");
  /** @type {StoredRecord[][]} */
  const found = await Promise.all(["waiting", "refused"].map((state) => result(byState.getAll(IDBKeyRange.bound([state], [state, []])))));
  const ids = new Set(found.flat().filter((record) => record.kind === "visit" && !shown.has(record.id)).map((record) => record.id));
  return Promise.all([...ids].map((id) => joinIn(tx, id, unsent)));
}

/** @param {Database} db @param {string} id @returns {Promise<OwnVisit|null>} */
export async function readOwnVisit(db, id) {
  const visit = await db.read(STORES, async (tx) => joinIn(tx, id, await unsentFilesIn(tx)));
  return visit.revisions.length || visit.remote ? visit : null;
}

/**
 * Ids of the newest visits that the server told of.
 * @param {IDBTransaction} tx
 * @param {number} limit
 * @param {string|null} before
 * @returns {Promise<string[]>}
 */
async function remoteIdsIn(tx, limit, before) {
  const range = IDBKeyRange.bound(["visit", ""], ["visit", before ?? []], false, true);
  const keys = await result(tx.objectStore("remote").index("by_time").getAllKeys(range));
  return keys.slice(-limit).map((key) => String(/** @type {string[]} */ (key)[1]));
}

/**
 * Ids of the newest visits saved here. Corrections and comments share the index, so one page of
 * keys may name fewer visits than asked for; then the next page is read as well.
 * @param {IDBTransaction} tx
 * @param {number} limit
 * @param {string|null} before
 * @returns {Promise<Set<string>>}
 */
async function savedIdsIn(tx, limit, before) {
  const records = tx.objectStore("records");
  const keys = await result(records.index("by_saved").getAllKeys(before ? IDBKeyRange.upperBound(before, true) : null));
  /** @type {Set<string>} */
  const ids = new Set();
  for (let end = keys.length; end > 0 && ids.size < limit; end -= limit) {
    const page = keys.slice(Math.max(0, end - limit), end);
    /** @type {StoredRecord[]} */
    const rows = await Promise.all(page.map((key) => result(records.get(key))));
    for (const record of rows) if (record.kind === "visit") ids.add(record.id);
  }
  return ids;
}

/** @param {IDBTransaction} tx @returns {Promise<Map<string, StoredFile>>} by hash */
async function unsentFilesIn(tx) {
  const byState = tx.objectStore("files").index("by_state");
  /** @type {StoredFile[][]} */
  const found = await Promise.all(NOT_SENT.map((state) => result(byState.getAll(state))));
  return new Map(found.flat().map((file) => [file.sha256, file]));
}

/** @param {IDBTransaction} tx @param {string} id @param {Map<string, StoredFile>} unsent @returns {Promise<OwnVisit>} */
async function joinIn(tx, id, unsent) {
  const remoteStore = tx.objectStore("remote");
  /** @type {[StoredRecord[], any]} */
  const [about, row] = await Promise.all([result(tx.objectStore("records").index("by_subject").getAll(id)), result(remoteStore.get(["visit", id]))]);
  about.sort((a, b) => a.order - b.order);
  const remote = row?.data ?? null;
  const [reviews, comments] = await Promise.all(["review", "comment"].map((kind) => result(remoteStore.index("by_visit").getAll([kind, id]))));
  const revisions = about.filter((record) => record.kind === "visit");
  const newest = revisions.at(-1);
  return {
    id,
    area_name: newest?.summary.area_name ?? String(remote?.area_name ?? ""),
    area_id: newest?.summary.area_id ?? remote?.area_id ?? null,
    practice: newest?.summary.practice ?? remote?.practice === true,
    saved_at: newest?.saved_at ?? String(remote?.saved_at ?? remote?.received_at ?? ""),
    happened_at: standTime(revisions[0], remote),
    revisions,
    withdrawal: about.filter((record) => record.kind === "withdrawal").at(-1) ?? null,
    comments: about.filter((record) => record.kind === "comment"),
    remote,
    reviews: reviews.map((found) => found.data).sort(byTime),
    remote_comments: comments.map((found) => found.data).filter((comment) => !about.some((record) => record.id === comment.id)).sort(byTime),
    progress: newest ? progressOf(newest, unsent) : { text_sent: true, files_total: 0, files_sent: 0, photos_total: 0, photos_sent: 0, bytes_left: 0 },
  };
}

/**
 * When the officer stood there: the first revision's time, set right where the clock's offset was
 * known. The office's word where this phone does not have that revision.
 * @param {StoredRecord|undefined} first
 * @param {Object<string, any>|null} remote
 * @returns {string}
 */
function standTime(first, remote) {
  if (first && (first.revision === 1 || !remote?.occurred_at)) return first.happened_at ?? first.saved_at;
  return String(remote?.occurred_at ?? remote?.saved_at ?? remote?.received_at ?? "");
}

/** @param {Object<string, any>} a @param {Object<string, any>} b */
const byTime = (a, b) => (String(a.at) < String(b.at) ? -1 : 1);

/** A record names its thumbnails first, then its photos. @param {StoredRecord} record @param {Map<string, StoredFile>} unsent @returns {Progress} */
function progressOf(record, unsent) {
  const left = record.files.flatMap((sha256) => unsent.get(sha256) ?? []);
  const photosLeft = left.filter((file) => file.kind === "photo").length;
  return {
    text_sent: record.state === "acked",
    files_total: record.files.length,
    files_sent: record.files.length - left.length,
    photos_total: record.photos,
    photos_sent: record.photos - photosLeft,
    bytes_left: left.reduce((sum, file) => sum + file.bytes - file.offset, 0),
  };
}

/**
 * What the server does not have yet, as people count: records and pictures. A thumbnail goes
 * before its photo and is no picture of its own.
 * @param {Database} db
 * @returns {Promise<{records: number, files: number}>}
 */
export function countUnsent(db) {
  return db.read(["records", "files"], async (tx) => {
    const records = tx.objectStore("records").index("by_state");
    const files = tx.objectStore("files").index("by_state");
    /** @param {string} state */
    const ofState = (state) => result(records.count(IDBKeyRange.bound([state], [state, []])));
    /** @type {StoredFile[][]} */
    const left = await Promise.all(["waiting", "queued", "refused", "damaged"].map((state) => result(files.getAll(state))));
    const pictures = left.flat().filter((file) => file.kind !== "thumbnail");
    return { records: (await ofState("waiting")) + (await ofState("refused")), files: pictures.length };
  });
}
