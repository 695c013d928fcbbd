// @ts-check
/**
 * What can go wrong between phone and server, as one class that says what to do next. The kinds
 * and what each asks of the officer are told in docs/data-flow.md.
 */

/** @typedef {import("../core/types.js").FailureKind} FailureKind */

/** Kinds after which nobody else needs to try: the way to the server is closed. */
const WAY_CLOSED = new Set(["no_network", "slow", "captive_portal", "server_down", "server_full", "busy"]);

/** @param {FailureKind} kind */
export const closesTheWay = (kind) => WAY_CLOSED.has(kind);

/** The officer paused the sending: no failure, and everything stays. */
export class Halted extends Error {}

export class Failure extends Error {
  /**
   * @param {FailureKind} kind
   * @param {{status?: number, code?: string|null, message?: string|null, retry_after_s?: number|null, store_id?: unknown, cause?: unknown}} [facts]
   */
  constructor(kind, facts = {}) {
    super(facts.message ?? facts.code ?? kind, { cause: facts.cause });
    this.kind = kind;
    this.status = facts.status ?? 0;
    this.code = facts.code ?? null;
    this.text = facts.message ?? null;
    this.retry_after_s = facts.retry_after_s ?? null;
    /** The store that refused, when it was our server. */
    this.store_id = facts.store_id ?? null;
  }

  /** Whether other officers and other requests would fare the same. */
  get closesTheWay() {
    return closesTheWay(this.kind);
  }

  /** Whether the request was cut off under way, so that part of it may have arrived. */
  get cutOff() {
    return this.kind === "no_network" || this.kind === "slow";
  }
}

/**
 * Classify an answer that is not a success.
 * @param {Response} response
 * @param {unknown} body its JSON, or undefined when it is none
 * @returns {Failure}
 */
export function failureOf(response, body) {
  const { status } = response;
  const facts = { status, retry_after_s: retryAfter(response), ...words(body) };
  if (response.type === "opaqueredirect" || status === 511) return new Failure("captive_portal", facts);
  if (status === 408 || status === 429) return new Failure("busy", facts);
  if (status === 507) return new Failure("server_full", facts);
  if (status >= 500) return new Failure(status === 503 ? "busy" : "server_down", facts);
  if (!isOurs(body)) return new Failure(status === 413 ? "blocked" : "captive_portal", facts);
  return new Failure(status === 401 ? "needs_code" : "refused", facts);
}

/** Whether a body is an answer of our server, success or not. @param {unknown} body @returns {body is Object<string, any>} */
export function isOurs(body) {
  return typeof body === "object" && body !== null && "ok" in body && typeof body.ok === "boolean";
}

/** @param {unknown} body */
function words(body) {
  if (!isOurs(body)) return {};
  return { code: typeof body.code === "string" ? body.code : null, message: typeof body.message === "string" ? body.message : null, store_id: body.store_id };
}

/** Seconds that the server asks to wait; null when it does not say. @param {Response} response */
function retryAfter(response) {
  const text = response.headers.get("Retry-After");
  if (!text) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const until = Date.parse(text);
  const date = Date.parse(response.headers.get("Date") ?? "");
  return Number.isNaN(until) || Number.isNaN(date) ? null : Math.max(0, (until - date) / 1000);
}
