// @ts-check
/**
 * Second thoughts on a saved visit: a correction is a new revision, a withdrawal and a comment
 * are records of their own. Nothing saved is ever changed or deleted here.
 */
import { draftFromPayload } from "../core/drafts.js";
import { momentFields } from "../core/payload.js";
import { uuidv7 } from "../core/uuid.js";
import { result } from "./connection.js";
import { freezeRecord, insertRecordIn } from "./records.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("./records.js").Saving} Saving */
/** @typedef {{sha256: string, payload: Object<string, any>, revision: number, area_name: string, area_id: string|null}} Head */

/** The visit is known but its content is not on this phone, so it cannot be opened. */
export class NoContent extends Error {}

/**
 * The newest revision of a visit, from this phone or from the server, and the newest review.
 * @param {IDBTransaction} tx over records and remote
 * @param {string} visitId
 * @returns {Promise<{head: Head, seen_review: string|null}>}
 */
async function headIn(tx, visitId) {
  /** @type {StoredRecord[]} */
  const about = await result(tx.objectStore("records").index("by_subject").getAll(visitId));
  const revisions = about.filter((record) => record.kind === "visit").sort((a, b) => a.order - b.order);
  const remote = (await result(tx.objectStore("remote").get(["visit", visitId])))?.data ?? null;
  const reviews = await result(tx.objectStore("remote").index("by_visit").getAll(["review", visitId]));
  const newestReview = reviews.map((row) => row.data).sort((a, b) => (String(a.at) < String(b.at) ? -1 : 1)).at(-1);
  const own = revisions.at(-1);
  const useRemote = remote?.payload && (!own || officeMovedOn(revisions, own, String(remote.head)));
  const revision = Math.max(0, ...revisions.map((record) => record.revision), Number(remote?.revision ?? 0));
  const seen_review = newestReview?.id ?? remote?.latest_review ?? null;
  if (useRemote) {
    const payload = typeof remote.payload === "string" ? JSON.parse(remote.payload) : remote.payload;
    return { seen_review, head: { sha256: String(remote.head), payload, revision, area_name: String(remote.area_name ?? own?.summary.area_name ?? ""), area_id: payload.area?.id ?? null } };
  }
  if (!own || own.state === "erased") throw new NoContent(visitId);
  return { seen_review, head: { sha256: own.sha256, payload: JSON.parse(own.payload), revision, area_name: own.summary.area_name, area_id: own.summary.area_id } };
}

/**
 * Whether the office's head is not the phone's newest revision. An older revision of our own as
 * head only means that the answer is older than our sending, unless ours became a side branch.
 * @param {StoredRecord[]} revisions
 * @param {StoredRecord} own newest
 * @param {string} remoteHead
 */
function officeMovedOn(revisions, own, remoteHead) {
  if (own.state !== "acked" || own.sha256 === remoteHead) return false;
  return own.result === "conflict" || !revisions.some((record) => record.sha256 === remoteHead);
}

/**
 * Open a saved visit for correction: a draft with everything its newest revision says. A
 * correction begun earlier is opened again as it was left.
 * @param {Database} db
 * @param {string} visitId
 * @param {{reason: string|null, area_name?: string}} correction
 * @param {number} nowMs
 * @returns {Promise<VisitDraft>} saved already
 */
export function startCorrection(db, visitId, correction, nowMs) {
  return db.write(["drafts", "records", "remote"], async (tx) => {
    /** @type {VisitDraft|undefined} */
    const begun = await result(tx.objectStore("drafts").get(visitId));
    if (begun) return begun;
    const { head, seen_review } = await headIn(tx, visitId);
    const draft = draftFromPayload(
      head.payload,
      { base: head.sha256, revision: head.revision + 1, seen_review, reason: correction.reason, area_name: correction.area_name ?? head.area_name },
      nowMs,
    );
    await result(tx.objectStore("drafts").put(draft));
    return draft;
  });
}

/**
 * Withdraw a visit, sent or not: a record that says so and why.
 * @param {Database} db
 * @param {string} visitId
 * @param {string} reason
 * @param {Saving} saving
 */
export async function withdrawVisit(db, visitId, reason, saving) {
  const { head, seen_review } = await db.read(["records", "remote"], (tx) => headIn(tx, visitId));
  return saveAbout(db, "withdrawal", head, { base: head.sha256, seen_review }, { visit_id: visitId, reason }, saving);
}

/**
 * Say something about a visit to the office.
 * @param {Database} db
 * @param {string} visitId
 * @param {string} text
 * @param {Saving} saving
 */
export async function addComment(db, visitId, text, saving) {
  const { head } = await db.read(["records", "remote"], (tx) => headIn(tx, visitId));
  return saveAbout(db, "comment", head, { base: null, seen_review: null }, { visit_id: visitId, text }, saving);
}

/**
 * @param {Database} db
 * @param {"withdrawal"|"comment"} kind
 * @param {Head} head of the visit it speaks of
 * @param {{base: string|null, seen_review: string|null}} links
 * @param {{visit_id: string} & Object<string, unknown>} content
 * @param {Saving} saving
 * @returns {Promise<StoredRecord>}
 */
async function saveAbout(db, kind, head, links, content, saving) {
  const id = uuidv7(saving.nowMs);
  const payload = { id, ...content, ...momentFields({ saved_ms: saving.nowMs, clock: saving.clock, utc_offset_min: saving.utc_offset_min }) };
  const summary = { area_id: head.area_id, area_name: head.area_name, practice: head.payload.practice === true };
  const record = await freezeRecord({ id, kind, revision: 1, ...links, subject: content.visit_id, summary }, payload, saving);
  return db.write(["records", "meta"], (tx) => insertRecordIn(tx, record));
}
