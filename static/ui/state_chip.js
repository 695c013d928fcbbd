// @ts-check
/** A visit's state as a chip: icon, word, tone. */
import { Chip } from "./kit/notice.js";
import { html } from "./kit/html.js";

/** @typedef {import("../core/types.js").RecordState} RecordState */

/** @type {Object<string, string>} */
const ICONS = {
  held: "saved", waiting: "saved", sending: "sent", sent: "sent", received: "received", edited: "received",
  returned: "returned", approved: "check", rejected: "cross", withdrawn: "leave", conflict: "question", refused: "warning", quarantined: "warning", erased: "lock",
};
/** @type {Object<RecordState["tone"], import("./kit/notice.js").Tone>} */
const TONES = { calm: "plain", good: "good", attention: "warn", bad: "bad" };

/** @param {RecordState} state */
export const toneOf = (state) => TONES[state.tone];
/** @param {RecordState} state */
export const iconOfState = (state) => ICONS[state.key] ?? "info";

/** @param {{state: RecordState}} props */
export function StateChip({ state }) {
  return html`<${Chip} tone=${toneOf(state)} icon=${iconOfState(state)} testid="state-${state.key}">${state.label}<//>`;
}
