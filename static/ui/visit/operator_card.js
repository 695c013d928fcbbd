// @ts-check
/** One SIM of the bag in the form: its service in five plain choices, radio values folded. */
import { t } from "../../core/messages.js";
import { labelOf } from "../../core/reference.js";
import { ChooseOne } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip } from "../kit/notice.js";
import { simKey } from "./edit.js";
import { operatorName, serviceIcon, serviceOptions, serviceTone, simPlace } from "./lists.js";
import { ReadingFields } from "./reading_fields.js";

/** @typedef {import("../../core/types.js").ServiceTest} ServiceTest */
/** @typedef {import("../../core/types.js").Reading} Reading */

/**
 * @param {{sim: import("./edit.js").Sim, test: ServiceTest|null, reading: Reading|null, open: boolean, onToggle: () => void,
 *   onResult: (result: string|null) => void, onReading: (reading: Reading|null) => void}} props
 */
export function OperatorCard({ sim, test, reading, open, onToggle, onResult, onReading }) {
  const name = operatorName(sim.operator);
  const id = simKey(sim);
  return html`<section class="operator ${open ? "operator--open" : ""}" data-testid="operator-${sim.operator}" aria-labelledby=${`name-${id}`}>
    <button type="button" class="operator__head" aria-expanded=${open} aria-controls=${`body-${id}`} data-testid="operator-${sim.operator}-head" onClick=${onToggle}>
      <${Icon} name=${test ? serviceIcon(test.result) : "sim"} />
      <span class="grow"><span class="operator__name block" id=${`name-${id}`}>${name}</span>
        <span class="cluster">${test
          ? html`<${Chip} tone=${serviceTone(test.result)}>${labelOf("service_results", test.result)}<//>`
          : html`<${Chip}>${t("Not chosen yet")}<//>`}<span class="small soft">${simPlace(sim)}</span></span></span>
    </button>
    ${open && html`<div class="stack" id=${`body-${id}`}>
      <${ChooseOne} wide=${true} hideLabel=${true} label=${t("What works with {operator}?", { operator: name })} testid="result-${sim.operator}"
        options=${serviceOptions()} value=${test?.result ?? null} onChange=${onResult} />
      <${ReadingFields} sim=${sim} reading=${reading} onChange=${onReading} />
      ${test && html`<button type="button" class="link-button" onClick=${() => onResult(null)}>${t("Not tested after all")}</button>`}
    </div>`}
  </section>`;
}
