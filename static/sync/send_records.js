// @ts-check
/**
 * Sends records, oldest first, in batches. A record counts as received only when the server
 * names its own hash back; one bad record never holds up the others.
 */
import { backoffMs } from "../core/backoff.js";
import { toInstant } from "../core/instants.js";
import { sealPayload } from "../core/digest.js";
import { recordOutcomes, takeDue } from "../storage/outbox.js";
import { deviceState, isNews, rememberTold } from "./device_state.js";
import { Failure } from "./failure.js";
import { batchArrived, batchLost } from "./link.js";
import { ask, note } from "./officer_run.js";

/** @typedef {import("./officer_run.js").OfficerRun} OfficerRun */
/** @typedef {import("../core/types.js").StoredRecord} StoredRecord */
/** @typedef {import("../storage/outbox.js").Acked|import("../storage/outbox.js").Refused|import("../storage/outbox.js").Failed|import("../storage/outbox.js").Erased} Outcome */

/** Answers to a whole batch that one of its records may be the cause of. */
const ONE_IS_TO_BLAME = new Set([400, 413, 422]);
const ACKED = new Set(["stored", "already_stored", "conflict", "quarantined"]);
/** A record that the server refused is offered again, seldom: its reason may have gone. */
const REFUSED_AGAIN_MS = 6 * 3600_000;
/** Room in a batch for what is not records. */
const ENVELOPE_BYTES = 12_000;

/**
 * Send everything that is due, oldest first. A batch that was cut off or took too long goes again
 * in halves, as long as the server still answers a small question.
 * @param {OfficerRun} run
 * @returns {Promise<void>} throws a Failure when the way is closed, or when something on it takes
 *   not even one record
 */
export async function sendRecords(run) {
  /** @type {Set<string>} tried in this run and still here */
  const skip = new Set();
  /** @type {Failure|null} */
  let blocked = null;
  for (;;) {
    const due = await takeDue(run.db, run.environment.now(), { limit: run.link.batch_records, force: run.force, skip });
    if (!due.length) break;
    const batch = await fillBatch(run, due);
    try {
      const outcomes = await sendBatch(run, batch);
      for (const outcome of outcomes) if (outcome.kind !== "acked") skip.add(outcome.sha256);
      const status = run.status.get();
      run.status.set({ done: Math.min(status.total, status.done + outcomes.length) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const alone = batch.length === 1;
      if (error.kind === "blocked" && alone) {
        blocked = error;
        await passOver(run, batch[0].record, skip);
      } else if (error.kind !== "blocked" && (!error.cutOff || alone || !(await stillThere(run)))) throw error;
    }
  }
  if (blocked) throw blocked;
}

/**
 * A record that does not get through waits; the smaller ones behind it need not. Each run tries it
 * again, so that its trouble is told until it is over.
 * @param {OfficerRun} run @param {StoredRecord} record @param {Set<string>} skip
 */
async function passOver(run, record, skip) {
  const waits = /** @type {const} */ ({ sha256: record.sha256, kind: "failed", next_try_ms: 0 });
  await recordOutcomes(run.db, [waits], toInstant(run.server_now()));
  skip.add(record.sha256);
}

/** @param {OfficerRun} run */
async function stillThere(run) {
  try {
    await ask(run, "/ping");
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** Tell the office how the phone is, when it does not know yet. @param {OfficerRun} run */
export async function tellState(run) {
  const state = await deviceState(run);
  if (!(await isNews(run, state))) return;
  await ask(run, "/records", { json: { device_state: state, records: [] } });
  await rememberTold(run, state);
}

/**
 * The wire's form of a record, sealed with the token that sends it.
 * @param {OfficerRun} run
 * @param {StoredRecord} record
 */
async function envelope(run, record) {
  const { id, kind, schema, revision, base, seen_review, sha256, payload } = record;
  return { id, kind, schema, revision, base, seen_review, sha256, seal: await sealPayload(run.officer.token, payload), payload };
}

/**
 * As many of the due records as fit; the first always does.
 * @param {OfficerRun} run
 * @param {StoredRecord[]} due
 */
async function fillBatch(run, due) {
  const most = run.link.batch_bytes - ENVELOPE_BYTES;
  let bytes = 0;
  const batch = [];
  for (const record of due) {
    const wire = await envelope(run, record);
    const size = new TextEncoder().encode(JSON.stringify(wire)).byteLength + 1;
    if (bytes + size > most && batch.length) break;
    bytes += size;
    batch.push({ record, wire, size });
  }
  return batch;
}

/** @typedef {{record: StoredRecord, wire: Object<string, unknown>, size: number}[]} RecordBatch */

/**
 * Send one batch and write down what became of it. A batch that is refused as a whole is cut in
 * two until the culprit stands alone.
 * @param {OfficerRun} run
 * @param {RecordBatch} batch
 * @returns {Promise<Outcome[]>} throws a Failure; "blocked" when something on the way, not our
 *   server, calls it too large
 */
async function sendBatch(run, batch) {
  const { environment, link } = run;
  const state = await deviceState(run);
  const [records, size, started] = [batch.length, batch.reduce((sum, item) => sum + item.size, 0), environment.monotonic()];
  let [answer, travelled] = [/** @type {Object<string, any>} */ ({}), 0];
  try {
    answer = await ask(run, "/records", { json: { device_state: state, records: batch.map((item) => item.wire) }, sent: (bytes) => { travelled = bytes; } });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const capped = error.kind === "blocked";
    if (error.cutOff || capped) batchLost(link, { records, bytes: size, slow: error.kind === "slow", capped });
    if (error.kind !== "refused" || !ONE_IS_TO_BLAME.has(error.status)) throw error;
    if (records > 1) {
      const middle = records >> 1;
      return [...(await sendBatch(run, batch.slice(0, middle))), ...(await sendBatch(run, batch.slice(middle)))];
    }
    const alone = [refused(run, batch[0].record, { code: error.code, message: error.text })];
    await recordOutcomes(run.db, alone, toInstant(run.server_now()));
    await note(run, "record_refused", { code: error.code });
    return alone;
  }
  batchArrived(link, { records, bytes: travelled, took_ms: environment.monotonic() - started });
  await rememberTold(run, state);
  const results = Array.isArray(answer.results) ? answer.results : [];
  const outcomes = batch.map(({ record }, i) => outcomeOf(run, record, results[i]));
  await recordOutcomes(run.db, outcomes, toInstant(run.server_now()));
  await note(run, "records_sent", { acked: outcomes.filter((outcome) => outcome.kind === "acked").length, others: outcomes.filter((outcome) => outcome.kind !== "acked").length });
  return outcomes;
}

/**
 * @param {OfficerRun} run
 * @param {StoredRecord} record
 * @param {Object<string, any>|undefined} said the server's result at the record's place
 * @returns {Outcome}
 */
function outcomeOf(run, record, said) {
  const named = said?.id === record.id && said.sha256 === record.sha256;
  const errors = Array.isArray(said?.errors) ? said.errors : [];
  if (named && ACKED.has(said.result)) {
    const missing = Array.isArray(said.missing_files) ? said.missing_files.map(String) : [];
    return { sha256: record.sha256, kind: "acked", result: said.result, missing_files: missing, errors };
  }
  if (named && said.result === "refused" && said.code === "record.erased") {
    return { sha256: record.sha256, kind: "erased", refusal: { code: said.code, message: String(said.message ?? "") } };
  }
  if (said?.id === record.id && said.result === "refused") {
    return { ...refused(run, record, said), errors };
  }
  return { sha256: record.sha256, kind: "failed", next_try_ms: laterTry(run, record) };
}

/** @param {OfficerRun} run @param {StoredRecord} record */
const laterTry = (run, record) => run.environment.now() + backoffMs(record.tries + 1, run.environment.random);

/**
 * @param {OfficerRun} run
 * @param {StoredRecord} record
 * @param {{code?: unknown, message?: unknown}} said
 * @returns {import("../storage/outbox.js").Refused}
 */
function refused(run, record, said) {
  const refusal = { code: String(said.code ?? "unknown"), message: String(said.message ?? "") };
  return { sha256: record.sha256, kind: "refused", refusal, errors: [], next_try_ms: run.environment.now() + REFUSED_AGAIN_MS };
}
