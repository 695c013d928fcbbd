// @ts-check
/** Makes drafts: empty ones, the next stand in the same jorong, and one that corrects. Pure. */
import { toInstant } from "./instants.js";
import { uuidv7 } from "./uuid.js";

/** @typedef {import("./types.js").VisitDraft} VisitDraft */

/**
 * What is known when an officer starts a visit.
 * @typedef {Pick<VisitDraft, "area"|"area_name"|"campaign_id"|"practice"|"config_version"|"phone"> & {companions?: string[]}} Start
 */

/**
 * An empty draft for one stand.
 * @param {Start} start
 * @param {number} nowMs
 * @returns {VisitDraft}
 */
export function newDraft(start, nowMs) {
  return {
    id: uuidv7(nowMs),
    practice: start.practice,
    campaign_id: start.campaign_id,
    config_version: start.config_version,
    area: structuredClone(start.area),
    area_name: start.area_name,
    place_kind: null,
    setting: null,
    power: null,
    usually_signal: null,
    started_at: toInstant(nowMs),
    updated_at: toInstant(nowMs),
    position: null,
    phone: { ...start.phone },
    companions: [...(start.companions ?? [])],
    service_tests: [],
    readings: [],
    data_tests: [],
    services_failing: [],
    photos: [],
    note: "",
    incomplete_reason: null,
    correction: null,
  };
}

/**
 * "Titik berikutnya di jorong ini": the same jorong, campaign, companions and phone; no value,
 * no photo, no position.
 * @param {VisitDraft} last
 * @param {number} nowMs
 */
export function nextPointDraft(last, nowMs) {
  return newDraft(last, nowMs);
}

/**
 * A draft that corrects a saved revision; it opens with everything that revision said.
 * @param {Object<string, any>} payload of the revision corrected
 * @param {{base: string, revision: number, seen_review: string|null, reason: string|null, area_name: string}} correction
 * @param {number} nowMs
 * @returns {VisitDraft}
 */
export function draftFromPayload(payload, correction, nowMs) {
  const { area_name, ...rest } = correction;
  const empty = newDraft(
    {
      area: { id: payload.area?.id ?? null, claimed: payload.area?.claimed ?? null },
      area_name,
      campaign_id: payload.campaign_id ?? null,
      practice: payload.practice === true,
      config_version: payload.config_version ?? 1,
      phone: payload.phone ?? { model: null, app_version: "" },
    },
    nowMs,
  );
  /** @type {Object<string, unknown>} */
  const known = {};
  for (const name of Object.keys(empty)) if (payload[name] !== undefined && payload[name] !== null) known[name] = structuredClone(payload[name]);
  delete known.area;
  return { ...empty, ...known, id: String(payload.id), updated_at: toInstant(nowMs), correction: { ...rest, payload: structuredClone(payload) } };
}
