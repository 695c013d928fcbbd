// @ts-check
/** The office's lists as the form's options, in the officer's language, with icons of our own. */
import { t } from "../../core/messages.js";
import { choices, labelOf, operators } from "../../core/reference.js";

/** @typedef {import("../kit/choice.js").Option} Option */

/** @type {Object<string, string>} */
const SERVICE_ICON = { none: "signal-off", emergency_only: "bars-emergency", voice: "bars-voice", voice_sms: "bars-sms", data: "bars-data" };
/** @type {Object<string, import("../kit/notice.js").Tone>} */
const SERVICE_TONE = { none: "bad", emergency_only: "warn", voice: "warn", voice_sms: "info", data: "good" };

/** @param {string} name @returns {Option[]} */
export function optionsOf(name) {
  return choices(name).map(({ key, label }) => ({ key, label: t(label) }));
}

/** @returns {Option[]} */
export function serviceOptions() {
  return optionsOf("service_results").map((option) => ({ ...option, icon: serviceIcon(option.key), className: `service--${option.key}` }));
}

/** @param {string} result */
export const serviceIcon = (result) => SERVICE_ICON[result] ?? "signal";
/** @param {string} result */
export const serviceTone = (result) => SERVICE_TONE[result] ?? "plain";

/** @param {string} key @returns {string} the brand */
export function operatorName(key) {
  return operators().find((operator) => operator.key === key)?.brand ?? key;
}

/** @param {{handset: string, sim_slot: number|null}} sim @returns {string} "HP ini · SIM 1" */
export function simPlace(sim) {
  const handset = labelOf("handsets", sim.handset);
  return sim.sim_slot === null ? handset : t("{handset} · SIM {slot}", { handset, slot: sim.sim_slot });
}
