// @ts-check
/**
 * One sync run at a time, for every officer on this phone with that officer's own token: text,
 * thumbnails, photos, then what changed at the office. Nothing leaves the phone's store here
 * except by the outbox's own rules.
 */
import { StorageBroken, StorageFull } from "../storage/database.js";
import { listOfficers } from "../storage/device.js";
import { resumeEnrolments } from "./enrol.js";
import { exchangeAs } from "./exchange.js";
import { Failure, Halted } from "./failure.js";
import { greet } from "./greet.js";
import { freshLink, isFresh } from "./link.js";
import { endPause, keepPause, readPause } from "./pause.js";
import { factsOf, keepRetry, readRetry } from "./retry.js";
import { createStatus } from "./status.js";
import { countAll } from "./unsent.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("./status.js").StatusStore} StatusStore */
/** @typedef {{failure: Failure, officer_id: string|null}} Trouble */

/**
 * @typedef {Object} Sync
 * @property {StatusStore} status
 * @property {(reason: string) => Promise<void>} run  "button" is the officer's own wish: it waits for
 *   no back-off and sends photos on any network
 * @property {() => Promise<void>} refresh  only reads again how things stand
 * @property {() => Promise<void>} pause    stops what is under way; everything stays on the phone
 * @property {() => Promise<void>} resume   ends the pause; the next run is the caller's to ask for
 */

/** Reasons of the officer's own: another tab's failure a moment ago is no answer to them. */
const ASKED = new Set(["button", "resume", "tally"]);

/** What this page keeps from run to run. @typedef {{link: import("./link.js").Link, believed_at: number|null, halt: AbortController, told: number}} Line */

/**
 * The sync of this page.
 * @param {Environment} environment
 * @returns {Sync}
 */
export function createSync(environment) {
  const status = createStatus();
  /** @type {Line} */
  const line = { link: freshLink(environment.connection(), environment.monotonic()), believed_at: null, halt: new AbortController(), told: 0 };
  /** @type {Promise<void>|null} */
  let running = null;
  /** @type {string|null} a reason that came while a run was under way */
  let next = null;

  /** @param {string} reason @param {number} askedMs */
  async function runAll(reason, askedMs) {
    // another tab tried while this one waited for its turn
    const tried = (await readRetry(environment).catch(() => null))?.failed_ms ?? -Infinity;
    if (!ASKED.has(reason) && tried > askedMs) return refresh();
    for (let why = /** @type {string|null} */ (reason); why !== null; ) {
      if (await isPaused()) return refresh();
      const trouble = await runOnce(environment, status, line, why === "button");
      await conclude(environment, status, line, trouble);
      why = trouble !== "halted" && trouble?.failure.closesTheWay ? null : next;
      next = null;
    }
  }

  async function isPaused() {
    const since = await readPause(environment.device).catch(() => null);
    if (since === null && line.halt.signal.aborted) line.halt = new AbortController();
    return since !== null;
  }

  async function refresh() {
    const { told } = line;
    const [retry, paused_at] = await Promise.all([readRetry(environment), readPause(environment.device), countAll(environment, status)]);
    // a run that ended meanwhile, or a pause, knows better than what was read before it
    if (told !== line.told) return;
    status.set({ failure: retry?.failure ?? null, next_try_ms: retry?.next_try_ms ?? null, paused_at });
  }

  /** @param {string} reason @returns {Promise<void>} */
  function run(reason) {
    if (running) {
      next = next === "button" ? next : reason;
      return running;
    }
    next = null;
    const askedMs = environment.now();
    running = environment.exclusively(() => runAll(reason, askedMs)).finally(() => {
      running = null;
    });
    return running;
  }

  return {
    status,
    refresh,
    run,
    async pause() {
      const since = await keepPause(environment.device, environment.now());
      line.halt.abort();
      line.told += 1;
      status.set({ paused_at: since });
    },
    async resume() {
      await endPause(environment.device);
      line.told += 1;
      status.set({ paused_at: null });
    },
  };
}

/**
 * @param {Environment} environment
 * @param {StatusStore} status
 * @param {Line} line
 * @param {boolean} force
 * @returns {Promise<Trouble|"halted"|null>} the first thing that went wrong
 */
async function runOnce(environment, status, line, force) {
  /** @type {Trouble|null} */
  let first = null;
  status.set({ phase: "connecting", done: 0, total: 0, photos_waiting_for_wifi: 0, moved_ms: environment.now(), paused_at: null });
  if (!isFresh(line.link, environment.connection(), environment.monotonic())) line.link = freshLink(environment.connection(), environment.monotonic());
  line.link.arrived = 0;
  const halt = line.halt.signal;
  try {
    const greeting = await greet(environment, { halt, believed_at: line.believed_at });
    line.believed_at = greeting.believed_at;
    await resumeEnrolments(environment);
    for (const officer of await listOfficers(environment.device)) {
      const run = { environment, db: environment.officer(officer.id), officer, force, status, link: line.link, halt, server_now: greeting.server_now };
      const failure = await exchangeAs(run, greeting).catch((error) => asFailure(error));
      if (failure) first ??= { failure, officer_id: officer.id };
      if (failure?.closesTheWay) break;
    }
  } catch (error) {
    if (error instanceof Halted) return "halted";
    first ??= { failure: asFailure(error), officer_id: null };
  }
  return first;
}

/**
 * Say how the run ended, in one step: an error's text stays until a run went well.
 * @param {Environment} environment
 * @param {StatusStore} status
 * @param {Line} line
 * @param {Trouble|"halted"|null} trouble
 */
async function conclude(environment, status, line, trouble) {
  await countAll(environment, status).catch(() => undefined);
  if (trouble === "halted") return status.set({ phase: "idle", paused_at: await readPause(environment.device).catch(() => null) });
  const failure = trouble?.failure ?? null;
  const officer_id = trouble?.officer_id ?? null;
  try {
    const retry = await keepRetry(environment, failure, officer_id, line.link.arrived > 0);
    line.told += 1;
    status.set({ phase: "idle", failure: retry?.failure ?? null, next_try_ms: retry?.next_try_ms ?? null });
  } catch {
    // a phone that cannot even keep this says it all the same
    const told = failure ?? new Failure("storage_broken");
    status.set({ phase: "idle", failure: factsOf(environment, told, officer_id), next_try_ms: environment.now() + 60_000 });
  }
}

/** @param {unknown} error @returns {Failure} throws Halted on */
export function asFailure(error) {
  if (error instanceof Halted) throw error;
  if (error instanceof Failure) return error;
  if (error instanceof StorageFull) return new Failure("storage_full", { cause: error });
  if (error instanceof StorageBroken) return new Failure("storage_broken", { cause: error });
  return new Failure("unexpected", { code: error instanceof Error ? error.name : "unknown", message: error instanceof Error ? error.message : null, cause: error });
}
