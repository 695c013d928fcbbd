// @ts-check
/**
 * One sync run at a time, for every officer on this phone with that officer's own token: text,
 * thumbnails, photos, then what changed at the office. Nothing leaves the phone's store here
 * except by the outbox's own rules.
 */
import { estimateClock } from "../core/clock.js";
import { backoffMs } from "../core/backoff.js";
import { toInstant } from "../core/instants.js";
import { StorageBroken, StorageFull } from "../storage/database.js";
import { listOfficers, updateOfficer, writeSetting } from "../storage/device.js";
import { readMeta, writeMeta } from "../storage/meta.js";
import { tidy } from "../storage/retention.js";
import { callApi } from "./api.js";
import { resumeEnrolments } from "./enrol.js";
import { Failure } from "./failure.js";
import { checkStore, note, serverNow, StoreChanged } from "./officer_run.js";
import { receiveChanges } from "./receive.js";
import { restorePhotos } from "./restore_photos.js";
import { sendFiles } from "./send_files.js";
import { sendRecords, tellState } from "./send_records.js";
import { createStatus } from "./status.js";
import { countAll } from "./unsent.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {import("../core/types.js").Officer} Officer */
/** @typedef {import("./status.js").StatusStore} StatusStore */
/** @typedef {{status: StatusStore, run: (reason: string) => Promise<void>, refresh: () => Promise<void>}} Sync */

/**
 * The sync of this page.
 * @param {Environment} environment
 * @returns {Sync} `run("button")` is the officer's own wish: it waits for no back-off and sends
 *   photos on any network; `refresh` only counts again
 */
export function createSync(environment) {
  const status = createStatus();
  /** @type {Promise<void>|null} */
  let running = null;
  /** @type {string|null} a reason that came while a run was under way */
  let next = null;
  let failures = 0;

  /** @param {string} reason */
  async function runAll(reason) {
    for (let why = /** @type {string|null} */ (reason); why !== null; ) {
      next = null;
      const failure = await runOnce(environment, status, why === "button");
      failures = failure ? failures + 1 : 0;
      const wait = failure ? backoffMs(failures, environment.random, failure.retry_after_s) : null;
      status.set({ next_try_ms: wait === null ? null : environment.now() + wait });
      why = failure?.closesTheWay ? null : next;
    }
  }

  return {
    status,
    refresh: () => countAll(environment, status),
    run(reason) {
      if (running) {
        next = next === "button" ? next : reason;
        return running;
      }
      running = environment.exclusively(() => runAll(reason)).finally(() => {
        running = null;
      });
      return running;
    },
  };
}

/**
 * @param {Environment} environment
 * @param {StatusStore} status
 * @param {boolean} force
 * @returns {Promise<Failure|null>} the first thing that went wrong
 */
async function runOnce(environment, status, force) {
  /** @type {{failure: Failure, officer_id: string|null}|null} */
  let first = null;
  status.set({ phase: "connecting", done: 0, total: 0, photos_waiting_for_wifi: 0 });
  try {
    const { offset, storeId } = await greet(environment);
    await resumeEnrolments(environment);
    for (const officer of await listOfficers(environment.device)) {
      const run = { environment, db: environment.officer(officer.id), officer, force, status, server_offset_ms: offset };
      const failure = await runOfficer(run, storeId);
      if (failure) first ??= { failure, officer_id: officer.id };
      if (failure?.closesTheWay) break;
    }
  } catch (error) {
    first ??= { failure: asFailure(error), officer_id: null };
  }
  const failed = first?.failure ?? null;
  await countAll(environment, status).catch(() => undefined);
  status.set({
    phase: "idle",
    failure: first && failed ? { kind: failed.kind, code: failed.code, message: failed.text, officer_id: first.officer_id } : null,
  });
  return failed;
}

/**
 * Ask the server who it is: the online test, the clock and the store in one small answer.
 * @param {Environment} environment
 */
async function greet(environment) {
  const sent = environment.now();
  const body = await callApi(environment, "/ping");
  if (body.name !== "Jejak Sinyal") throw new Failure("captive_portal");
  const clock = estimateClock(sent, environment.now(), String(body.time));
  if (clock) await writeSetting(environment.device, "clock", clock);
  return { offset: clock?.server_offset_ms ?? 0, storeId: body.store_id };
}

/** @param {unknown} error */
function asFailure(error) {
  if (error instanceof Failure) return error;
  if (error instanceof StorageFull) return new Failure("storage_full", { cause: error });
  if (error instanceof StorageBroken) return new Failure("storage_broken", { cause: error });
  return new Failure("unexpected", { code: error instanceof Error ? error.name : "unknown", message: error instanceof Error ? error.message : null, cause: error });
}

/**
 * One officer's part; what goes wrong for him does not stop the others.
 * @param {OfficerRun} run
 * @param {unknown} storeId
 * @returns {Promise<Failure|null>}
 */
async function runOfficer(run, storeId) {
  try {
    // A restored server fills the outbox again; twice in one run would be a server that changes.
    for (let again = 0; ; again += 1) {
      try {
        if (again === 0) await checkStore(run, storeId);
        await exchange(run);
        return null;
      } catch (error) {
        if (!(error instanceof StoreChanged) || again >= 2) throw error;
      }
    }
  } catch (error) {
    const failure = asFailure(error);
    await note(run, "failed", { kind: failure.kind, code: failure.code, status: failure.status });
    if (failure.kind === "needs_code") await updateOfficer(run.environment.device, run.officer.id, { state: "needs_code" }, run.officer.token).catch(() => undefined);
    return failure;
  }
}

/** @param {OfficerRun} run */
async function exchange(run) {
  if (run.officer.state === "needs_code") {
    // A small question first: a revoked phone should not carry its whole outbox to the door.
    await receiveChanges(run);
    await updateOfficer(run.environment.device, run.officer.id, { state: "active" }, run.officer.token);
  }
  await countAll(run.environment, run.status);
  run.status.set({ phase: "sending_records", done: 0, total: run.status.get().officers[run.officer.id]?.unsent_records ?? 0 });
  await sendRecords(run);
  run.status.set({ phase: "sending_files" });
  const stopped = await keep(() => sendFiles(run));
  if (stopped instanceof StoreChanged || (stopped instanceof Failure && stopped.closesTheWay)) throw stopped;
  run.status.set({ phase: "receiving" });
  await receiveChanges(run);
  await tellState(run);
  await restorePhotos(run);
  await tidyDaily(run);
  if (stopped) throw stopped;
}

/** Make room once a day, by the server's clock. @param {OfficerRun} run */
async function tidyDaily(run) {
  const day = toInstant(serverNow(run)).slice(0, 10);
  if ((await readMeta(run.db, "tidied_on", "")) === day) return;
  await tidy(run.db, serverNow(run));
  await writeMeta(run.db, "tidied_on", day);
}

/** @param {() => Promise<void>} work @returns {Promise<unknown>} the error, or null */
async function keep(work) {
  try {
    await work();
    return null;
  } catch (error) {
    return error;
  }
}
