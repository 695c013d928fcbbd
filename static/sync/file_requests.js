// @ts-check
/** The two requests of an upload: a chunk, and the question how much the server has. */
import { bearer, send } from "./api.js";
import { Failure, failureOf } from "./failure.js";
import { timeLimitMs } from "./link.js";
import { checkStore, moved, stopIfPaused } from "./officer_run.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */

/** Answers that a proxy gives to a method it does not let through. */
export const METHOD_BLOCKED = new Set([403, 405, 501]);

/**
 * Send a chunk.
 * @param {OfficerRun} run
 * @param {StoredFile} file
 * @param {{body: ArrayBuffer, offset: number, length: number, method: "PUT"|"POST"}} chunk POST where a proxy blocks PUT
 * @returns {Promise<import("./api.js").Answer>}
 */
export async function sendChunk(run, file, { body, offset, length, method }) {
  await stopIfPaused(run);
  const headers = {
    ...bearer(run.officer.token),
    "Content-Type": file.type,
    "Upload-Offset": String(offset),
    "Upload-Length": String(length),
    "X-File-Kind": file.kind,
  };
  const limit_ms = timeLimitMs(run.link, body.byteLength);
  const answer = await send(run.environment, `/files/${file.sha256}`, { method, headers, body }, { limit_ms, halt: run.halt });
  await checkStore(run, answer.response.headers.get("X-Store-Id"));
  if (answer.response.ok) moved(run);
  return answer;
}

/**
 * How many bytes the server has; 0 when it has never heard of the file.
 * @param {OfficerRun} run
 * @param {StoredFile} file
 * @returns {Promise<number>} as far as the phone knows where a proxy blocks the question
 */
export async function askOffset(run, file) {
  await stopIfPaused(run);
  const { response } = await send(run.environment, `/files/${file.sha256}`, { method: "HEAD", headers: bearer(run.officer.token) }, { limit_ms: timeLimitMs(run.link, 0), halt: run.halt });
  await checkStore(run, response.headers.get("X-Store-Id"));
  if (response.status === 404) return 0;
  const offset = offsetIn(response);
  if (response.ok && offset !== null) return offset;
  // An answer to HEAD has no body with a code; whatever it means, the next request will say.
  const ours = response.headers.has("X-Store-Id") && response.status < 500;
  if (ours || response.status === 401 || METHOD_BLOCKED.has(response.status)) return file.offset;
  throw response.ok ? new Failure("captive_portal", { status: response.status }) : failureOf(response, undefined);
}

/** @param {Response} response @returns {number|null} the byte the server wants next */
export function offsetIn(response) {
  const text = response.headers.get("Upload-Offset");
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
