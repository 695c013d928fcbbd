// @ts-check
/** What Save looks at, and saving itself: one frozen record, on the disk when it resolves. */
import { clockOfPayload } from "../../core/clock.js";
import { reference } from "../../core/reference.js";
import { checkDraft } from "../../core/validation.js";
import { similarVisit } from "../../core/duplicates.js";
import { saveVisit } from "../../storage/records.js";
import { ownPoint } from "../areas.js";
import { clock, clockNow } from "../clock.js";
import { officer } from "../state.js";
import { officerDb, work } from "../work.js";

/** @typedef {import("../../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../../core/types.js").Warning} Warning */
/** @typedef {import("../../core/types.js").OwnVisit} OwnVisit */

/** What is missing, cheap enough for every keystroke. @param {VisitDraft} draft */
export function missingIn(draft) {
  return checkDraft(draft).filter((warning) => warning.severity === "missing");
}

/** Everything Save asks about. @param {VisitDraft} draft @returns {{missing: Warning[], questions: Warning[], similar: OwnVisit|null}} */
export function lookOver(draft) {
  const held = work.value;
  const similar = draft.correction ? null : similarVisit(draft, held?.visits ?? [], reference().timezone ?? "UTC", clock.peek().changed ? null : clock.peek());
  const area = draft.area.id ? held?.areas.byId.get(draft.area.id) : undefined;
  const warnings = checkDraft(draft, { area_point: ownPoint(area), similar });
  return {
    missing: warnings.filter((warning) => warning.severity === "missing"),
    questions: warnings.filter((warning) => warning.severity === "question"),
    similar,
  };
}

/** Minutes that local time is ahead of UTC now. */
export const utcOffsetMin = () => -new Date().getTimezoneOffset();

/**
 * What saving needs to know of the officer and the clock. The time of a save is from now on the
 * least that this clock may show.
 * @param {number|null} [jumpsAtStart] how often the clock had been set when the visit was begun
 * @returns {Promise<import("../../storage/records.js").Saving>}
 */
export async function savingNow(jumpsAtStart = null) {
  if (!officer.value) throw new Error("nobody is on duty");
  const known = await clockNow();
  const nowMs = Date.now();
  return { token: officer.value.token, clock: clockOfPayload(known, nowMs, jumpsAtStart), nowMs, utc_offset_min: utcOffsetMin() };
}

/**
 * Note at a visit's begin how often the clock had been set: one set before its save shows.
 * @param {VisitDraft} draft
 * @returns {VisitDraft}
 */
export function withClock(draft) {
  return draft.form?.clock_jumps === undefined ? { ...draft, form: { ...draft.form, clock_jumps: clock.peek().jumps } } : draft;
}

/** @param {VisitDraft} draft */
export async function saveNow(draft) {
  const jumps = draft.form?.clock_jumps;
  return saveVisit(officerDb(), draft, await savingNow(typeof jumps === "number" ? jumps : null));
}
