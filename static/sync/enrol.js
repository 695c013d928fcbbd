// @ts-check
/** Enrols an officer on this phone; a lost answer burns neither the code nor the token. */
import { beginEnrolment, completeEnrolment, dropEnrolment, pendingEnrolments } from "../storage/enrolments.js";
import { callApi } from "./api.js";
import { Failure } from "./failure.js";

export { pendingEnrolments } from "../storage/enrolments.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("../core/types.js").Officer} Officer */
/** @typedef {{ok: true, officer: Officer}|{ok: false, failure: Failure}} EnrolResult */

/** Answers after which the same code will never do for this phone. */
const CODE_IS_USELESS = new Set(["enrol.unknown_code", "enrol.expired_code", "enrol.used_code", "auth.revoked", "auth.disabled", "field.invalid"]);

/** "k7mx 42qd" as the office wrote it: K7MX-42QD. @param {string} typed */
export function tidyCode(typed) {
  const letters = typed.toUpperCase().replace(/[^0-9A-Z]/g, "");
  return letters.length === 8 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
}

/**
 * Enrol by code. Device id and token are on the disk before the code is sent; the same code
 * again, at any later time, goes with the same two.
 * @param {Environment} environment
 * @param {{code: string, model?: string|null}} enrolment
 * @returns {Promise<EnrolResult>} storage errors are thrown
 */
export async function enrol(environment, { code, model = environment.model }) {
  const begun = await beginEnrolment(environment.device, tidyCode(code), environment.now());
  try {
    const answer = await callApi(environment, "/enrol", { json: { code: begun.code, device_id: begun.device_id, token: begun.token, phone: { model } } });
    const person = answer.officer;
    if (typeof person?.id !== "string" || typeof person.name !== "string") throw new Failure("unexpected", { code: "enrol.malformed" });
    await environment.officer(person.id).open();
    const officer = await completeEnrolment(
      environment.device,
      begun,
      { id: person.id, name: person.name, language: String(person.language ?? "id"), supervisor: person.supervisor ?? null },
      String(answer.device?.id ?? begun.device_id),
      environment.now(),
    );
    return { ok: true, officer };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code && CODE_IS_USELESS.has(error.code)) await dropEnrolment(environment.device, begun.code);
    return { ok: false, failure: error };
  }
}

/**
 * Finish enrolments whose answer never came. Called when the server answers.
 * @param {Environment} environment
 */
export async function resumeEnrolments(environment) {
  for (const { code } of await pendingEnrolments(environment.device)) await enrol(environment, { code });
}
