// @ts-check
/** Public services that fail here, who came along, and a note: folded until they are wanted. */
import { useState } from "preact/hooks";
import { nt, t } from "../../core/messages.js";
import { publicServices } from "../../core/reference.js";
import { Check } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { toggled } from "./edit.js";

/** @typedef {import("../../core/types.js").VisitDraft} VisitDraft */

/** @param {{draft: VisitDraft, onChange: (part: Partial<VisitDraft>) => void}} props */
export function MoreSection({ draft, onChange }) {
  const failing = draft.services_failing.length;
  const companions = draft.companions.length;
  return html`<section class="card" aria-label=${t("More about this visit")}>
    ${publicServices().length > 0 && html`<details data-testid="services-failing">
      <summary><${Icon} name="flag" /><span>${t("Public services that fail here")}${failing > 0 && html` <span class="soft">(${failing})</span>`}</span></summary>
      <div class="stack stack--tight">
        ${publicServices().map(({ key, label }) => html`<${Check} key=${key} label=${label} testid="service-${key}" checked=${draft.services_failing.includes(key)}
          onChange=${() => onChange({ services_failing: toggled(draft.services_failing, key) })} />`)}
      </div>
    </details>`}
    <details open=${companions > 0} data-testid="companions">
      <summary><${Icon} name="people" /><span>${t("Who is with you?")}${companions > 0 && html` <span class="soft">${nt("({n} person)", "({n} people)", companions)}</span>`}</span></summary>
      <${Companions} names=${draft.companions} onChange=${(/** @type {string[]} */ names) => onChange({ companions: names })} />
    </details>
    <div class="field">
      <label for="note">${t("Note")}</label>
      <textarea id="note" data-testid="note" rows="3" value=${draft.note} placeholder=${t("What an engineer should know: tower in view, weather, power…")}
        onInput=${(/** @type {any} */ event) => onChange({ note: event.currentTarget.value })}></textarea>
    </div>
  </section>`;
}

/** @param {{names: string[], onChange: (names: string[]) => void}} props */
function Companions({ names, onChange }) {
  const [name, setName] = useState("");
  const add = () => {
    const clean = name.trim();
    if (clean && !names.includes(clean)) onChange([...names, clean]);
    setName("");
  };
  return html`<div class="stack stack--tight">
    ${names.length > 0 && html`<div class="cluster">
      ${names.map((one) => html`<span class="tag" key=${one}>${one}
        <button type="button" class="button button--icon" aria-label=${t("Remove {name}", { name: one })} onClick=${() => onChange(names.filter((other) => other !== one))}><${Icon} name="cross" /></button>
      </span>`)}
    </div>`}
    <div class="row">
      <input class="grow" aria-label=${t("Name of a companion")} placeholder=${t("Name")} data-testid="companion-name" value=${name} autocomplete="off"
        onInput=${(/** @type {any} */ event) => setName(event.currentTarget.value)}
        onBlur=${add} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && (event.preventDefault(), add())} />
      <button type="button" class="button" data-testid="companion-add" onClick=${add}>${t("Add")}</button>
    </div>
  </div>`;
}
