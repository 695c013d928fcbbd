// @ts-check
/**
 * Enrolments under way. Token and device id are on the disk before the code is sent, so a lost
 * answer burns nothing: the same code is sent again with the same two.
 */
import { newToken } from "../core/digest.js";
import { toInstant } from "../core/instants.js";
import { uuidv7 } from "../core/uuid.js";
import { result } from "./connection.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("../core/types.js").Officer} Officer */
/** @typedef {{code: string, device_id: string, token: string, started_at: string}} Enrolment */

/**
 * The enrolment for a code: the one begun earlier, else a new one.
 * @param {Database} device
 * @param {string} code
 * @param {number} nowMs
 * @returns {Promise<Enrolment>} on the disk
 */
export function beginEnrolment(device, code, nowMs) {
  const [freshId, token] = [uuidv7(nowMs), newToken()];
  return device.write(["enrolments", "settings"], async (tx) => {
    const store = tx.objectStore("enrolments");
    const begun = await result(store.get(code));
    if (begun) return begun;
    // One id for the phone, whoever enrols on it: the office sees one phone with two officers.
    const known = await result(tx.objectStore("settings").get("device_id"));
    const device_id = known?.value ?? freshId;
    if (!known) await result(tx.objectStore("settings").put({ name: "device_id", value: device_id }));
    /** @type {Enrolment} */
    const fresh = { code, device_id, token, started_at: toInstant(nowMs) };
    await result(store.put(fresh));
    return fresh;
  });
}

/** Enrolments without an answer yet. @param {Database} device @returns {Promise<Enrolment[]>} */
export function pendingEnrolments(device) {
  return device.read(["enrolments"], (tx) => result(tx.objectStore("enrolments").getAll()));
}

/**
 * The server knows the phone now: keep the officer (a known one gets the new token and keeps his
 * database) and end the enrolment, in one transaction.
 * @param {Database} device
 * @param {Enrolment} enrolment
 * @param {{id: string, name: string, language: string, supervisor?: string|null}} person
 * @param {string} deviceId as the server names it
 * @param {number} nowMs
 * @returns {Promise<Officer>}
 */
export function completeEnrolment(device, enrolment, person, deviceId, nowMs) {
  /** @type {Officer} */
  const officer = {
    id: person.id,
    name: person.name,
    language: person.language,
    supervisor: person.supervisor ?? null,
    token: enrolment.token,
    device_id: deviceId,
    enrolled_at: toInstant(nowMs),
    state: "active",
  };
  return device.write(["officers", "enrolments"], async (tx) => {
    await result(tx.objectStore("officers").put(officer));
    await result(tx.objectStore("enrolments").delete(enrolment.code));
    return officer;
  });
}

/** The server said no for good: the code is of no use. @param {Database} device @param {string} code */
export async function dropEnrolment(device, code) {
  await device.write(["enrolments"], (tx) => result(tx.objectStore("enrolments").delete(code)));
}
