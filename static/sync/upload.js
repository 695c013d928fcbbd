// @ts-check
/**
 * Carries one file to the server, chunk by chunk, from the byte the server has. Believes only
 * answers that bear the wire's own headers: a portal's "200 OK" completes nothing.
 */
import { sha256Hex } from "../core/digest.js";
import { toInstant } from "../core/instants.js";
import { readUpload, updateUpload } from "../storage/upload_queue.js";
import { Failure, failureOf, isOurs } from "./failure.js";
import { askOffset, METHOD_BLOCKED, offsetIn, sendChunk } from "./file_requests.js";
import { chunkArrived, chunkCapped, chunkLost } from "./link.js";
import { note } from "./officer_run.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** @typedef {{body: ArrayBuffer, offset: number, length: number, method: "PUT"|"POST"}} Chunk */

/** Turns that move nothing forward, before the file waits for another run. */
const MOST_TURNS = 4;

/**
 * Send a file. Throws a Failure when the way is closed or nothing passes it; everything else is
 * written down at the file: sent, refused, damaged.
 * @param {OfficerRun} run
 * @param {StoredFile} file
 * @returns {Promise<boolean>} whether the server has all of it
 */
export async function uploadFile(run, file) {
  const data = await readUpload(run.db, file.sha256);
  if (!data) {
    await updateUpload(run.db, file.sha256, { state: "lost" });
    await note(run, "file_lost", { sha256: file.sha256 });
    return false;
  }
  try {
    return await carry(run, file, data);
  } catch (error) {
    // The server may have more than it could say: ask it before the next chunk.
    await updateUpload(run.db, file.sha256, { tries: file.tries + 1 });
    if (!(error instanceof Failure) || error.kind !== "refused") throw error;
    await updateUpload(run.db, file.sha256, { state: "refused", refusal: error.code });
    await note(run, "file_refused", { sha256: file.sha256, code: error.code });
    return false;
  }
}

/** @param {OfficerRun} run @param {StoredFile} file @param {ArrayBuffer} data */
async function carry(run, file, data) {
  const { link, environment } = run;
  const length = data.byteLength;
  let offset = file.tries > 0 || file.offset > 0 ? await askOffset(run, file) : 0;
  for (let turns = 0; turns < MOST_TURNS; ) {
    if (offset >= length) return finish(run, file);
    /** @type {Chunk} */
    const chunk = { body: data.slice(offset, offset + link.chunk_bytes), offset, length, method: link.method };
    const started = environment.monotonic();
    const answer = await sendChunk(run, file, chunk).catch((error) => lost(run, chunk, error));
    if (answer instanceof Failure) {
      // Cut off, and yet the server is there: what came over before stays, the rest goes on at once.
      const said = await askOffset(run, file);
      turns = said > offset ? 0 : turns + (answer.kind === "slow" ? 2 : 1);
      if (turns >= MOST_TURNS) throw answer;
      // a box that cuts PUT instead of refusing it lets the other method pass
      if (turns === 2 && link.method === chunk.method) link.method = chunk.method === "PUT" ? "POST" : "PUT";
      offset = said <= length ? said : 0;
      await updateUpload(run.db, file.sha256, { offset });
      continue;
    }
    const { response } = answer;
    const said = offsetIn(response);
    if ((response.status === 200 || response.status === 201) && said === length) return finish(run, file);
    if (response.status === 204 && said !== null && said > offset && said <= length) {
      chunkArrived(link, chunk.body.byteLength, environment.monotonic() - started);
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
    else if (await goRound(run, answer, chunk)) turns -= 1;
  }
  await note(run, "file_stuck", { sha256: file.sha256 });
  return false;
}

/** @param {OfficerRun} run @param {Chunk} chunk @param {unknown} error @returns {Failure} the cut; other errors are thrown */
function lost(run, chunk, error) {
  if (!(error instanceof Failure) || !error.cutOff) throw error;
  chunkLost(run.link, chunk.body.byteLength, { slow: error.kind === "slow" });
  return error;
}

/**
 * Somebody on the way, not our server, does not let a chunk through: POST instead of PUT, half of
 * it instead of all.
 * @param {OfficerRun} run
 * @param {import("./api.js").Answer} answer
 * @param {Chunk} chunk
 * @returns {Promise<boolean>} whether the next try is another one; throws a Failure when there is none
 */
async function goRound({ link }, answer, chunk) {
  const body = await answer.json();
  if (!isOurs(body)) {
    if (answer.response.status === 413 && chunkCapped(link, chunk.body.byteLength)) return true;
    if (METHOD_BLOCKED.has(answer.response.status) && chunk.method === "PUT") {
      link.method = "POST";
      return true;
    }
  }
  throw failureOf(answer.response, body);
}

/** @param {OfficerRun} run @param {StoredFile} file */
async function finish(run, file) {
  run.link.arrived += 1;
  await updateUpload(run.db, file.sha256, { state: "sent", sent_at: toInstant(run.server_now()), offset: file.bytes, tries: 0, refusal: null });
  return true;
}

/** After a wrong hash: are our own bytes still right? @param {OfficerRun} run @param {StoredFile} file @param {ArrayBuffer} data */
async function isWhole(run, file, data) {
  if ((await sha256Hex(data)) === file.sha256) return true;
  await updateUpload(run.db, file.sha256, { state: "damaged" });
  await note(run, "file_damaged", { sha256: file.sha256 });
  return false;
}
