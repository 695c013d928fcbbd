// @ts-check
/** Changes to a draft, pure: each takes a draft and gives a new one. Knows no storage, no screen. */
import { toInstant } from "../../core/instants.js";

/** @typedef {import("../../core/types.js").VisitDraft} VisitDraft */
/** @typedef {import("../../core/types.js").SimCard} SimCard */
/** @typedef {import("../../core/types.js").ServiceTest} ServiceTest */
/** @typedef {import("../../core/types.js").Reading} Reading */
/** @typedef {Pick<SimCard, "operator"|"handset"|"sim_slot">} Sim */

/** @param {Sim} sim */
export function simKey(sim) {
  return `${sim.operator}.${sim.handset}.${sim.sim_slot ?? 0}`;
}

/** @param {Sim} a @param {Sim} b */
const sameSim = (a, b) => simKey(a) === simKey(b);

/** @param {VisitDraft} draft @param {Sim} sim @returns {ServiceTest|null} */
export function testOf(draft, sim) {
  return draft.service_tests.find((test) => sameSim(test, sim)) ?? null;
}

/** @param {VisitDraft} draft @param {Sim} sim @returns {Reading|null} */
export function readingOf(draft, sim) {
  return draft.readings.find((reading) => sameSim(reading, sim)) ?? null;
}

/**
 * @param {VisitDraft} draft
 * @param {Sim} sim
 * @param {string} result
 * @param {number} nowMs
 * @returns {VisitDraft}
 */
export function withResult(draft, sim, result, nowMs) {
  /** @type {ServiceTest} */
  const test = {
    operator: sim.operator, handset: sim.handset, sim_slot: sim.sim_slot, technology: null, waited_s: null,
    airplane_toggled: false, networks_heard: [], ...testOf(draft, sim),
    result, proof: result === "none" ? "quick" : null, at: toInstant(nowMs),
  };
  return { ...draft, service_tests: replaced(draft.service_tests, test) };
}

/** Not tested after all. @param {VisitDraft} draft @param {Sim} sim @returns {VisitDraft} */
export function withoutResult(draft, sim) {
  return { ...draft, service_tests: draft.service_tests.filter((test) => !sameSim(test, sim)) };
}

/**
 * "No signal from any of my SIMs": those that have no result yet.
 * @param {VisitDraft} draft
 * @param {Sim[]} sims
 * @param {number} nowMs
 */
export function withNoSignal(draft, sims, nowMs) {
  const untested = sims.filter((sim) => !testOf(draft, sim));
  return untested.reduce((next, sim) => withResult(next, sim, "none", nowMs), draft);
}

/**
 * @param {VisitDraft} draft
 * @param {Sim} sim
 * @param {Reading|null} reading null removes it
 * @returns {VisitDraft}
 */
export function withReading(draft, sim, reading) {
  if (!reading) return { ...draft, readings: draft.readings.filter((other) => !sameSim(other, sim)) };
  return { ...draft, readings: replaced(draft.readings, reading) };
}

/**
 * @template {Sim} T
 * @param {T[]} list
 * @param {T} item
 */
function replaced(list, item) {
  const at = list.findIndex((other) => sameSim(other, item));
  return at < 0 ? [...list, item] : list.map((other, n) => (n === at ? item : other));
}

/** @param {string[]} list @param {string} word */
export function toggled(list, word) {
  return list.includes(word) ? list.filter((other) => other !== word) : [...list, word];
}

/**
 * The SIMs the form opens: those in the bag today, and any that the draft already speaks of.
 * @param {SimCard[]} cards
 * @param {VisitDraft} draft
 * @returns {Sim[]}
 */
export function simsOfForm(cards, draft) {
  /** @type {Map<string, Sim>} */
  const sims = new Map();
  for (const { operator, handset, sim_slot } of [...cards, ...draft.service_tests, ...draft.readings]) {
    sims.set(simKey({ operator, handset, sim_slot }), { operator, handset, sim_slot });
  }
  return [...sims.values()];
}
