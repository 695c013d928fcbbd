// @ts-check
/**
 * The rescue file as a ZIP (docs/api.md): records.txt first, then each file under its hash. Made
 * as a stream, one photo in memory at a time; the browser keeps what is done as blobs.
 */
import { makeZip } from "client-zip";
import { readRescueFile } from "./rescue_rows.js";
import { fileLine, makeTextPart, planText } from "./rescue_text.js";

/** @typedef {import("./rescue_rows.js").Holder} Holder */
/** @typedef {import("./rescue_text.js").PlannedFile} PlannedFile */
/** @typedef {import("./rescue_text.js").Header} Header */

/** @type {Object<string, string>} */
const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };
/** Pieces of the stream are gathered to blobs of this size. */
const GATHER_BYTES = 1_000_000;

/** @param {import("../core/types.js").StoredFile} file */
const entryName = (file) => `files/${file.sha256}.${ENDINGS[file.type] ?? "bin"}`;

/**
 * The entries of the ZIP, each read when the stream has come to it.
 * @param {Holder[]} holders
 * @param {Header} header
 * @param {(done: number, of: number) => void} progress files written
 */
async function* entries(holders, header, progress) {
  const { files, text } = await planText(holders, header, Infinity);
  const [planned] = files;
  const head = await makeTextPart({ header, holders, text, files: [[]] }, 1);
  const lines = planned.map((one) => fileLine(one, one.file.held ? { data: null, entry: entryName(one.file) } : { data: null }));
  yield { name: "records.txt", input: new Blob([head, ...lines]) };
  const written = new Set();
  for (const [n, one] of planned.entries()) {
    const name = entryName(one.file);
    const data = one.file.held && !written.has(name) ? await readRescueFile(one.holder.db, one.file.sha256) : null;
    // two officers may have the same picture; one that went meanwhile is said to be missing
    if (data) {
      written.add(name);
      yield { name, input: data };
    }
    progress(n + 1, planned.length);
  }
}

/**
 * Make the whole ZIP.
 * @param {Holder[]} holders
 * @param {Header} header
 * @param {(done: number, of: number) => void} [progress]
 * @returns {Promise<Blob>} application/zip
 */
export async function makeRescueZip(holders, header, progress = () => undefined) {
  /** @type {Blob[]} */
  const done = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  let gathered = [];
  let size = 0;
  const flush = () => {
    done.push(new Blob(gathered));
    [gathered, size] = [[], 0];
  };
  const reader = makeZip(entries(holders, header, progress)).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    gathered.push(/** @type {Uint8Array<ArrayBuffer>} */ (next.value));
    size += next.value.byteLength;
    if (size >= GATHER_BYTES) flush();
  }
  flush();
  return new Blob(done, { type: "application/zip" });
}
