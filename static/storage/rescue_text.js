// @ts-check
/**
 * The rescue file as text (docs/api.md): one JSON object a line, in parts small enough for a
 * share sheet. A part is made when it is asked for, one photo in memory at a time; what is done
 * is handed to the browser as blobs, which it may keep outside memory.
 */
import { listRescueFiles, listRescueRecords, readRescueFile } from "./rescue_rows.js";
import { listDrafts } from "./drafts.js";

/** @typedef {import("./rescue_rows.js").Holder} Holder */
/** @typedef {import("../core/types.js").StoredFile} StoredFile */
/** @typedef {{holder: Holder, file: StoredFile}} PlannedFile */
/** @typedef {{made_at: string, unsent_only: boolean}} Header */
/** @typedef {{header: Header, holders: Holder[], text: Blob, files: PlannedFile[][]}} TextPlan `files`: those of each part */

/** Chrome shares at most 50 MB at once; a thin link carries half of that with fewer new starts. */
export const PART_BYTES = 24_000_000;
/** What a file's line holds beside its bytes. */
const LINE_BYTES = 700;

/** @param {Object<string, unknown>} value */
const line = (value) => new Blob([JSON.stringify(value), "\n"]);

/** @param {Header} header @param {number} part @param {number} parts */
function headerLine(header, part, parts) {
  const which = parts > 1 ? { part, parts } : {};
  return line({ type: "header", format: "jejak-sinyal-rescue", version: 1, ...header, ...which });
}

/** The officer's line; never the token. @param {Holder} holder */
const officerLine = ({ id, name }) => line({ type: "officer", id, name });

/** The lines of an officer's records and drafts. @param {Holder} holder @param {boolean} unsentOnly */
async function textLines(holder, unsentOnly) {
  const lines = [officerLine(holder)];
  for (const { draft: _draft, ...record } of await listRescueRecords(holder.db, unsentOnly)) {
    lines.push(line({ type: "record", officer_id: holder.id, ...record }));
  }
  for (const draft of await listDrafts(holder.db)) lines.push(line({ type: "draft", officer_id: holder.id, draft }));
  return new Blob(lines);
}

/**
 * A file's line with what is known of it.
 * @param {PlannedFile} planned
 * @param {Object<string, unknown>} content `data`, and in a ZIP `entry`
 */
export function fileLine({ holder, file }, content) {
  const { type: content_type, ...facts } = file;
  return line({ ...facts, type: "file", officer_id: holder.id, content_type, ...content });
}

/**
 * Look at what is there and divide it. The text is read now, so that all parts tell of one moment.
 * @param {Holder[]} holders
 * @param {Header} header
 * @param {number} [partBytes] about the size of a part
 * @returns {Promise<TextPlan>}
 */
export async function planText(holders, header, partBytes = PART_BYTES) {
  const text = new Blob(await Promise.all(holders.map((holder) => textLines(holder, header.unsent_only))));
  /** @type {PlannedFile[][]} */
  const files = [[]];
  let room = partBytes - text.size;
  for (const holder of holders) {
    for (const file of await listRescueFiles(holder.db, header.unsent_only)) {
      const size = (file.held ? Math.ceil(file.bytes / 3) * 4 : 0) + LINE_BYTES;
      const here = /** @type {PlannedFile[]} */ (files.at(-1));
      const empty = files.length > 1 && here.length === 0;
      if (room < size && !empty) {
        files.push([]);
        room = partBytes;
      }
      /** @type {PlannedFile[]} */ (files.at(-1)).push({ holder, file });
      room -= size;
    }
  }
  return { header, holders, text, files };
}

/**
 * Make one part of a planned rescue file.
 * @param {TextPlan} plan
 * @param {number} part from 1
 * @param {(done: number, of: number) => void} [progress] files written
 * @returns {Promise<Blob>} text/plain
 */
export async function makeTextPart(plan, part, progress = () => undefined) {
  const files = plan.files[part - 1];
  const lines = [headerLine(plan.header, part, plan.files.length)];
  if (part === 1) lines.push(plan.text);
  else for (const holder of new Set(files.map((planned) => planned.holder))) lines.push(officerLine(holder));
  for (const [n, planned] of files.entries()) {
    const data = await readRescueFile(planned.holder.db, planned.file.sha256);
    lines.push(fileLine(planned, { data: data ? base64(data) : null }));
    progress(n + 1, files.length);
  }
  return new Blob(lines, { type: "text/plain" });
}

/**
 * A rescue file of one record with its files, for the copy in a folder.
 * @param {Holder} holder
 * @param {import("../core/types.js").StoredRecord} record
 * @param {string} madeAt
 * @returns {AsyncGenerator<Blob>} lines; one photo in memory at a time
 */
export async function* recordLines(holder, record, madeAt) {
  const { draft: _draft, ...kept } = record;
  yield headerLine({ made_at: madeAt, unsent_only: false }, 1, 1);
  yield officerLine(holder);
  yield line({ type: "record", officer_id: holder.id, ...kept });
  const known = new Map((await listRescueFiles(holder.db, false)).map((file) => [file.sha256, file]));
  for (const sha256 of record.files) {
    const file = known.get(sha256);
    const data = file ? await readRescueFile(holder.db, sha256) : null;
    if (file) yield fileLine({ holder, file }, { data: data ? base64(data) : null });
  }
}

/** Divisible by three, and no longer than the argument list of any engine. */
const SLICE = 32_766;

/** @param {ArrayBuffer} data */
function base64(data) {
  const bytes = new Uint8Array(data);
  let text = "";
  for (let from = 0; from < bytes.length; from += SLICE) text += btoa(String.fromCharCode(...bytes.subarray(from, from + SLICE)));
  return text;
}
