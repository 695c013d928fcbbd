// @ts-check
/** One officer's part of a run: records, files, news of the office, room. */
import { toInstant } from "../core/instants.js";
import { updateOfficer, readClock } from "../storage/device.js";
import { readMeta, writeMeta } from "../storage/meta.js";
import { PHOTO_DAYS, tidy } from "../storage/retention.js";
import { Failure, Halted } from "./failure.js";
import { checkStore, note, StoreChanged } from "./officer_run.js";
import { receiveChanges } from "./receive.js";
import { restorePhotos } from "./restore_photos.js";
import { sendFiles } from "./send_files.js";
import { sendRecords, tellState } from "./send_records.js";
import { countAll } from "./unsent.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */

const DAY_MS = 24 * 3600_000;

/**
 * Exchange everything with the server as this officer; what goes wrong for him does not stop the
 * others.
 * @param {OfficerRun} run
 * @param {{store_id: unknown}} greeting
 * @returns {Promise<Failure|null>} other errors are thrown
 */
export async function exchangeAs(run, { store_id }) {
  try {
    // A restored server fills the outbox again; twice in one run would be a server that changes.
    for (let again = 0; ; again += 1) {
      try {
        if (again === 0) await checkStore(run, store_id);
        await exchange(run);
        return null;
      } catch (error) {
        if (!(error instanceof StoreChanged) || again >= 2) throw error;
      }
    }
  } catch (error) {
    if (error instanceof Halted) throw error;
    const [kind, code, status] = error instanceof Failure ? [error.kind, error.code, error.status] : ["error", error instanceof Error ? error.name : "unknown", 0];
    await note(run, "failed", { kind, code, status });
    if (!(error instanceof Failure)) throw error;
    if (kind === "needs_code") await updateOfficer(run.environment.device, run.officer.id, { state: "needs_code" }, run.officer.token).catch(() => undefined);
    return error;
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
  const held = await keep(() => sendRecords(run));
  run.status.set({ phase: "sending_files" });
  const stopped = await keep(() => sendFiles(run));
  run.status.set({ phase: "receiving" });
  await receiveChanges(run);
  await tellState(run);
  await restorePhotos(run);
  await tidyDaily(run);
  if (held ?? stopped) throw held ?? stopped;
}

/**
 * Go on after what does not close the way: a photo that nobody takes is no reason not to read
 * what the office says.
 * @param {() => Promise<void>} work
 * @returns {Promise<Failure|null>}
 */
async function keep(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof Failure && !error.closesTheWay && error.kind !== "needs_code") return error;
    throw error;
  }
}

/**
 * Make room once a day, by the server's clock, and only while that and the phone's have gone
 * together for as long as a photo stays: neither of them alone, set to 2099, cleans anything up.
 * @param {OfficerRun} run
 */
async function tidyDaily(run) {
  const { environment, db } = run;
  const day = toInstant(run.server_now()).slice(0, 10);
  if ((await readMeta(db, "tidied_on", "")) === day) return;
  const clock = await readClock(environment.device);
  if (clock.doubt || clock.steady_since_ms === null || environment.now() - clock.steady_since_ms < PHOTO_DAYS * DAY_MS) return;
  await tidy(db, run.server_now());
  await writeMeta(db, "tidied_on", day);
}
