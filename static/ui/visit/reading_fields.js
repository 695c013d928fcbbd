// @ts-check
/** "Tambah angka sinyal (dBm)": the network, one field for what the phone shows, the bars. */
import { useState } from "preact/hooks";
import { toInstant } from "../../core/instants.js";
import { t } from "../../core/messages.js";
import { withText } from "../../core/readings.js";
import { operators, reference, technologies } from "../../core/reference.js";
import { networkText } from "../../core/typed_questions.js";
import { ChooseOne } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { TypedField } from "./typed_field.js";

/** @typedef {import("../../core/types.js").Reading} Reading */
/** @typedef {import("../../core/types.js").Technology} Technology */
/** @typedef {import("./edit.js").Sim} Sim */

/** Technologies this operator runs first, the others after. @param {string} operator */
function technologyOptions(operator) {
  const own = operators().find((one) => one.key === operator)?.technologies ?? [];
  const all = technologies().map(({ key }) => ({ key, label: networkText(key) }));
  return [...all.filter((one) => own.includes(one.key)), ...all.filter((one) => !own.includes(one.key))];
}

/** @param {Sim} sim @returns {Reading} */
function emptyReading(sim) {
  return { operator: sim.operator, technology: null, handset: sim.handset, sim_slot: sim.sim_slot, bars: null, source: "typed", raw_text: null, at: toInstant(Date.now()) };
}

/** @param {{sim: Sim, reading: Reading|null, onChange: (reading: Reading|null) => void}} props */
export function ReadingFields({ sim, reading, onChange }) {
  const [open, setOpen] = useState(reading !== null);
  const held = reading ?? emptyReading(sim);
  const change = (/** @type {Reading} */ next) => {
    const empty = next.technology === null && next.raw_text === null && next.bars === null;
    onChange(empty ? null : { ...next, at: toInstant(Date.now()) });
  };
  const choose = (/** @type {Technology} */ key) => change(withText(held, { technology: key === held.technology ? null : key }));
  return html`<details open=${open} onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)} data-testid="reading-${sim.operator}">
    <summary data-testid="reading-${sim.operator}-open"><${Icon} name="plus" />${t("Add signal numbers (dBm)")}</summary>
    ${open && html`<div class="stack">
      <${ChooseOne} pack=${true} label=${t("Network the phone shows")} testid="technology-${sim.operator}" options=${technologyOptions(sim.operator)} value=${held.technology} onChange=${choose} />
      <${SwitchedOff} technology=${held.technology} operator=${sim.operator} key=${held.technology} onChoose=${choose} />
      <${TypedField} sim=${sim} reading=${held} onChange=${change} />
      ${reading && html`<${ChooseOne} pack=${true} label=${t("Bars on the screen (if shown)")} testid="bars-${sim.operator}" value=${held.bars === null ? null : String(held.bars)}
        options=${["0", "1", "2", "3", "4"].map((n) => ({ key: n, label: n }))}
        onChange=${(/** @type {string} */ n) => change({ ...held, bars: held.bars === Number(n) ? null : Number(n) })} />`}
    </div>`}
  </details>`;
}

/** A network that should be gone is asked about once, never refused. @param {{technology: Technology|null, operator: string, onChoose: (key: Technology) => void}} props */
function SwitchedOff({ technology, operator, onChoose }) {
  const [sure, setSure] = useState(false);
  if (!technology || sure || !reference().switched_off?.[technology]) return null;
  return html`<${Notice} tone="warn" icon="question" testid="question-${operator}-switched_off" live=${true}>
    <span>${t("3G has been switched off in Indonesia. Does the phone really show 3G, H or H+?")}</span>
    <span class="cluster"><button type="button" class="button button--small" data-testid="insist-${operator}-switched_off" onClick=${() => setSure(true)}>${t("Yes, it shows 3G")}</button>
      ${/** @type {const} */ (["lte", "gsm"]).map((key) => html`<button type="button" class="button button--small" key=${key} onClick=${() => onChoose(key)}>${networkText(key)}</button>`)}</span>
  <//>`;
}
