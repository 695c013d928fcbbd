// @ts-check
/**
 * What this phone has learnt of the way to the server: how quick it is, how large a piece passes
 * in one go, by which method. Sizes follow it both ways. Knows no record and no request.
 */
import { reference } from "../core/reference.js";

/**
 * @typedef {Object} Link
 * @property {number|null} pace          bytes a millisecond that one request carried; null: not known
 * @property {number} chunk_bytes        of the next piece of a file
 * @property {number} chunk_most         a larger one did not pass
 * @property {number} lanes              files under way at once
 * @property {"PUT"|"POST"} method       POST where something on the way blocks PUT
 * @property {number} batch_records
 * @property {number} batch_bytes
 * @property {number} page_rows          rows of the feed asked for at once
 * @property {number} page_most          a larger page did not come in time
 * @property {boolean} troubled          something had to be made smaller: grow by steps from now on
 * @property {string} kind               of connection that this was learnt on
 * @property {number} since_ms           monotonic
 * @property {number} arrived            batches and pieces of files that arrived in this run
 */

const SETUP_MS = 30_000;
/** 4 kbit/s: slower than any GPRS that carries anything at all. */
const SLOWEST_BYTES_PER_MS = 0.5;
/** A link is given eight times the time it needed before: 2G stalls for seconds, then goes on. */
const PATIENCE = 8;
/** Below this the answer's way there and back hides the pace. */
const MEASURED_FROM_BYTES = 4_000;
const QUICK_MS = 6_000;
const SLOW_MS = 20_000;
const LANES = 3;
/** What arrives of a chunk that is cut stays, so smaller ones gain little. */
const SMALL_CHUNK = 16_000;
/** Middleboxes that let less through than this let nothing through. */
const SMALLEST_CHUNK = 4_000;
const SMALLEST_PAGE = 20;
const LARGEST_PAGE = 500;
/** Another network may be there by then. */
const FORGET_MS = 30 * 60_000;

/** @returns {[number, number]} smallest and largest chunk of a healthy link, bytes */
function chunkBounds() {
  const bounds = reference().wire?.chunk_bytes;
  return Array.isArray(bounds) ? [bounds[0], bounds[1]] : [64_000, 256_000];
}

const mostRecords = () => Number(reference().wire?.batch_records ?? 50);
const mostBytes = () => Number(reference().wire?.batch_bytes ?? 256_000);

/** Nothing is known yet. @param {string} kind of connection @param {number} nowMs monotonic @returns {Link} */
export function freshLink(kind, nowMs) {
  const [smallest, largest] = chunkBounds();
  return {
    pace: null, chunk_bytes: smallest, chunk_most: largest, lanes: LANES, method: "PUT",
    batch_records: mostRecords(), batch_bytes: mostBytes(), page_rows: LARGEST_PAGE, page_most: LARGEST_PAGE, troubled: false, kind, since_ms: nowMs, arrived: 0,
  };
}

/** Whether what was learnt still speaks of the network that is there. @param {Link} link @param {string} kind @param {number} nowMs monotonic */
export function isFresh(link, kind, nowMs) {
  return link.kind === kind && nowMs - link.since_ms < FORGET_MS;
}

/**
 * How long a request may take: what the link needed for so many bytes, many times over. A fixed
 * limit would cut a 256 kB body on 2G in the middle, each time.
 * @param {Link|null} link
 * @param {number} bytes of its body
 * @returns {number} ms
 */
export function timeLimitMs(link, bytes) {
  const pace = Math.max(SLOWEST_BYTES_PER_MS, (link?.pace ?? 0) / PATIENCE);
  return SETUP_MS + Math.ceil(bytes / pace);
}

/** @param {Link} link @param {number} bytes @param {number} tookMs */
function measure(link, bytes, tookMs) {
  if (bytes < MEASURED_FROM_BYTES) return;
  const seen = bytes / Math.max(1, tookMs);
  link.pace = link.pace === null || seen < link.pace ? seen : (link.pace + seen) / 2;
}

/** Files follow the text: begin with pieces that a link known to be slow carries in good time. @param {Link} link */
export function fitFiles(link) {
  if (link.pace === null) return;
  const carried = link.pace * SLOW_MS;
  if (link.chunk_bytes * link.lanes > 3 * carried) link.lanes = 1;
  if (link.chunk_bytes > 2 * carried) link.chunk_bytes = Math.min(link.chunk_bytes, Math.max(SMALL_CHUNK, Math.ceil(carried)));
}

/** A piece of a file arrived. @param {Link} link @param {number} bytes @param {number} tookMs */
export function chunkArrived(link, bytes, tookMs) {
  link.arrived += 1;
  measure(link, bytes, tookMs);
  if (tookMs > SLOW_MS) {
    // first leave the link to one file, then make its pieces smaller
    if (link.lanes > 1) link.lanes = 1;
    else link.chunk_bytes = Math.min(link.chunk_most, Math.max(SMALL_CHUNK, Math.ceil(link.chunk_bytes / 2)));
  } else if (tookMs < QUICK_MS && bytes >= link.chunk_bytes) {
    if (link.chunk_bytes >= chunkBounds()[1] && !link.troubled) link.lanes = LANES;
    link.chunk_bytes = Math.min(chunkBounds()[1], link.chunk_most, link.chunk_bytes * 2);
  }
}

/** A piece was cut off or took too long. @param {Link} link @param {number} bytes @param {{slow: boolean}} how */
export function chunkLost(link, bytes, { slow }) {
  link.troubled = true;
  if (slow) [link.pace, link.lanes] = [null, 1];
  link.chunk_bytes = Math.min(link.chunk_most, Math.max(SMALL_CHUNK, Math.ceil(Math.min(link.chunk_bytes, bytes) / 2)));
}

/**
 * Something on the way takes no piece of this size.
 * @param {Link} link
 * @param {number} bytes
 * @returns {boolean} false: it takes no smaller one either
 */
export function chunkCapped(link, bytes) {
  if (bytes <= SMALLEST_CHUNK) return false;
  link.chunk_most = Math.max(SMALLEST_CHUNK, Math.min(link.chunk_most, Math.ceil(bytes / 2)));
  link.chunk_bytes = Math.min(link.chunk_bytes, link.chunk_most);
  return true;
}

/** A batch was answered. @param {Link} link @param {{records: number, bytes: number, took_ms: number}} batch bytes as they travelled */
export function batchArrived(link, { records, bytes, took_ms }) {
  link.arrived += 1;
  measure(link, bytes, took_ms);
  if (took_ms > SLOW_MS) link.batch_records = Math.max(1, Math.ceil(Math.min(link.batch_records, records) / 2));
  else if (took_ms < QUICK_MS && records >= link.batch_records) link.batch_records = Math.min(mostRecords(), link.troubled ? records + 1 : records * 2);
}

/** A batch was cut off, took too long or was too large for something on the way. @param {Link} link @param {{records: number, bytes: number, slow?: boolean, capped?: boolean}} batch bytes as JSON */
export function batchLost(link, { records, bytes, slow = false, capped = false }) {
  if (slow) link.pace = null;
  link.troubled = true;
  link.batch_records = Math.max(1, records >> 1);
  if (capped) link.batch_bytes = Math.max(1, bytes >> 1);
}

/** A page of the feed came, or did not in time. @param {Link} link @param {number|null} tookMs null: not in time */
export function pageArrived(link, tookMs) {
  if (tookMs === null || tookMs > SLOW_MS) link.page_rows = Math.max(SMALLEST_PAGE, link.page_rows >> 1);
  else if (tookMs < QUICK_MS) link.page_rows = Math.min(link.page_most, link.page_rows * 2);
  if (tookMs === null) link.page_most = link.page_rows;
}
