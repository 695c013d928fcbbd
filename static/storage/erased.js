// @ts-check
/**
 * What the office erased leaves this phone too. An erasure is a decision with a reason, kept in
 * the office's audit, about a person's data; a copy that stayed here would come back with the
 * next rescue file or after a restore of the server, and a phone is easily lost. So text and
 * photos go at once, on the same kind of answer that ends a record's stay in the outbox
 * otherwise: one that names its id and hash. Id, hash, time and jorong stay, so that the officer
 * sees which visit it was.
 */
import { result } from "./connection.js";
import { draftFiles } from "./files.js";

/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */

/**
 * Empty a record that the office erased, and with it what the office held of the same visit:
 * it erases visits as a whole. What is unsent of it is still offered, and answered for itself.
 * @param {IDBTransaction} tx over records, files, file_data and drafts
 * @param {StoredRecord} record
 * @param {{code: string, message: string}} refusal
 * @param {string} at instant of the server
 */
export async function eraseRecordIn(tx, record, refusal, at) {
  const records = tx.objectStore("records");
  /** @type {StoredRecord[]} */
  const about = record.subject === null ? [] : await result(records.index("by_subject").getAll(record.subject));
  const held = about.filter((other) => other.state === "acked" && other.result !== "quarantined" && other.sha256 !== record.sha256);
  const going = [record, ...held];
  for (const one of going) {
    await result(records.put({ ...one, state: "erased", result: null, refusal, errors: [], payload: "", seal: "", files: [], photos: 0, draft: null, acked_at: at }));
  }
  const hashes = new Set(going.flatMap((one) => one.files));
  await forgetFilesIn(tx, [...hashes]);
}

/** Delete files that no other record names; those of an open draft are the draft's again. @param {IDBTransaction} tx @param {string[]} hashes */
async function forgetFilesIn(tx, hashes) {
  const drafts = await result(tx.objectStore("drafts").getAll());
  const open = new Set(drafts.flatMap((draft) => draftFiles(draft)));
  const files = tx.objectStore("files");
  for (const sha256 of hashes) {
    if ((await result(tx.objectStore("records").index("by_file").count(sha256))) > 0) continue;
    /** @type {StoredFile|undefined} */
    const file = await result(files.get(sha256));
    if (open.has(sha256)) {
      if (file) await result(files.put({ ...file, state: "draft" }));
      continue;
    }
    await result(tx.objectStore("file_data").delete(sha256));
    await result(files.delete(sha256));
  }
}
