// @ts-check
/**
 * A copy of every save in the chosen folder, made after the save is on the disk and never in its
 * way. Each record is a rescue file of its own; what could not be copied is tried again with the
 * next save. A copy of what was undone, or erased by the office, is taken out again.
 */
import { copyEnding, copyFileName } from "../core/rescue_name.js";
import { isHeld } from "../core/states.js";
import { toInstant } from "../core/instants.js";
import { result } from "../storage/connection.js";
import { metaIn, readMeta, setMetaIn, writeMeta } from "../storage/meta.js";
import { recordLines } from "../storage/rescue_text.js";
import { folderPermission, removeFrom, writeInto } from "./folder.js";

/** @typedef {import("../storage/database.js").Database} Database */
/** @typedef {import("../storage/rescue_rows.js").Holder} Holder */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("./folder.js").Folder} Folder */
/** @typedef {{copied: number, waiting: number, trouble: string|null}} CopyReport `trouble`: an error's name; `permission` when it must be given again */

/** The order of the newest record that this folder has, and all before it. */
const DONE = "folder_order";
/** Hashes copied while they could still be undone. */
const FRESH = "folder_fresh";
/** Hashes of erased records whose copies are gone. */
const CLEARED = "folder_cleared";

/** @param {IDBTransaction} tx @param {string} state @param {number} after @returns {Promise<StoredRecord[]>} */
function ofState(tx, state, after) {
  return result(tx.objectStore("records").index("by_state").getAll(IDBKeyRange.bound([state, after], [state, []], true)));
}

/** Records that the folder has not, oldest first. @param {Database} db @returns {Promise<StoredRecord[]>} */
function listUncopied(db) {
  return db.read(["records", "meta"], async (tx) => {
    const after = await metaIn(tx, DONE, 0);
    const found = await Promise.all(["waiting", "refused", "acked"].map((state) => ofState(tx, state, after)));
    return found.flat().sort((a, b) => a.order - b.order);
  });
}

/**
 * A new folder begins with what is unsent: the rest is at the office.
 * @param {Database} db
 */
export function beginFolder(db) {
  return db.write(["records", "meta"], async (tx) => {
    const unsent = (await Promise.all(["waiting", "refused"].map((state) => ofState(tx, state, 0)))).flat();
    const next = await metaIn(tx, "next_order", 1);
    await setMetaIn(tx, DONE, Math.min(next, ...unsent.map((record) => record.order)) - 1);
    await setMetaIn(tx, FRESH, []);
    await setMetaIn(tx, CLEARED, []);
  });
}

/**
 * Copy what the folder has not yet, officer by officer. Never throws: what went wrong is told.
 * @param {Folder} folder
 * @param {Holder[]} holders
 * @param {number} nowMs
 * @returns {Promise<CopyReport>}
 */
export async function copyPending(folder, holders, nowMs) {
  /** @type {CopyReport} */
  const report = { copied: 0, waiting: 0, trouble: null };
  const allowed = await folderPermission(folder).catch((error) => nameOf(error));
  if (allowed !== "granted") report.trouble = allowed === "prompt" || allowed === "denied" ? "permission" : allowed;
  for (const holder of holders) {
    try {
      await copyOf(folder, holder, nowMs, report);
    } catch (error) {
      report.trouble ??= nameOf(error) === "NotAllowedError" ? "permission" : nameOf(error);
    }
    report.waiting += await listUncopied(holder.db).then((left) => left.length, () => 0);
  }
  return report;
}

/** @param {unknown} error */
const nameOf = (error) => (error instanceof Error ? error.name : "Error");

/** @param {Folder} folder @param {Holder} holder @param {number} nowMs @param {CopyReport} report */
async function copyOf(folder, holder, nowMs, report) {
  if (report.trouble) return;
  await takeBack(folder, holder.db, nowMs);
  for (const record of await listUncopied(holder.db)) {
    const name = copyFileName({ name: holder.name, saved_at: record.saved_at, area: record.summary.area_name, sha256: record.sha256 });
    await writeInto(folder, name, recordLines(holder, record, toInstant(nowMs)));
    report.copied += 1;
    await holder.db.write(["meta"], async (tx) => {
      await setMetaIn(tx, DONE, record.order);
      if (isHeld(record, nowMs)) await setMetaIn(tx, FRESH, [...(await metaIn(tx, FRESH, [])), record.sha256]);
    });
  }
}

/** Take copies out whose record was undone or erased. @param {Folder} folder @param {Database} db @param {number} nowMs */
async function takeBack(folder, db, nowMs) {
  const fresh = await readMeta(db, FRESH, /** @type {string[]} */ ([]));
  const stillFresh = [];
  for (const sha256 of fresh) {
    /** @type {StoredRecord|undefined} */
    const record = await db.read(["records"], (tx) => result(tx.objectStore("records").get(sha256)));
    if (!record) await removeFrom(folder, copyEnding(sha256));
    else if (isHeld(record, nowMs)) stillFresh.push(sha256);
  }
  if (fresh.length !== stillFresh.length) await writeMeta(db, FRESH, stillFresh);
  const cleared = await readMeta(db, CLEARED, /** @type {string[]} */ ([]));
  const erased = (await db.read(["records"], (tx) => ofState(tx, "erased", 0))).map((record) => record.sha256);
  const left = erased.filter((sha256) => !cleared.includes(sha256));
  for (const sha256 of left) await removeFrom(folder, copyEnding(sha256));
  if (left.length > 0) await writeMeta(db, CLEARED, erased);
}
