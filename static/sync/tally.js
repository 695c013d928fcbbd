// @ts-check
/** The day-end tally: phone and office must count the same, and what is missing goes again. */
import { localDay } from "../core/instants.js";
import { requeueMissing, requeueRecords } from "../storage/outbox.js";
import { listSavedOn } from "../storage/visits.js";
import { callApi } from "./api.js";
import { Failure } from "./failure.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */

/**
 * @typedef {Object} Tally
 * @property {number} phone           records saved here on that day
 * @property {number} server          of these, held by the office
 * @property {StoredRecord[]} missing those it does not hold; they are in the outbox (again)
 * @property {number} files_missing   files of the day that the office does not have whole
 */

/** The wire takes at most a thousand at a time. */
const AT_ONCE = 500;

/**
 * Compare a day's records with the office.
 * @param {Environment} environment
 * @param {import("../core/types.js").Officer} officer
 * @param {string} day "2026-05-04"
 * @param {string} timeZone of the office
 * @returns {Promise<Tally>} throws a Failure
 */
export async function dayTally(environment, officer, day, timeZone) {
  const db = environment.officer(officer.id);
  const records = (await listSavedOn(db, day)).filter((record) => localDay(record.saved_at, timeZone) === day);
  /** @type {Map<string, {known: boolean, missing_files: string[]}>} */
  const held = new Map();
  for (let i = 0; i < records.length; i += AT_ONCE) {
    const asked = records.slice(i, i + AT_ONCE).map(({ id, sha256 }) => ({ id, sha256 }));
    const answer = await callApi(environment, "/records/status", { token: officer.token, json: { records: asked } });
    if (!Array.isArray(answer.records)) throw new Failure("unexpected", { code: "status.malformed" });
    for (const said of answer.records) {
      held.set(String(said.sha256), { known: said.known === true, missing_files: Array.isArray(said.missing_files) ? said.missing_files.map(String) : [] });
    }
  }
  const missing = records.filter((record) => !held.get(record.sha256)?.known);
  const files = [...new Set([...held.values()].flatMap((said) => (said.known ? said.missing_files : [])))];
  await requeueRecords(db, missing.map((record) => record.sha256));
  await requeueMissing(db, files);
  return { phone: records.length, server: records.length - missing.length, missing, files_missing: files.length };
}
