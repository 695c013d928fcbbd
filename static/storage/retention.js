// @ts-check
/**
 * Makes room, late and only for what the server holds: the bytes of a photo once it is in a
 * backup (or came from the server) and at least 7 days after it was sent; a record's text and thumbnails 90 days after
 * its acknowledgement. Nothing unsent is ever touched. Times are the server's: a phone whose
 * clock jumps to 2099 must not clean up.
 */
import { toMs } from "../core/instants.js";
import { result } from "./connection.js";
import { draftFiles } from "./files.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */

const DAY_MS = 24 * 3600_000;
export const PHOTO_DAYS = 7;
export const TEXT_DAYS = 90;

/** @param {string} state */
const ofState = (state) => IDBKeyRange.bound([state], [state, []]);

/** @param {string|null} instant @param {number} nowMs @param {number} days */
const olderThan = (instant, nowMs, days) => instant !== null && nowMs - toMs(instant) >= days * DAY_MS;

/**
 * Remove what may go.
 * @param {Database} db
 * @param {number} serverNowMs
 * @returns {Promise<{photos: number, records: number}>} how many went
 */
export function tidy(db, serverNowMs) {
  return db.write(["records", "files", "file_data", "drafts"], async (tx) => {
    const drafts = await result(tx.objectStore("drafts").getAll());
    const open = new Set(drafts.flatMap((draft) => draftFiles(draft)));
    const photos = await tidyPhotosIn(tx, serverNowMs, open);
    return { photos, records: await tidyRecordsIn(tx, serverNowMs, new Set(drafts.map((draft) => draft.id)), open) };
  });
}

/** @param {IDBTransaction} tx @param {number} nowMs @param {Set<string>} open hashes that drafts show */
async function tidyPhotosIn(tx, nowMs, open) {
  const files = tx.objectStore("files");
  /** @type {StoredFile[]} */
  const sent = await result(files.index("by_state").getAll("sent"));
  const going = sent.filter((file) => file.held && file.kind !== "thumbnail" && !open.has(file.sha256) && (file.safe_at !== null || file.fetched) && olderThan(file.sent_at, nowMs, PHOTO_DAYS));
  for (const file of going) {
    await result(tx.objectStore("file_data").delete(file.sha256));
    await result(files.put({ ...file, held: false }));
  }
  return going.length;
}

/**
 * A visit goes as a whole: every record about it acknowledged (or erased) 90 days ago and none of
 * its files left to send or outside a backup.
 * @param {IDBTransaction} tx
 * @param {number} nowMs
 * @param {Set<string>} corrected visits with an open draft
 * @param {Set<string>} open hashes that drafts show
 */
async function tidyRecordsIn(tx, nowMs, corrected, open) {
  const records = tx.objectStore("records");
  /** @type {StoredRecord[]} */
  const settled = [...(await result(records.index("by_state").getAll(ofState("acked")))), ...(await result(records.index("by_state").getAll(ofState("erased"))))];
  const old = settled.filter((record) => olderThan(record.acked_at, nowMs, TEXT_DAYS));
  let gone = 0;
  for (const subject of new Set(old.map((record) => record.subject ?? record.id))) {
    /** @type {StoredRecord[]} */
    const about = await result(records.index("by_subject").getAll(subject));
    const ripe = about.every((record) => (record.state === "acked" || record.state === "erased") && record.result !== "quarantined" && olderThan(record.acked_at, nowMs, TEXT_DAYS));
    const hashes = about.flatMap((record) => record.files);
    if (!about.length || !ripe || corrected.has(subject) || !(await allSafeIn(tx, hashes))) continue;
    for (const record of about) await result(records.delete(record.sha256));
    gone += about.length;
    for (const sha256 of hashes) {
      if (open.has(sha256) || (await result(records.index("by_file").count(sha256))) > 0) continue;
      await result(tx.objectStore("file_data").delete(sha256));
      await result(tx.objectStore("files").delete(sha256));
    }
  }
  return gone;
}

/** @param {IDBTransaction} tx @param {string[]} hashes */
async function allSafeIn(tx, hashes) {
  for (const sha256 of hashes) {
    /** @type {StoredFile|undefined} */
    const file = await result(tx.objectStore("files").get(sha256));
    if (file && (file.state !== "sent" || file.safe_at === null)) return false;
  }
  return true;
}
