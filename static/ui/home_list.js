// @ts-check
/**
 * The lines of Beranda: assigned jorong with what is done there, nearest first. Pure: told the
 * work, the place and the time.
 */
import { isHeld, visitState } from "../core/states.js";
import { distanceTo } from "./areas.js";

/** @typedef {import("./work.js").Work} Work */
/** @typedef {import("./areas.js").Area} Area */
/** @typedef {import("../core/types.js").OwnVisit} OwnVisit */

/**
 * untouched: nobody was there yet. The rest speaks of the most urgent visit of this officer.
 * @typedef {"returned"|"draft"|"untouched"|"saved"|"sent"|"done"} LineState
 * @typedef {Object} HomeLine
 * @property {Area} area
 * @property {LineState} state
 * @property {import("../core/types.js").RecordState|null} visit_state
 * @property {number} visits
 * @property {string|null} due_on
 * @property {string|null} campaign_id
 * @property {string|null} letter_number
 * @property {{metres: number, approximate: boolean}|null} distance
 */

/** Most urgent first. @type {LineState[]} */
const URGENCY = ["returned", "draft", "saved", "sent", "done"];

/** @param {import("../core/types.js").StateKey} key @returns {LineState} */
function lineStateOf(key) {
  if (["returned", "rejected", "refused"].includes(key)) return "returned";
  if (["held", "waiting"].includes(key)) return "saved";
  if (["approved", "received", "edited"].includes(key)) return "done";
  return "sent";
}

/**
 * @param {Work} work
 * @param {{latitude_deg: number, longitude_deg: number}|null} here
 * @param {number} nowMs
 * @returns {HomeLine[]} what is to do, nearest first; places not known come after, by name
 */
export function homeLines(work, here, nowMs) {
  const open = new Map(work.campaigns.filter((campaign) => !campaign.closed_at).map((campaign) => [campaign.id, campaign]));
  const lines = work.assignments.flatMap((assignment) => {
    const area = work.areas.byId.get(assignment.area_id);
    if (!area || (assignment.campaign_id && !open.has(assignment.campaign_id))) return [];
    return [{ ...stateAt(work, area, nowMs), area, due_on: assignment.due_on ?? null, campaign_id: assignment.campaign_id ?? null,
      letter_number: assignment.letter_number ?? null, distance: distanceTo(work.areas, area, here) }];
  });
  return lines.sort((a, b) => (a.distance?.metres ?? Infinity) - (b.distance?.metres ?? Infinity) || a.area.name.localeCompare(b.area.name));
}

/** @param {Work} work @param {Area} area @param {number} nowMs */
function stateAt(work, area, nowMs) {
  const visits = work.visits.filter((visit) => visit.area_id === area.id && !visit.practice);
  const states = visits.map((visit) => visitState(visit, nowMs)).filter((state) => state.key !== "withdrawn" && state.key !== "erased");
  const drafting = work.drafts.some((draft) => draft.area.id === area.id && !draft.practice);
  const found = states.map((state) => lineStateOf(state.key));
  const all = drafting ? [.../** @type {LineState[]} */ (["draft"]), ...found] : found;
  const state = URGENCY.find((one) => all.includes(one)) ?? /** @type {LineState} */ ("untouched");
  const visit_state = states.find((one) => lineStateOf(one.key) === state) ?? null;
  return { state, visit_state, visits: states.length };
}

/** Visits that came back to this officer. @param {Work} work @param {number} nowMs @returns {OwnVisit[]} */
export function returnedVisits(work, nowMs) {
  return work.visits.filter((visit) => visitState(visit, nowMs).key === "returned");
}

/** Whether one of these can still be undone. @param {OwnVisit} visit @param {number} nowMs */
export function canUndo(visit, nowMs) {
  const newest = visit.revisions.at(-1);
  return newest !== undefined && isHeld(newest, nowMs);
}
