// @ts-check
/**
 * Drafts: saved on every change, photos at once. A draft leaves only by being saved as a record
 * (records.js) or by being discarded here.
 */
import { toInstant } from "../core/instants.js";
import { result } from "./connection.js";
import { draftFiles, keepFileIn, releaseFilesIn } from "./files.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../core/types.js").Photo} Photo */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {{photo: Photo, data: ArrayBuffer, thumbnail: ArrayBuffer, type: string, thumbnail_type?: string}} NewPhoto */

/**
 * Whether this draft was saved as a record meanwhile: a late autosave must not bring it back.
 * @param {IDBTransaction} tx over records
 * @param {VisitDraft} draft
 */
async function isSavedIn(tx, draft) {
  /** @type {StoredRecord[]} */
  const records = await result(tx.objectStore("records").index("by_subject").getAll(draft.id));
  const revision = draft.correction?.revision ?? 1;
  return records.some((record) => record.kind === "visit" && record.revision >= revision);
}

/**
 * Save a draft.
 * @param {Database} db
 * @param {VisitDraft} draft
 * @param {number} [nowMs]
 * @returns {Promise<boolean>} false: it is a record already and was left alone
 */
export function saveDraft(db, draft, nowMs = Date.now()) {
  return db.write(["drafts", "records"], async (tx) => {
    if (await isSavedIn(tx, draft)) return false;
    await result(tx.objectStore("drafts").put({ ...draft, updated_at: toInstant(nowMs) }));
    return true;
  });
}

/** @param {Database} db @param {string} id @returns {Promise<VisitDraft|null>} */
export async function readDraft(db, id) {
  return (await db.read(["drafts"], (tx) => result(tx.objectStore("drafts").get(id)))) ?? null;
}

/** @param {Database} db @returns {Promise<VisitDraft[]>} last changed first */
export async function listDrafts(db) {
  /** @type {VisitDraft[]} */
  const drafts = await db.read(["drafts"], (tx) => result(tx.objectStore("drafts").getAll()));
  return drafts.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
}

/** Throw a draft away, with the photos that only it has. @param {Database} db @param {string} id */
export async function discardDraft(db, id) {
  await db.write(["drafts", "records", "files", "file_data"], async (tx) => {
    /** @type {VisitDraft|undefined} */
    const draft = await result(tx.objectStore("drafts").get(id));
    if (!draft) return;
    await result(tx.objectStore("drafts").delete(id));
    await releaseFilesIn(tx, draftFiles(draft));
  });
}

/**
 * Add a photo: its bytes, its thumbnail and the draft that names it, all or nothing.
 * @param {Database} db
 * @param {VisitDraft} draft as the form has it now
 * @param {NewPhoto} added
 * @param {number} [nowMs]
 * @returns {Promise<VisitDraft>} the draft with the photo
 */
export async function addDraftPhoto(db, draft, added, nowMs = Date.now()) {
  const { photo } = added;
  const others = draft.photos.filter((other) => other.sha256 !== photo.sha256);
  const next = { ...draft, photos: [...others, photo], updated_at: toInstant(nowMs) };
  await db.write(["drafts", "records", "files", "file_data"], async (tx) => {
    if (await isSavedIn(tx, draft)) throw new Error("This visit is saved already; correct it instead.");
    await keepFileIn(tx, { sha256: photo.thumbnail_sha256, kind: "thumbnail", type: added.thumbnail_type ?? "image/jpeg", data: added.thumbnail }, "draft", nowMs);
    await keepFileIn(tx, { sha256: photo.sha256, kind: "photo", type: added.type, data: added.data }, "draft", nowMs);
    await result(tx.objectStore("drafts").put(next));
  });
  return next;
}

/**
 * Take a photo out of a draft; its bytes go too unless a record has them.
 * @param {Database} db
 * @param {VisitDraft} draft as the form has it now
 * @param {string} sha256
 * @param {number} [nowMs]
 * @returns {Promise<VisitDraft>} the draft without the photo
 */
export async function removeDraftPhoto(db, draft, sha256, nowMs = Date.now()) {
  const gone = draft.photos.filter((photo) => photo.sha256 === sha256);
  const next = { ...draft, photos: draft.photos.filter((photo) => photo.sha256 !== sha256), updated_at: toInstant(nowMs) };
  await db.write(["drafts", "records", "files", "file_data"], async (tx) => {
    if (await isSavedIn(tx, draft)) throw new Error("This visit is saved already; correct it instead.");
    await result(tx.objectStore("drafts").put(next));
    await releaseFilesIn(tx, draftFiles({ photos: gone }));
  });
  return next;
}
