// @ts-check
/**
 * Counts what is unsent on the whole phone, officer by officer, for the pill. The last contact is
 * told in the phone's own time, so that "ago" is right on a phone whose clock is wrong.
 */
import { phoneInstant } from "../core/clock.js";
import { listOfficers, readClock } from "../storage/device.js";
import { readMeta } from "../storage/meta.js";
import { countUnsent } from "../storage/visits.js";

/** @typedef {import("../core/types.js").OfficerStatus} OfficerStatus */

/**
 * @param {import("./environment.js").Environment} environment
 * @param {import("./status.js").StatusStore} status
 */
export async function countAll(environment, status) {
  /** @type {Object<string, OfficerStatus>} */
  const officers = {};
  const clock = await readClock(environment.device);
  for (const officer of await listOfficers(environment.device)) {
    const db = environment.officer(officer.id);
    const [unsent, contact] = await Promise.all([countUnsent(db), readMeta(db, "last_contact_at", /** @type {string|null} */ (null))]);
    officers[officer.id] = { unsent_records: unsent.records, unsent_files: unsent.files, needs_code: officer.state === "needs_code", last_contact_at: contact === null ? null : phoneInstant(clock, contact) };
  }
  const all = Object.values(officers);
  const contacts = all.map((officer) => officer.last_contact_at).filter((at) => at !== null).sort();
  status.set({
    officers,
    unsent_records: all.reduce((sum, officer) => sum + officer.unsent_records, 0),
    unsent_files: all.reduce((sum, officer) => sum + officer.unsent_files, 0),
    last_contact_at: contacts.at(-1) ?? null,
  });
}
