// @ts-check
/** "Tambah angka sinyal (dBm)": folded radio values with questions where a slip is likely. */
import { useState } from "preact/hooks";
import { toInstant } from "../../core/instants.js";
import { t } from "../../core/messages.js";
import { understandReading } from "../../core/readings.js";
import { operators, reference, technologies } from "../../core/reference.js";
import { ChooseOne } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { simKey } from "./edit.js";

/** @typedef {import("../../core/types.js").Reading} Reading */
/** @typedef {import("../../core/types.js").Technology} Technology */
/** @typedef {import("./edit.js").Sim} Sim */

/** Names of the quantities as phones print them; the same in every language. @type {Object<string, string>} */
const NAMES = { rsrp_dbm: "RSRP (dBm)", rsrq_db: "RSRQ (dB)", sinr_db: "SINR (dB)", rssi_dbm: "RSSI (dBm)", rscp_dbm: "RSCP (dBm)", ecno_db: "Ec/No (dB)" };

/** Technologies this operator runs first, the others after. @param {string} operator */
function technologyOptions(operator) {
  const own = operators().find((one) => one.key === operator)?.technologies ?? [];
  const all = technologies().map(({ key, label }) => ({ key, label: t(label) }));
  return [...all.filter((one) => own.includes(one.key)), ...all.filter((one) => !own.includes(one.key))];
}

/** @param {Sim} sim @param {Technology} technology @returns {Reading} */
function emptyReading(sim, technology) {
  return { operator: sim.operator, technology, handset: sim.handset, sim_slot: sim.sim_slot, bars: null, source: "typed", raw_text: null, at: toInstant(Date.now()) };
}

/** @param {{sim: Sim, reading: Reading|null, onChange: (reading: Reading|null) => void}} props */
export function ReadingFields({ sim, reading, onChange }) {
  const technology = reading?.technology ?? null;
  const quantities = Object.keys(reference().technology_limits?.[technology ?? ""] ?? {}).filter((name) => name in NAMES);
  const main = reference().main_quantity?.[technology ?? ""] ?? null;
  const ordered = main ? [main, ...quantities.filter((name) => name !== main)] : quantities;
  const change = (/** @type {Partial<Reading>} */ part) => onChange({ ...emptyReading(sim, technology ?? "lte"), ...reading, ...part, at: toInstant(Date.now()) });
  return html`<details open=${reading !== null} data-testid="reading-${sim.operator}">
    <summary data-testid="reading-${sim.operator}-open"><${Icon} name="plus" />${t("Add signal numbers (dBm)")}</summary>
    <div class="stack">
      <p class="small soft">${t("From Settings › About phone › SIM status, or a field-test screen. Choose the network type it shows.")}</p>
      <${ChooseOne} pack=${true} label=${t("Network type")} testid="technology-${sim.operator}" options=${technologyOptions(sim.operator)} value=${technology}
        onChange=${(/** @type {Technology} */ key) => onChange(key === technology ? null : emptyReading(sim, key))} />
      ${reading && ordered.map((field) => html`<${RadioValue} key=${`${technology}-${field}`} sim=${sim} field=${field} main=${field === main} reading=${reading} onChange=${change} />`)}
      ${reading && html`<${ChooseOne} pack=${true} label=${t("Bars on the screen (if shown)")} testid="bars-${sim.operator}" value=${reading.bars === null ? null : String(reading.bars)}
        options=${["0", "1", "2", "3", "4"].map((n) => ({ key: n, label: n }))}
        onChange=${(/** @type {string} */ n) => change({ bars: reading.bars === Number(n) ? null : Number(n) })} />`}
    </div>
  </details>`;
}

/** @param {{sim: Sim, field: string, main: boolean, reading: Reading, onChange: (part: Partial<Reading>) => void}} props */
function RadioValue({ sim, field, main, reading, onChange }) {
  const value = /** @type {any} */ (reading)[field] ?? null;
  const [text, setText] = useState(main && reading.raw_text ? reading.raw_text : value === null ? "" : String(value));
  const [insisted, setInsisted] = useState(false);
  const understood = understandReading(text, reading.technology, undefined, field);
  const id = `${field}-${simKey(sim)}`;

  const type = (/** @type {string} */ next) => {
    setText(next);
    setInsisted(false);
    const now = understandReading(next, reading.technology, undefined, field);
    onChange({ [field]: now.value, ...(main ? { raw_text: next.trim() || null } : {}) });
  };
  const agree = () => {
    setInsisted(true);
    if (understood.suggested_field === field) setText(String(understood.suggestion));
    onChange({ [field]: null, [understood.suggested_field]: understood.suggestion });
  };
  const asks = understood.problem !== null && !insisted;
  return html`<div class="field">
    <label for=${id}>${NAMES[field]}</label>
    <input id=${id} data-testid="value-${sim.operator}-${field}" inputmode="text" autocomplete="off" spellcheck=${false} placeholder=${main ? "-108" : ""}
      value=${text} aria-describedby=${`${id}-asks`} onInput=${(/** @type {any} */ event) => type(event.currentTarget.value)} />
    <div id=${`${id}-asks`} aria-live="polite">
      ${asks && html`<div class="notice notice--warn" data-testid="question-${sim.operator}-${field}"><${Icon} name="question" />
        <div class="grow stack stack--tight"><span>${understood.question}</span>
          <span class="cluster">
            ${understood.suggestion !== null && html`<button type="button" class="button button--small" data-testid="agree-${sim.operator}-${field}" onClick=${agree}>
              ${t("Yes, {value}", { value: understood.suggestion })}</button>`}
            ${understood.problem !== "unreadable" && html`<button type="button" class="button button--small" onClick=${() => setInsisted(true)}>${t("No, keep as typed")}</button>`}
          </span></div></div>`}
    </div>
  </div>`;
}
