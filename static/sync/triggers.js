// @ts-check
/**
 * When to sync: at start, after a save (once undo is over), when the network or the officer
 * comes back, on the button, by timer, and when the worker hears of the network. The page owns
 * the sync; Background Sync is only a bonus, since it gives up after three tries.
 */
import { listenToConnection } from "../device/connection.js";
import { isVisible, whenVisible } from "../device/visibility.js";
import { listOfficers } from "../storage/device.js";
import { onStorageChange } from "../storage/database.js";
import { nextRelease } from "../storage/outbox.js";
import { closesTheWay } from "./failure.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("./runner.js").Sync} Sync */

/** After a run that went well: what is still unsent waits for Wi-Fi or for the office. */
const UNSENT_EVERY_MS = 5 * 60_000;
const HIDDEN_EVERY_MS = 60_000;
const IDLE_EVERY_MS = 15 * 60_000;
/** Two triggers within this time are one. */
const CLOSE_MS = 2_000;
/** Writes come in swarms while sending; count once after them. */
const COUNT_AFTER_MS = 200;

/**
 * Start syncing by itself.
 * @param {Sync} sync
 * @param {Environment} environment
 * @returns {{request: (reason: "button"|"resume"|"save"|"online"|"visible"|"start"|"worker") => void, finish: () => Promise<void>, stop: () => void}}
 *   `finish`: run now and wait until that ended; unlike the button it leaves photos to the Wi-Fi switch
 */
export function startTriggers(sync, environment) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let counting;
  let lastRun = -Infinity;
  let stopped = false;

  /** @param {number} ms */
  const wakeIn = (ms) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => (isVisible() ? void go("timer") : wakeIn(HIDDEN_EVERY_MS)), Math.max(50, ms));
  };

  /** @param {string} reason */
  const go = async (reason) => {
    if (stopped) return;
    lastRun = environment.now();
    await sync.run(reason).catch(() => undefined);
    // the browser's own wake-up is used up by each event; online it would come at once
    if (sync.status.get().failure && !environment.online()) askBackgroundSync();
    await plan();
  };

  const plan = async () => {
    const status = sync.status.get();
    const now = environment.now();
    if (status.paused_at !== null) return wakeIn(IDLE_EVERY_MS);
    const retry = status.next_try_ms === null ? Infinity : status.next_try_ms - now;
    if (status.failure && closesTheWay(status.failure.kind)) return wakeIn(retry);
    const release = await soonestRelease(environment, Number.isFinite(lastRun) ? lastRun : now).catch(() => null);
    const soonest = Math.min(retry, release === null ? Infinity : release - now + 100);
    if (soonest < Infinity) return wakeIn(soonest);
    wakeIn(status.unsent_records + status.unsent_files > 0 ? UNSENT_EVERY_MS : IDLE_EVERY_MS);
  };

  /** @param {string} reason */
  const request = (reason) => {
    if (reason === "save") {
      askBackgroundSync();
      void sync.refresh().then(plan, plan);
      return;
    }
    const status = sync.status.get();
    const asked = reason === "button" || reason === "resume";
    if (status.paused_at !== null && !asked) return;
    const told = status.failure?.kind === "busy" && status.next_try_ms !== null && status.next_try_ms > environment.now();
    const close = Math.abs(environment.now() - lastRun) < CLOSE_MS;
    if (asked || !(told || close || (reason === "start" && mustWait(status)))) void go(reason);
    else if (reason === "start") void plan();
  };

  /**
   * A reload does not cut a back-off short; a network that came back since does.
   * @param {import("../core/types.js").SyncStatus} status
   */
  const mustWait = (status) => {
    if (status.next_try_ms === null || status.next_try_ms <= environment.now()) return false;
    return !(status.failure?.offline && environment.online());
  };

  const worker = navigator.serviceWorker;
  /** @param {MessageEvent} event */
  const hear = (event) => {
    if (event.data?.type === "outbox") request("worker");
  };
  worker?.addEventListener("message", hear);
  const stops = [
    listenToConnection(() => request("online")),
    whenVisible(() => request("visible")),
    onStorageChange(({ stores }) => {
      if (!stores.includes("records") && !stores.includes("files")) return;
      clearTimeout(counting);
      counting = setTimeout(() => void sync.refresh().catch(() => undefined), COUNT_AFTER_MS);
    }),
    () => clearTimeout(counting),
    () => worker?.removeEventListener("message", hear),
  ];
  askBackgroundSync();
  request("start");
  return {
    request,
    finish: () => go("tally"),
    stop() {
      stopped = true;
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}

/** @param {Environment} environment @param {number} sinceMs when the last run began */
async function soonestRelease(environment, sinceMs) {
  const times = [];
  for (const officer of await listOfficers(environment.device)) {
    const release = await nextRelease(environment.officer(officer.id), environment.now(), sinceMs);
    if (release !== null) times.push(release);
  }
  return times.length ? Math.min(...times) : null;
}

/** Where there is Background Sync, have the worker told when a network comes. */
function askBackgroundSync() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.ready
    .then((registration) => /** @type {any} */ (registration).sync?.register("outbox"))
    .catch(() => undefined);
}
