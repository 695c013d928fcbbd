// @ts-check
/**
 * Sends records, oldest first, in batches. A record counts as received only when the server
 * names its own hash back; one bad record never holds up the others.
 */
import { backoffMs } from "../core/backoff.js";
import { reference } from "../core/reference.js";
import { toInstant } from "../core/instants.js";
import { sealPayload } from "../core/digest.js";
import { recordOutcomes, takeDue } from "../storage/outbox.js";
import { deviceState, isNews, rememberTold } from "./device_state.js";
import { Failure } from "./failure.js";
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
 * Send everything that is due.
 * @param {OfficerRun} run
 * @returns {Promise<void>} throws a Failure when the way is closed
 */
export async function sendRecords(run) {
  /** @type {Set<string>} tried in this run and still here */
  const skip = new Set();
  const most = Number(reference().wire?.batch_records ?? 50);
  for (;;) {
    const due = await takeDue(run.db, run.environment.now(), { limit: most, force: run.force, skip });
    if (!due.length) return;
    const batch = await fillBatch(run, due);
    const outcomes = await sendBatch(run, batch);
    for (const outcome of outcomes) if (outcome.kind !== "acked") skip.add(outcome.sha256);
    const status = run.status.get();
    run.status.set({ done: Math.min(status.total, status.done + outcomes.length) });
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
  let room = Number(reference().wire?.batch_bytes ?? 256_000) - ENVELOPE_BYTES;
  const batch = [];
  for (const record of due) {
    const wire = await envelope(run, record);
    room -= new TextEncoder().encode(JSON.stringify(wire)).byteLength + 1;
    if (room < 0 && batch.length) break;
    batch.push({ record, wire });
  }
  return batch;
}

/**
 * Send one batch and write down what became of it. A batch that is refused as a whole is cut in
 * two until the culprit stands alone.
 * @param {OfficerRun} run
 * @param {{record: StoredRecord, wire: Object<string, unknown>}[]} batch
 * @returns {Promise<Outcome[]>}
 */
async function sendBatch(run, batch) {
  const state = await deviceState(run);
  let answer;
  try {
    answer = await ask(run, "/records", { json: { device_state: state, records: batch.map((item) => item.wire) } });
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "refused" || !ONE_IS_TO_BLAME.has(error.status)) throw error;
    if (batch.length > 1) {
      const middle = batch.length >> 1;
      return [...(await sendBatch(run, batch.slice(0, middle))), ...(await sendBatch(run, batch.slice(middle)))];
    }
    const alone = [refused(run, batch[0].record, { code: error.code, message: error.text })];
    await recordOutcomes(run.db, alone, toInstant(run.environment.now()));
    await note(run, "record_refused", { code: error.code });
    return alone;
  }
  await rememberTold(run, state);
  const results = Array.isArray(answer.results) ? answer.results : [];
  const outcomes = batch.map(({ record }, i) => outcomeOf(run, record, results[i]));
  await recordOutcomes(run.db, outcomes, String(answer.time ?? toInstant(run.environment.now())));
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
  return { sha256: record.sha256, kind: "failed", next_try_ms: run.environment.now() + backoffMs(record.tries + 1, run.environment.random) };
}

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
