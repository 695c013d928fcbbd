// @ts-check
/** Brings back a photo of an own visit that this phone does not hold (any more). */
import { sha256Hex } from "../core/digest.js";
import { keepFetchedFile, readFile } from "../storage/files.js";
import { bearer, send } from "./api.js";
import { Failure, failureOf } from "./failure.js";
import { timeLimitMs } from "./link.js";

/** @typedef {import("./environment.js").Environment} Environment */

/**
 * A file from this phone, else from the server; what came is kept once its hash is right.
 * @param {Environment} environment
 * @param {import("../core/types.js").Officer} officer
 * @param {string} sha256
 * @param {import("../core/types.js").FileKind} kind
 * @param {AbortSignal|null} [halt] the officer's pause
 * @returns {Promise<{type: string, data: ArrayBuffer}>} throws a Failure
 */
export async function fetchFile(environment, officer, sha256, kind, halt = null) {
  const db = environment.officer(officer.id);
  const here = await readFile(db, sha256);
  if (here) return { type: here.file.type, data: here.data };
  const answer = await send(environment, `/files/${sha256}`, { headers: bearer(officer.token) }, { limit_ms: timeLimitMs(null, 0), halt });
  const { response } = answer;
  if (!response.ok) throw failureOf(response, await answer.json());
  const data = await answer.bytes();
  if ((await sha256Hex(data)) !== sha256) throw new Failure("captive_portal", { status: response.status });
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  await keepFetchedFile(db, { sha256, kind, type, data }, environment.now());
  return { type, data };
}
