// @ts-check
/**
 * The day-end tally: phone and office must count the same, by hash. What the office lacks goes
 * back into the outbox; what differs is named.
 */
import { localDay } from "../core/instants.js";
import { listNewestRecords, sortMissing } from "../storage/day_records.js";
import { requeueMissing, requeueRecords } from "../storage/outbox.js";
import { callApi } from "./api.js";
import { Failure } from "./failure.js";
import { checkStore, StoreChanged } from "./officer_run.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("../storage/day_records.js").RecordRow} RecordRow */

/**
 * @typedef {Object} Tally
 * @property {number} phone           records saved here on that day
 * @property {number} server          of these, held by the office
 * @property {number} photos_phone    photos of these records
 * @property {number} photos_server   of these, whole at the office
 * @property {RecordRow[]} unsent     not sent yet
 * @property {RecordRow[]} refused    the office does not take them
 * @property {RecordRow[]} again      were acknowledged and are not there: back in the outbox
 * @property {number} files_again     photos that were sent and are not there: back in the queue
 * @property {number} files_gone      photos that are not there and not whole on this phone either
 * @property {number} files_on_way    photos that this phone still has to send
 * @property {boolean} more           something goes again: send, then compare once more
 * @property {boolean} restored       the office works with a backup: the phone sends all again
 */

/** The wire takes at most a thousand at a time. */
const AT_ONCE = 500;
/** More than anybody saves in a day. */
const MOST = 1_000;

/**
 * Compare a day's records with the office.
 * @param {Environment} environment
 * @param {import("../core/types.js").Officer} officer
 * @param {string|null} day "2026-05-04"; null: the newest thousand records of all days
 * @param {string} timeZone of the office
 * @returns {Promise<Tally>} throws a Failure
 */
export async function dayTally(environment, officer, day, timeZone) {
  const db = environment.officer(officer.id);
  const records = (await listNewestRecords(db, MOST)).filter((record) => day === null || localDay(record.happened_at, timeZone) === day);
  const { held, restored } = await askStatus(environment, officer, records);
  const missing = records.filter((record) => !held.get(record.sha256)?.known);
  const lacking = [...new Set([...held.values()].flatMap((said) => (said.known ? said.missing_files : [])))];
  const { sent, gone } = await sortMissing(db, lacking);
  const again = missing.filter((record) => record.state === "acked");
  await requeueRecords(db, again.map((record) => record.sha256));
  await requeueMissing(db, sent);
  const photos = new Set(records.flatMap(photosOf));
  const there = new Set(records.filter((record) => held.get(record.sha256)?.known).flatMap(photosOf).filter((sha256) => !lacking.includes(sha256)));
  const [files_again, files_gone] = [sent, gone].map((hashes) => hashes.filter((sha256) => photos.has(sha256)).length);
  return {
    phone: records.length,
    server: records.length - missing.length,
    photos_phone: photos.size,
    photos_server: there.size,
    unsent: missing.filter((record) => record.state === "waiting"),
    refused: missing.filter((record) => record.state === "refused"),
    again,
    files_again,
    files_gone,
    files_on_way: photos.size - there.size - files_again - files_gone,
    more: again.length + sent.length > 0 || restored,
    restored,
  };
}

/** Whether both sides count the same. @param {Tally} tally */
export const agrees = (tally) => tally.phone === tally.server && tally.photos_phone === tally.photos_server && !tally.restored;

/** A record names its thumbnails first, then its photos. @param {RecordRow} record */
const photosOf = (record) => record.files.slice(record.files.length - record.photos);

/**
 * @param {Environment} environment
 * @param {import("../core/types.js").Officer} officer
 * @param {RecordRow[]} records
 */
async function askStatus(environment, officer, records) {
  /** @type {Map<string, {known: boolean, missing_files: string[]}>} */
  const held = new Map();
  let restored = false;
  for (let i = 0; i < records.length; i += AT_ONCE) {
    const asked = records.slice(i, i + AT_ONCE).map(({ id, sha256 }) => ({ id, sha256 }));
    const answer = await callApi(environment, "/records/status", { token: officer.token, json: { records: asked } });
    try {
      await checkStore({ environment, db: environment.officer(officer.id) }, answer.store_id);
    } catch (error) {
      if (!(error instanceof StoreChanged)) throw error;
      restored = true;
    }
    if (!Array.isArray(answer.records)) throw new Failure("unexpected", { code: "status.malformed" });
    for (const said of answer.records) {
      held.set(String(said.sha256), { known: said.known === true, missing_files: Array.isArray(said.missing_files) ? said.missing_files.map(String) : [] });
    }
  }
  return { held, restored };
}
