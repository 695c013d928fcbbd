// @ts-check
/**
 * Turns a draft into the payload of schema 1 and freezes payloads to the exact text that is
 * hashed, sealed, kept and sent. Knows nothing of storage.
 */
import { toInstant } from "./instants.js";

/** @typedef {import("./types.js").VisitDraft} VisitDraft */
/** @typedef {Object<string, unknown>} Payload */
/** @typedef {{saved_ms: number, clock: import("./types.js").Clock, utc_offset_min: number}} Moment */

export const VISIT_SCHEMA = 1;

/** With the u flag a pair is one character, so this finds only halves without their other half. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/gu;

/** Text as UTF-8 and the server can hold it: no lone surrogate, no NUL. @param {string} text */
function sound(text) {
  return text.replace(LONE_SURROGATE, "\uFFFD").replaceAll("\u0000", "");
}

/**
 * Freeze a payload: the same text for ever after.
 * @param {Payload} payload
 * @returns {string} JSON; NaN and infinities are null, text is well formed
 */
export function freezePayload(payload) {
  return JSON.stringify(sane(payload));
}

/** @param {unknown} value @returns {unknown} */
function sane(value) {
  if (typeof value === "string") return sound(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map((item) => sane(item ?? null));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [sound(name), sane(item)]));
}

/**
 * What of a draft is sent. A correction starts from the payload it corrects, so that fields
 * of a newer app are kept.
 * @param {VisitDraft} draft
 * @param {Moment} moment of saving
 * @returns {Payload}
 */
export function visitPayload(draft, moment) {
  return {
    ...(draft.correction?.payload ?? {}),
    id: draft.id,
    campaign_id: draft.campaign_id,
    practice: draft.practice,
    config_version: draft.config_version,
    area: { id: draft.area.id, claimed: draft.area.claimed },
    place_kind: draft.place_kind,
    setting: draft.setting,
    power: draft.power,
    usually_signal: draft.usually_signal,
    started_at: draft.started_at,
    ...momentFields(moment),
    position: draft.position,
    phone: draft.phone,
    companions: draft.companions,
    service_tests: draft.service_tests,
    readings: draft.readings,
    data_tests: draft.data_tests,
    services_failing: draft.services_failing,
    photos: draft.photos,
    note: draft.note,
    incomplete_reason: draft.incomplete_reason,
    ...(draft.correction ? { correction_reason: draft.correction.reason } : {}),
  };
}

/** @param {Moment} moment */
export function momentFields(moment) {
  return { saved_at: toInstant(moment.saved_ms), utc_offset_min: moment.utc_offset_min, clock: { ...moment.clock } };
}

/**
 * The files that a visit's payload names, thumbnails first, each once.
 * @param {Payload} payload
 * @returns {{sha256: string, kind: "photo"|"thumbnail"}[]}
 */
export function payloadFiles(payload) {
  /** @type {Map<string, "photo"|"thumbnail">} */
  const files = new Map();
  const photos = Array.isArray(payload.photos) ? payload.photos : [];
  for (const photo of photos) if (photo?.thumbnail_sha256) files.set(photo.thumbnail_sha256, "thumbnail");
  for (const photo of photos) if (photo?.sha256 && !files.has(photo.sha256)) files.set(photo.sha256, "photo");
  return Array.from(files, ([sha256, kind]) => ({ sha256, kind }));
}
