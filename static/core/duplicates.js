// @ts-check
/** Finds a visit that this draft may repeat: same jorong, same day, less than 100 m away. */
import { trueInstant } from "./clock.js";
import { distanceM } from "./geo.js";
import { localDay } from "./instants.js";
import { question } from "./reference.js";

/** @typedef {import("./types.js").VisitDraft} VisitDraft */
/** @typedef {import("./types.js").OwnVisit} OwnVisit */

/**
 * The payload of the newest revision that is known, here or from the server.
 * @param {OwnVisit} visit
 * @returns {Object<string, any>|null}
 */
export function newestPayload(visit) {
  const text = visit.revisions.at(-1)?.payload ?? visit.remote?.payload;
  if (text && typeof text === "object") return text;
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/**
 * The nearest own visit that the draft may repeat, or null.
 * @param {VisitDraft} draft
 * @param {OwnVisit[]} visits of this officer
 * @param {string} timeZone of the office
 * @param {{server_offset_ms: number|null}|null} [clock] of the phone now
 */
export function similarVisit(draft, visits, timeZone, clock = null) {
  const within = question("same_place_m");
  const here = pointOf(draft.position);
  if (within === null || !here) return null;
  const day = localDay(trueInstant(draft.started_at, clock), timeZone);
  /** @type {{visit: OwnVisit, metres: number}|null} */
  let nearest = null;
  for (const visit of visits) {
    const payload = newestPayload(visit);
    const there = pointOf(payload?.position);
    if (!payload || !there || visit.id === draft.id || visit.withdrawal || payload.practice !== draft.practice) continue;
    if (!sameArea(draft, payload) || localDay(trueInstant(String(payload.started_at ?? payload.saved_at), payload.clock), timeZone) !== day) continue;
    const metres = distanceM(here, there);
    if (metres < within && (!nearest || metres < nearest.metres)) nearest = { visit, metres };
  }
  return nearest?.visit ?? null;
}

/** @param {{latitude_deg: number|null, longitude_deg: number|null}|null|undefined} position */
function pointOf(position) {
  if (typeof position?.latitude_deg !== "number" || typeof position.longitude_deg !== "number") return null;
  return { latitude_deg: position.latitude_deg, longitude_deg: position.longitude_deg };
}

/** @param {VisitDraft} draft @param {Object<string, any>} payload */
function sameArea(draft, payload) {
  if (draft.area.id) return draft.area.id === payload.area?.id;
  return !payload.area?.id && draft.area.claimed?.name === payload.area?.claimed?.name;
}
