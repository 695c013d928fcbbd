// @ts-check
/** Brings back a photo of an own visit that this phone does not hold (any more). */
import { sha256Hex } from "../core/digest.js";
import { keepFetchedFile, readFile } from "../storage/files.js";
import { bearer, CHUNK_TIMEOUT_MS, readJson, send } from "./api.js";
import { Failure, failureOf } from "./failure.js";

/** @typedef {import("./environment.js").Environment} Environment */

/**
 * A file from this phone, else from the server; what came is kept once its hash is right.
 * @param {Environment} environment
 * @param {import("../core/types.js").Officer} officer
 * @param {string} sha256
 * @param {import("../core/types.js").FileKind} kind
 * @returns {Promise<{type: string, data: ArrayBuffer}>} throws a Failure
 */
export async function fetchFile(environment, officer, sha256, kind) {
  const db = environment.officer(officer.id);
  const here = await readFile(db, sha256);
  if (here) return { type: here.file.type, data: here.data };
  const response = await send(environment, `/files/${sha256}`, { headers: bearer(officer.token) }, CHUNK_TIMEOUT_MS * 4);
  if (!response.ok) throw failureOf(response, await readJson(response));
  const data = await response.arrayBuffer().catch((cause) => {
    throw new Failure("no_network", { cause });
  });
  if ((await sha256Hex(data)) !== sha256) throw new Failure("captive_portal", { status: response.status });
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  await keepFetchedFile(db, { sha256, kind, type, data }, environment.now());
  return { type, data };
}
