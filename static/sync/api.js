// @ts-check
/**
 * The wire's requests: Bearer token, gzip up, time limits, and an answer believed only when it
 * is our server's. Knows no record and no database.
 */
import { Failure, failureOf, isOurs } from "./failure.js";

/** @typedef {import("./environment.js").Environment} Environment */

const JSON_TIMEOUT_MS = 30_000;
export const CHUNK_TIMEOUT_MS = 60_000;
/** A long body on a 2G link needs more than the 30 s: add its time at 32 kbit/s. */
const SLOWEST_BYTES_PER_MS = 4;
/** Below this gzip gains nothing. */
const GZIP_FROM_BYTES = 1_000;

/** @param {number} ms */
function timeLimit(ms) {
  if (typeof AbortSignal.timeout === "function") return AbortSignal.timeout(ms);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<{body: Uint8Array<ArrayBuffer>, headers: Object<string, string>}>} */
async function pack(bytes) {
  if (bytes.byteLength < GZIP_FROM_BYTES || typeof CompressionStream === "undefined") return { body: bytes, headers: {} };
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  return { body: packed, headers: { "Content-Encoding": "gzip" } };
}

/**
 * Send a request; a network that fails is a Failure, any answer is returned.
 * @param {Environment} environment
 * @param {string} path under the API's base
 * @param {RequestInit} init
 * @param {number} timeoutMs
 * @returns {Promise<Response>}
 */
export async function send(environment, path, init, timeoutMs) {
  const signal = timeLimit(timeoutMs);
  try {
    return await environment.fetch(environment.base + path, { credentials: "omit", cache: "no-store", redirect: "manual", ...init, signal });
  } catch (error) {
    throw new Failure("no_network", { cause: error });
  }
}

/** @param {string|null} token @returns {Object<string, string>} */
export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

/** @param {Response} response @returns {Promise<unknown>} undefined: no JSON */
export async function readJson(response) {
  let text;
  try {
    text = await response.text();
  } catch (error) {
    throw new Failure("no_network", { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Ask for JSON; send JSON when `json` is given.
 * @param {Environment} environment
 * @param {string} path
 * @param {{token?: string|null, json?: unknown}} [options]
 * @returns {Promise<Object<string, any>>} the body of a success; else a Failure is thrown
 */
export async function callApi(environment, path, { token = null, json } = {}) {
  /** @type {RequestInit} */
  let init = { method: "GET", headers: { Accept: "application/json", ...bearer(token) } };
  let timeout = JSON_TIMEOUT_MS;
  if (json !== undefined) {
    const { body, headers } = await pack(new TextEncoder().encode(JSON.stringify(json)));
    init = { method: "POST", body, headers: { ...init.headers, "Content-Type": "application/json", ...headers } };
    timeout += Math.ceil(body.byteLength / SLOWEST_BYTES_PER_MS);
  }
  const response = await send(environment, path, init, timeout);
  const body = await readJson(response);
  if (!response.ok) throw failureOf(response, body);
  if (!isOurs(body) || body.ok !== true) throw new Failure("captive_portal", { status: response.status });
  return body;
}
