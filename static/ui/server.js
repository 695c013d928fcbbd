// @ts-check
/**
 * The screens' one way to the sync room: start it, ask for a run, enrol, fetch a photo. The room
 * itself is loaded after the first screen stands.
 */
import { phoneModel } from "../device/install.js";
import { listOfficers, openDevice } from "../storage/device.js";
import { appVersion } from "./begin.js";
import { officer, officers, sync } from "./state.js";

/** @typedef {ReturnType<typeof import("../sync/triggers.js").startTriggers>} Triggers */
/** @type {{environment: import("../sync/environment.js").Environment, sync: import("../sync/runner.js").Sync, request: Triggers["request"], finish: Triggers["finish"]}|null} */
let line = null;

/** Start sending and receiving by itself. Call once. */
export async function startSync() {
  const [{ browserEnvironment }, { createSync }, { startTriggers }] = await Promise.all([import("../sync/environment.js"), import("../sync/runner.js"), import("../sync/triggers.js")]);
  const environment = browserEnvironment({ app_version: appVersion(), model: await phoneModel() });
  const made = createSync(environment);
  // Before its first count the room knows of nothing unsent, which is not "all sent".
  await made.refresh().catch(() => undefined);
  made.status.subscribe((status) => {
    sync.value = status;
    // a run may find out that an officer needs a new code
    if (status.phase === "idle") listOfficers(openDevice()).then((found) => { officers.value = found; }, () => undefined);
  });
  const { request, finish } = startTriggers(made, environment);
  line = { environment, sync: made, request, finish };
}

/** @param {"button"|"resume"|"save"|"online"|"visible"|"start"} reason */
export function runSync(reason) {
  line?.request(reason);
}

/** Run now and wait until it ended, well or not. */
export async function finishSync() {
  await line?.finish();
}

/** The officer's pause: everything stays on the phone until resumeSync(). */
export async function pauseSync() {
  await line?.sync.pause();
}

export async function resumeSync() {
  await line?.sync.resume();
  runSync("resume");
}

/** @param {string} code @returns {Promise<import("../sync/enrol.js").EnrolResult>} storage errors are thrown */
export async function enrolByCode(code) {
  const { enrol } = await import("../sync/enrol.js");
  if (!line) await startSync();
  return enrol(/** @type {NonNullable<typeof line>} */ (line).environment, { code });
}

/** A photo of an own visit from the server. @param {string} sha256 @param {string} kind @returns {Promise<Blob|null>} */
export async function fetchOwnFile(sha256, kind) {
  if (!line || !officer.value) return null;
  const { fetchFile } = await import("../sync/fetch_file.js");
  const { type, data } = await fetchFile(line.environment, officer.value, sha256, /** @type {"photo"|"thumbnail"} */ (kind));
  return new Blob([data], { type });
}

/** What the sync room works with, for the day's tally. */
export const syncEnvironment = () => line?.environment ?? null;
