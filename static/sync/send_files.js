// @ts-check
/**
 * Sends files after the text: thumbnails first, then photos, the smallest first, over up to
 * three connections. "Photos on Wi-Fi only" holds back everything but thumbnails.
 */
import { readSetting } from "../storage/device.js";
import { listUploads } from "../storage/upload_queue.js";
import { fitFiles } from "./link.js";
import { uploadFile } from "./upload.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */

/**
 * Send what is queued.
 * @param {OfficerRun} run
 * @returns {Promise<void>} throws a Failure when the way is closed
 */
export async function sendFiles(run) {
  const uploads = await listUploads(run.db, run.environment.now(), { force: run.force });
  const thumbnails = uploads.filter((file) => file.kind === "thumbnail");
  const photos = uploads.filter((file) => file.kind !== "thumbnail");
  const wait = await mustWaitForWifi(run);
  run.status.set({ done: 0, total: thumbnails.length + (wait ? 0 : photos.length), photos_waiting_for_wifi: run.status.get().photos_waiting_for_wifi + (wait ? photos.length : 0) });
  fitFiles(run.link);
  await sendAll(run, thumbnails);
  if (!wait) await sendAll(run, photos);
}

/**
 * With the switch on, photos need Wi-Fi. Where the browser cannot tell the kind of network they
 * wait for the officer's own tap: a quota is not spent on a guess.
 * @param {OfficerRun} run
 */
async function mustWaitForWifi(run) {
  if (run.force || run.environment.connection() === "wifi") return false;
  return readSetting(run.environment.device, "wifi_only_photos", false);
}

/** @param {OfficerRun} run @param {StoredFile[]} files */
async function sendAll(run, files) {
  const queue = [...files];
  /** @type {unknown} */
  let stopped = null;
  /** @param {number} lane */
  const work = async (lane) => {
    while (!stopped && lane < run.link.lanes) {
      const file = queue.shift();
      if (!file) return;
      try {
        await uploadFile(run, file);
      } catch (error) {
        stopped ??= error;
        return;
      }
      run.status.set({ done: run.status.get().done + 1 });
    }
  };
  await Promise.all([work(0), work(1), work(2)]);
  if (stopped) throw stopped;
}
