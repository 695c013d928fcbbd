// @ts-check
/** The screens' one way to the sync room: start it, ask for a run, enrol, fetch a photo. */
import { phoneModel } from "../device/install.js";
import { enrol } from "../sync/enrol.js";
import { browserEnvironment } from "../sync/environment.js";
import { fetchFile } from "../sync/fetch_file.js";
import { createSync } from "../sync/runner.js";
import { startTriggers } from "../sync/triggers.js";
import { listOfficers, openDevice } from "../storage/device.js";
import { appVersion } from "./begin.js";
import { officer, officers, sync } from "./state.js";

/** @type {{environment: import("../sync/environment.js").Environment, sync: import("../sync/runner.js").Sync, request: ReturnType<typeof startTriggers>["request"]}|null} */
let line = null;

/** Start sending and receiving by itself. Call once. */
export async function startSync() {
  const environment = browserEnvironment({ app_version: appVersion(), model: await phoneModel() });
  const made = createSync(environment);
  made.status.subscribe((status) => {
    sync.value = status;
    // a run may find out that an officer needs a new code
    if (status.phase === "idle") listOfficers(openDevice()).then((found) => { officers.value = found; }, () => undefined);
  });
  await made.refresh().catch(() => undefined);
  line = { environment, sync: made, request: startTriggers(made, environment).request };
}

/** @param {"button"|"save"|"online"|"visible"|"start"} reason */
export function runSync(reason) {
  line?.request(reason);
}

/** @param {string} code @returns {Promise<import("../sync/enrol.js").EnrolResult>} storage errors are thrown */
export async function enrolByCode(code) {
  if (!line) await startSync();
  return enrol(/** @type {NonNullable<typeof line>} */ (line).environment, { code });
}

/** A photo of an own visit from the server. @param {string} sha256 @param {string} kind @returns {Promise<Blob|null>} */
export async function fetchOwnFile(sha256, kind) {
  if (!line || !officer.value) return null;
  const { type, data } = await fetchFile(line.environment, officer.value, sha256, /** @type {"photo"|"thumbnail"} */ (kind));
  return new Blob([data], { type });
}

/** What the sync room works with, for the day's tally. */
export const syncEnvironment = () => line?.environment ?? null;
