// @ts-check
/**
 * Carries one file to the server, chunk by chunk, from the byte the server has. Believes only
 * answers that bear the wire's own headers: a portal's "200 OK" completes nothing.
 */
import { sha256Hex } from "../core/digest.js";
import { toInstant } from "../core/instants.js";
import { reference } from "../core/reference.js";
import { readUpload, updateUpload } from "../storage/upload_queue.js";
import { readJson } from "./api.js";
import { Failure, failureOf, isOurs } from "./failure.js";
import { askOffset, offsetIn, sendChunk } from "./file_requests.js";
import { note, serverNow } from "./officer_run.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** How big the next chunk is, how many files travel at once, and by which method. @typedef {{bytes: number, lanes: number, method: "PUT"|"POST"}} Pace */

const QUICK_MS = 4_000;
const SLOW_MS = 15_000;
/** Answers that move nothing forward, before the file waits for another run. */
const MOST_TURNS = 4;

/** @returns {[number, number]} smallest and largest chunk, bytes */
function chunkBounds() {
  const bounds = reference().wire?.chunk_bytes;
  return Array.isArray(bounds) ? [bounds[0], bounds[1]] : [64_000, 256_000];
}

/** @returns {Pace} */
export function firstPace() {
  return { bytes: chunkBounds()[0], lanes: 3, method: "PUT" };
}

/** @param {Pace} pace @param {number} tookMs */
function adapt(pace, tookMs) {
  const [smallest, largest] = chunkBounds();
  if (tookMs < QUICK_MS) pace.bytes = Math.min(largest, pace.bytes * 2);
  if (tookMs > SLOW_MS) {
    pace.bytes = Math.max(smallest, pace.bytes / 2);
    pace.lanes = 1;
  }
}

/**
 * Send a file. Throws a Failure when the way is closed; everything else is written down at the
 * file: sent, refused, damaged.
 * @param {OfficerRun} run
 * @param {StoredFile} file
 * @param {Pace} pace
 * @returns {Promise<boolean>} whether the server has all of it
 */
export async function uploadFile(run, file, pace) {
  const data = await readUpload(run.db, file.sha256);
  if (!data) {
    await updateUpload(run.db, file.sha256, { state: "lost" });
    await note(run, "file_lost", { sha256: file.sha256 });
    return false;
  }
  try {
    return await carry(run, file, data, pace);
  } catch (error) {
    // The server may have more than it could say: ask it before the next chunk.
    await updateUpload(run.db, file.sha256, { tries: file.tries + 1 });
    if (!(error instanceof Failure) || error.kind !== "refused") throw error;
    await updateUpload(run.db, file.sha256, { state: "refused", refusal: error.code });
    await note(run, "file_refused", { sha256: file.sha256, code: error.code });
    return false;
  }
}

/** @param {OfficerRun} run @param {StoredFile} file @param {ArrayBuffer} data @param {Pace} pace */
async function carry(run, file, data, pace) {
  const length = data.byteLength;
  let offset = file.tries > 0 || file.offset > 0 ? await askOffset(run, file) : 0;
  for (let turns = 0; turns < MOST_TURNS; ) {
    if (offset >= length) return finish(run, file);
    const started = run.environment.now();
    const response = await sendChunk(run, file, data, { offset, bytes: pace.bytes, method: pace.method });
    const said = offsetIn(response);
    if ((response.status === 200 || response.status === 201) && said === length) return finish(run, file);
    if (response.status === 204 && said !== null && said > offset && said <= length) {
      adapt(pace, run.environment.now() - started);
      offset = said;
      turns = 0;
      await updateUpload(run.db, file.sha256, { offset });
      continue;
    }
    turns += 1;
    if (response.status === 409) offset = said !== null && said <= length ? said : await askOffset(run, file);
    else if (response.status === 422 && (await isWhole(run, file, data))) offset = 0;
    else if (response.status === 422) return false;
    else if (response.ok) throw new Failure("captive_portal", { status: response.status });
    else await blocked(response, pace);
  }
  await note(run, "file_stuck", { sha256: file.sha256 });
  return false;
}

/** A proxy that blocks PUT gets POST; everything else is a Failure. @param {Response} response @param {Pace} pace */
async function blocked(response, pace) {
  const body = await readJson(response);
  const byProxy = !isOurs(body) && [403, 405, 501].includes(response.status);
  if (!byProxy || pace.method === "POST") throw failureOf(response, body);
  pace.method = "POST";
}

/** @param {OfficerRun} run @param {StoredFile} file */
async function finish(run, file) {
  await updateUpload(run.db, file.sha256, { state: "sent", sent_at: toInstant(serverNow(run)), offset: file.bytes, tries: 0, refusal: null });
  return true;
}

/** After a wrong hash: are our own bytes still right? @param {OfficerRun} run @param {StoredFile} file @param {ArrayBuffer} data */
async function isWhole(run, file, data) {
  if ((await sha256Hex(data)) === file.sha256) return true;
  await updateUpload(run.db, file.sha256, { state: "damaged" });
  await note(run, "file_damaged", { sha256: file.sha256 });
  return false;
}
