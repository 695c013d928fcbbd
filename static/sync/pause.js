// @ts-check
/** The officer's pause: kept on the phone, so that it holds for every tab and over a restart. */
import { toInstant } from "../core/instants.js";
import { readSetting, writeSetting } from "../storage/device.js";

/** @typedef {import("../storage/database.js").Database} Database */

/** Since when the sending is paused; null: it is not. @param {Database} device @returns {Promise<string|null>} */
export function readPause(device) {
  return readSetting(device, "sending_paused_at", /** @type {string|null} */ (null));
}

/** @param {Database} device @param {number} nowMs @returns {Promise<string>} */
export async function keepPause(device, nowMs) {
  const since = (await readPause(device)) ?? toInstant(nowMs);
  await writeSetting(device, "sending_paused_at", since);
  return since;
}

/** @param {Database} device */
export function endPause(device) {
  return writeSetting(device, "sending_paused_at", null);
}
