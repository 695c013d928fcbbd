// @ts-check
/** The two requests of an upload: a chunk, and the question how much the server has. */
import { bearer, CHUNK_TIMEOUT_MS, send } from "./api.js";
import { Failure, failureOf } from "./failure.js";
import { checkStore } from "./officer_run.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */

/**
 * Send a chunk.
 * @param {OfficerRun} run
 * @param {StoredFile} file
 * @param {ArrayBuffer} data the whole file
 * @param {{offset: number, bytes: number, method: "PUT"|"POST"}} part POST where a proxy blocks PUT
 * @returns {Promise<Response>}
 */
export async function sendChunk(run, file, data, { offset, bytes, method }) {
  const headers = {
    ...bearer(run.officer.token),
    "Content-Type": file.type,
    "Upload-Offset": String(offset),
    "Upload-Length": String(data.byteLength),
    "X-File-Kind": file.kind,
  };
  const body = data.slice(offset, offset + bytes);
  const response = await send(run.environment, `/files/${file.sha256}`, { method, headers, body }, CHUNK_TIMEOUT_MS);
  await checkStore(run, response.headers.get("X-Store-Id"));
  return response;
}

/**
 * How many bytes the server has; 0 when it has never heard of the file.
 * @param {OfficerRun} run
 * @param {StoredFile} file
 * @returns {Promise<number>}
 */
export async function askOffset(run, file) {
  const response = await send(run.environment, `/files/${file.sha256}`, { method: "HEAD", headers: bearer(run.officer.token) }, CHUNK_TIMEOUT_MS);
  await checkStore(run, response.headers.get("X-Store-Id"));
  if (response.status === 404) return 0;
  const offset = offsetIn(response);
  if (response.ok && offset !== null) return offset;
  // An answer to HEAD has no body to tell ours by; whoever sent it, the next request will say.
  if (response.status === 401) return 0;
  throw response.ok ? new Failure("captive_portal", { status: response.status }) : failureOf(response, undefined);
}

/** @param {Response} response @returns {number|null} the byte the server wants next */
export function offsetIn(response) {
  const text = response.headers.get("Upload-Offset");
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
