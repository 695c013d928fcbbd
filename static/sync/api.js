// @ts-check
/**
 * The wire's requests: Bearer token, gzip up, time limits, and an answer believed only when it
 * is our server's. Knows no record and no database.
 */
import { Failure, failureOf, Halted, isOurs } from "./failure.js";
import { timeLimitMs } from "./link.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("./link.js").Link} Link */

/** Below this gzip gains nothing. */
const GZIP_FROM_BYTES = 1_000;
/** An answer may come as slowly as it likes, but not stand still for longer than this. */
const STALL_MS = 60_000;
/** Nor drip for ever. */
const LONGEST_READ_MS = 15 * 60_000;

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<{body: Uint8Array<ArrayBuffer>, headers: Object<string, string>}>} */
async function pack(bytes) {
  if (bytes.byteLength < GZIP_FROM_BYTES || typeof CompressionStream === "undefined") return { body: bytes, headers: {} };
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  return { body: packed, headers: { "Content-Encoding": "gzip" } };
}

/**
 * An answer under way: its head is here, its body is read on demand and must not stand still.
 */
export class Answer {
  /** @param {Response} response @param {(ms: number|null) => void} arm sets the time limit @param {(cause: unknown) => Error} explain */
  constructor(response, arm, explain) {
    this.response = response;
    this.arm = arm;
    this.explain = explain;
  }

  /** @returns {Promise<ArrayBuffer>} throws a Failure when it stops in the middle */
  async bytes() {
    const { response } = this;
    try {
      if (!response.body) {
        this.arm(STALL_MS);
        return await response.arrayBuffer();
      }
      const reader = response.body.getReader();
      const pieces = [];
      for (const begun = performance.now(); ; ) {
        this.arm(performance.now() - begun > LONGEST_READ_MS ? 0 : STALL_MS);
        const { done, value } = await reader.read();
        if (done) break;
        pieces.push(value);
      }
      return await new Blob(pieces).arrayBuffer();
    } catch (cause) {
      throw this.explain(cause);
    } finally {
      this.arm(null);
    }
  }

  /** @returns {Promise<unknown>} undefined: no JSON */
  async json() {
    const text = new TextDecoder().decode(await this.bytes());
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }
}

/**
 * Send a request. Any answer is returned; a network that fails or stands still is a Failure.
 * @param {Environment} environment
 * @param {string} path under the API's base
 * @param {RequestInit} init
 * @param {{limit_ms: number, halt?: AbortSignal|null}} limits `halt`: the officer's pause
 * @returns {Promise<Answer>}
 */
export async function send(environment, path, init, { limit_ms, halt = null }) {
  if (halt?.aborted) throw new Halted();
  const controller = new AbortController();
  let late = false;
  let disarm = () => {};
  const arm = (/** @type {number|null} */ ms) => {
    disarm();
    disarm = () => {};
    if (ms === null) return halt?.removeEventListener("abort", stop);
    halt?.addEventListener("abort", stop);
    disarm = environment.alarm(ms, () => {
      late = true;
      controller.abort();
    });
  };
  const stop = () => controller.abort();
  const explain = (/** @type {unknown} */ cause) => (halt?.aborted ? new Halted() : new Failure(late ? "slow" : "no_network", { cause }));
  arm(limit_ms);
  try {
    const request = { ...init, credentials: /** @type {const} */ ("omit"), cache: /** @type {const} */ ("no-store"), redirect: /** @type {const} */ ("manual"), signal: controller.signal };
    const response = await environment.fetch(environment.base + path, request);
    return new Answer(response, arm, explain);
  } catch (cause) {
    throw explain(cause);
  } finally {
    arm(null);
  }
}

/** @param {string|null} token @returns {Object<string, string>} */
export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

/**
 * Ask for JSON; send JSON when `json` is given.
 * @param {Environment} environment
 * @param {string} path
 * @param {{token?: string|null, json?: unknown, link?: Link|null, halt?: AbortSignal|null, sent?: (bytes: number) => void}} [options]
 *   `sent` is told how many bytes travel
 * @returns {Promise<Object<string, any>>} the body of a success; else a Failure is thrown
 */
export async function callApi(environment, path, { token = null, json, link = null, halt = null, sent } = {}) {
  /** @type {RequestInit} */
  let init = { method: "GET", headers: { Accept: "application/json", ...bearer(token) } };
  let bytes = 0;
  if (json !== undefined) {
    const { body, headers } = await pack(new TextEncoder().encode(JSON.stringify(json)));
    init = { method: "POST", body, headers: { ...init.headers, "Content-Type": "application/json", ...headers } };
    bytes = body.byteLength;
  }
  sent?.(bytes);
  const answer = await send(environment, path, init, { limit_ms: timeLimitMs(link, bytes), halt });
  const body = await answer.json();
  if (!answer.response.ok) throw failureOf(answer.response, body);
  if (!isOurs(body) || body.ok !== true) throw new Failure("captive_portal", { status: answer.response.status });
  return body;
}
