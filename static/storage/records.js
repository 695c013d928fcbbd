// @ts-check
/**
 * Frozen records: a save is one transaction (record, its files, the end of its draft), an undo
 * is one back. A frozen revision never changes and is never deleted except by undo before it
 * was sent and by retention.js long after the server has it.
 */
import { trueInstant } from "../core/clock.js";
import { sealPayload, sha256Hex } from "../core/digest.js";
import { freezePayload, payloadFiles, VISIT_SCHEMA, visitPayload } from "../core/payload.js";
import { isHeld, UNDO_MS } from "../core/states.js";
import { toInstant } from "../core/instants.js";
import { result } from "./connection.js";
import { draftFiles, moveFilesIn } from "./files.js";
import { metaIn, setMetaIn } from "./meta.js";

export { UNDO_MS } from "../core/states.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../core/types.js").RecordKind} RecordKind */

/**
 * What saving needs to know: the officer's token, the clock, the offset of local time from UTC.
 * @typedef {{token: string, clock: import("../core/types.js").Clock, nowMs: number, utc_offset_min: number}} Saving
 */
/**
 * @typedef {Object} Envelope
 * @property {string} id
 * @property {RecordKind} kind
 * @property {number} revision
 * @property {string|null} base
 * @property {string|null} seen_review
 * @property {string|null} subject
 * @property {StoredRecord["summary"]} summary
 */

/**
 * Freeze a payload into a record that is not stored yet.
 * @param {Envelope} envelope
 * @param {Object<string, unknown>} payload
 * @param {Saving} saving
 * @returns {Promise<StoredRecord>}
 */
export async function freezeRecord(envelope, payload, saving) {
  const text = freezePayload(payload);
  const files = payloadFiles(payload);
  return {
    ...envelope,
    schema: VISIT_SCHEMA,
    payload: text,
    sha256: await sha256Hex(text),
    seal: await sealPayload(saving.token, text),
    saved_at: toInstant(saving.nowMs),
    happened_at: trueInstant(toInstant(saving.nowMs), saving.clock),
    files: files.map((file) => file.sha256),
    photos: files.filter((file) => file.kind === "photo").length,
    order: 0,
    draft: null,
    send_after_ms: saving.nowMs,
    state: "waiting",
    result: null,
    refusal: null,
    errors: [],
    tries: 0,
    next_try_ms: 0,
    acked_at: null,
  };
}

/**
 * Put a frozen record into the outbox, inside a transaction over records and meta.
 * @param {IDBTransaction} tx
 * @param {StoredRecord} record
 * @returns {Promise<StoredRecord>} with its place in the order
 */
export async function insertRecordIn(tx, record) {
  const records = tx.objectStore("records");
  /** @type {StoredRecord|undefined} */
  const known = await result(records.get(record.sha256));
  if (known) return known;
  const order = await metaIn(tx, "next_order", 1);
  await setMetaIn(tx, "next_order", order + 1);
  const placed = { ...record, order };
  await result(records.add(placed));
  return placed;
}

/**
 * Save a draft as a record: held back for ten seconds, then sent. Resolves when it is on the disk.
 * @param {Database} db
 * @param {VisitDraft} draft
 * @param {Saving} saving
 * @returns {Promise<StoredRecord>}
 */
export async function saveVisit(db, draft, saving) {
  const payload = visitPayload(draft, { saved_ms: saving.nowMs, clock: saving.clock, utc_offset_min: saving.utc_offset_min });
  const frozen = await freezeRecord(
    {
      id: draft.id,
      kind: "visit",
      revision: draft.correction?.revision ?? 1,
      base: draft.correction?.base ?? null,
      seen_review: draft.correction?.seen_review ?? null,
      subject: draft.id,
      summary: { area_id: draft.area.id, area_name: draft.area_name, practice: draft.practice },
    },
    payload,
    saving,
  );
  const record = { ...frozen, draft: structuredClone(draft), send_after_ms: saving.nowMs + UNDO_MS };
  return db.write(["records", "meta", "files", "drafts"], async (tx) => {
    const same = await savedRevisionIn(tx, record);
    if (same) return same;
    const placed = await insertRecordIn(tx, record);
    await moveFilesIn(tx, record.files, ["draft"], "waiting");
    await result(tx.objectStore("drafts").delete(draft.id));
    return placed;
  });
}

/**
 * The same content saved already as this revision (a double tap), so that it is not saved twice.
 * Other content, from a second tab, is saved as well: the server keeps both and asks.
 * @param {IDBTransaction} tx
 * @param {StoredRecord} record
 */
async function savedRevisionIn(tx, record) {
  /** @type {StoredRecord[]} */
  const known = await result(tx.objectStore("records").index("by_subject").getAll(record.subject));
  const content = timeless(record);
  return known.find((other) => other.kind === "visit" && other.state !== "erased" && other.revision === record.revision && other.base === record.base && timeless(other) === content);
}

/** A payload without the moment of its saving. @param {StoredRecord} record */
function timeless(record) {
  return JSON.stringify({ ...JSON.parse(record.payload), saved_at: null, utc_offset_min: null, clock: null });
}

/**
 * "Urungkan": turn a record that is still held back into its draft again.
 * @param {Database} db
 * @param {string} sha256 of the revision
 * @param {number} nowMs
 * @returns {Promise<VisitDraft|null>} null: too late, it stays saved
 */
export function undoSave(db, sha256, nowMs) {
  return db.write(["records", "files", "drafts"], async (tx) => {
    const records = tx.objectStore("records");
    /** @type {StoredRecord|undefined} */
    const record = await result(records.get(sha256));
    if (!record?.draft || !isHeld(record, nowMs)) return null;
    if (await result(tx.objectStore("drafts").get(record.id))) return null;
    await result(records.delete(sha256));
    await result(tx.objectStore("drafts").put(record.draft));
    /** @type {string[]} */
    const own = [];
    for (const hash of draftFiles(record.draft)) {
      if ((await result(records.index("by_file").count(hash))) === 0) own.push(hash);
    }
    await moveFilesIn(tx, own, ["waiting"], "draft");
    return record.draft;
  });
}
