// @ts-check
/**
 * Says in plain words where a visit is on its way from this phone to the office's decision, and
 * what the officer should do. The words are promises: "received" only when the server has all.
 */
import { toMs } from "./instants.js";
import { nt, t } from "./messages.js";

/** @typedef {import("./types.js").OwnVisit} OwnVisit */
/** @typedef {import("./types.js").StoredRecord} StoredRecord */
/** @typedef {import("./types.js").RecordState} RecordState */
/** @typedef {import("./types.js").StateKey} StateKey */
/** @typedef {import("./types.js").Progress} Progress */

export const UNDO_MS = 10_000;

/**
 * Whether a record is still held back for "Urungkan". A clock that jumped back does not hold it
 * for longer than those ten seconds.
 * @param {StoredRecord} record
 * @param {number} nowMs
 */
export function isHeld(record, nowMs) {
  const left = record.send_after_ms - nowMs;
  return record.state === "waiting" && record.draft !== null && left > 0 && left <= UNDO_MS;
}

/**
 * @param {StateKey} key
 * @param {string} label
 * @param {RecordState["tone"]} tone
 * @param {string} detail
 * @param {string|null} [todo]
 * @returns {RecordState}
 */
const state = (key, label, tone, detail, todo = null) => ({ key, label, detail, todo, tone });

/**
 * The state of one line of "Kunjungan saya".
 * @param {OwnVisit} visit
 * @param {number} nowMs
 * @returns {RecordState}
 */
export function visitState(visit, nowMs) {
  const newest = visit.revisions.at(-1) ?? null;
  if (newest?.state === "erased") return erasedState();
  const withdrawal = withdrawalState(visit);
  if (withdrawal) return withdrawal;
  if (newest && newest.state !== "acked") return unsentState(visit, newest, nowMs);
  // After the server's update it can be read, and the feed then has it as the head.
  if (newest?.result === "quarantined" && visit.remote?.head !== newest.sha256) {
    return state("quarantined", t("Received, not readable"), "attention", t("The office keeps it but cannot read it."), t("Tell your supervisor. Keep this record on the phone."));
  }
  if (newest?.result === "conflict" && visit.remote?.head !== newest.sha256 && visit.remote?.conflict !== false) {
    return state("conflict", t("Waits for the supervisor's choice"), "attention", t("The office had changed this visit meanwhile. Both versions are kept."), t("Wait for the supervisor, or call."));
  }
  const decided = visit.remote && (!newest || visit.remote.head === newest.sha256 || newest.result === "conflict") ? decisionState(visit) : null;
  if (decided) return decided;
  const progress = visit.progress;
  if (newest && progress.files_sent < progress.files_total) {
    return state("sent", t("Sent"), "calm", progressText(progress));
  }
  const edited = (newest?.revision ?? visit.remote?.revision ?? 1) > 1;
  return state(edited ? "edited" : "received", t("Received by the office"), "good", edited ? t("Your correction has arrived.") : t("Waits for review."));
}

function erasedState() {
  return state("erased", t("Erased by the office"), "calm", t("The office erased this visit to protect personal data, so its content is gone from this phone too. Nothing is left to send. Ask your supervisor if you do not know why."));
}

/** @param {OwnVisit} visit */
function withdrawalState(visit) {
  const record = visit.withdrawal;
  if (visit.remote?.state === "withdrawn" && (!record || record.state === "acked")) {
    return state("withdrawn", t("Withdrawn"), "calm", t("It no longer counts. The office keeps it for the record."));
  }
  if (!record) return null;
  if (record.state === "erased") return erasedState();
  if (record.state === "waiting") return state("withdrawn", t("Withdrawn"), "attention", t("The withdrawal will be sent."));
  if (record.state === "refused") return refusedState(record);
  if (record.result === "conflict") {
    return state("conflict", t("Waits for the supervisor's choice"), "attention", t("The office decided before your withdrawal arrived."), t("Wait for the supervisor, or call."));
  }
  return state("withdrawn", t("Withdrawn"), "calm", t("It no longer counts. The office keeps it for the record."));
}

/** @param {StoredRecord} record */
function refusedState(record) {
  return state("refused", t("Not accepted"), "bad", record.refusal?.message ?? "", t("It is safe on this phone. Show this to your supervisor: {code}", { code: record.refusal?.code ?? "" }));
}

/** @param {OwnVisit} visit @param {StoredRecord} newest @param {number} nowMs */
function unsentState(visit, newest, nowMs) {
  if (newest.state === "refused") return refusedState(newest);
  if (isHeld(newest, nowMs)) return state("held", t("Saved on this phone"), "good", t("You can still undo."), null);
  const decided = visit.remote?.state === "approved" || visit.remote?.state === "rejected";
  const detail = decided ? t("The office decided meanwhile; your correction will be put beside it.") : t("Will be sent when there is a network.");
  return state("waiting", t("Saved on this phone"), "calm", detail);
}

/** @param {OwnVisit} visit */
function decisionState(visit) {
  const reason = String(visit.reviews.at(-1)?.reason ?? "");
  const left = visit.progress.files_sent < visit.progress.files_total ? progressText(visit.progress) : "";
  switch (visit.remote?.state) {
    case "approved":
      return state("approved", t("Approved"), "good", left);
    case "has_issues":
      return state("returned", t("Needs correction"), "attention", reason, t("Open it, correct it and save again."));
    case "rejected":
      return state("rejected", t("Rejected"), "bad", reason, t("Read the reason. A new visit may be needed."));
    default:
      return null;
  }
}

/**
 * "Text sent, photo 2 of 3."
 * @param {Progress} progress
 */
export function progressText(progress) {
  if (!progress.text_sent) return t("Not sent yet.");
  if (progress.files_sent >= progress.files_total) return t("Everything sent.");
  if (!progress.photos_total) return t("Text sent.");
  return t("Text sent, photo {sent} of {total}.", { sent: progress.photos_sent, total: progress.photos_total });
}

/**
 * "5 minutes ago", for people; never negative.
 * @param {import("./types.js").Instant} instant
 * @param {number} nowMs
 */
export function agoText(instant, nowMs) {
  const minutes = Math.max(0, Math.floor((nowMs - toMs(instant)) / 60_000));
  if (!Number.isFinite(minutes) || minutes < 1) return t("just now");
  if (minutes < 60) return nt("{n} minute ago", "{n} minutes ago", minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? nt("{n} hour ago", "{n} hours ago", hours) : nt("{n} day ago", "{n} days ago", Math.floor(hours / 24));
}
