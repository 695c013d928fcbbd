// @ts-check
/**
 * Brings back pictures of own visits that this phone does not hold, so that a returned visit
 * opens with its photos offline, also on a replacement phone: thumbnails always (12 kB at most),
 * photos of returned visits on Wi-Fi. A bonus: what fails is tried again with the next news.
 */
import { payloadFiles } from "../core/payload.js";
import { listHeld } from "../storage/files.js";
import { readMeta, writeMeta } from "../storage/meta.js";
import { listRemote } from "../storage/remote.js";
import { Failure } from "./failure.js";
import { fetchFile } from "./fetch_file.js";
import { moved, note, stopIfPaused } from "./officer_run.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {{sha256: string, kind: "photo"|"thumbnail"}} Wanted */

/**
 * Fetch what is missing, once for each state of the feed.
 * @param {OfficerRun} run
 * @returns {Promise<void>} never throws a Failure
 */
export async function restorePhotos(run) {
  const cursor = await readMeta(run.db, "cursor", "");
  const wifi = run.environment.connection() === "wifi";
  const mark = `${cursor} ${wifi}`;
  if ((await readMeta(run.db, "photos_restored_at", "")) === mark) return;
  const held = await listHeld(run.db);
  const visits = await listRemote(run.db, "visit");
  const wanted = visits.flatMap((visit) => wantedOf(visit, wifi)).filter((file) => !held.has(file.sha256));
  try {
    for (const { sha256, kind } of wanted) await fetchOne(run, sha256, kind);
    await writeMeta(run.db, "photos_restored_at", mark);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await note(run, "restore_stopped", { kind: error.kind, code: error.code });
  }
}

/** @param {Object<string, any>} visit the server's row @param {boolean} wifi @returns {Wanted[]} */
function wantedOf(visit, wifi) {
  if (!visit.payload) return [];
  try {
    const payload = typeof visit.payload === "string" ? JSON.parse(visit.payload) : visit.payload;
    return payloadFiles(payload).filter((file) => file.kind === "thumbnail" || (wifi && visit.state === "has_issues"));
  } catch {
    return [];
  }
}

/** A picture that the server does not have (yet) is no reason to stop. @param {OfficerRun} run @param {string} sha256 @param {"photo"|"thumbnail"} kind */
async function fetchOne(run, sha256, kind) {
  await stopIfPaused(run);
  try {
    await fetchFile(run.environment, run.officer, sha256, kind, run.halt);
    moved(run);
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "refused") throw error;
  }
}
