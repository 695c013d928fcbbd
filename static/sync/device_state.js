// @ts-check
/** What the phone says of itself with every batch: counts, storage, clock, readiness. */
import { toInstant } from "../core/instants.js";
import { readSetting } from "../storage/device.js";
import { readMeta, writeMeta } from "../storage/meta.js";
import { countUnsent } from "../storage/visits.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */

/**
 * @param {OfficerRun} run
 * @returns {Promise<Object<string, unknown>>}
 */
export async function deviceState(run) {
  const { environment } = run;
  const [unsent, storage, readiness] = await Promise.all([countUnsent(run.db), environment.storage(), readSetting(environment.device, "readiness", null)]);
  const failure = run.status.get().failure;
  return {
    unsent_records: unsent.records,
    unsent_files: unsent.files,
    persisted: storage.persisted,
    free_bytes: storage.free_bytes,
    clock: toInstant(environment.now()),
    app_version: environment.app_version,
    model: environment.model,
    last_error: failure ? (failure.code ?? failure.kind) : null,
    readiness,
  };
}

/**
 * What of a state is news for the office: not the clock, which ticks anyway.
 * @param {Object<string, unknown>} state
 */
function news(state) {
  return JSON.stringify({ ...state, clock: null, free_bytes: null });
}

/** Remember what the office was told. @param {OfficerRun} run @param {Object<string, unknown>} state */
export function rememberTold(run, state) {
  return writeMeta(run.db, "told_state", news(state));
}

/** Whether the office has not been told this yet. @param {OfficerRun} run @param {Object<string, unknown>} state */
export async function isNews(run, state) {
  return (await readMeta(run.db, "told_state", "")) !== news(state);
}
