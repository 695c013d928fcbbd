// @ts-check
/** Big plain choices for a thumb: one of several, or several of several. */
import { html } from "./html.js";
import { Icon } from "./icon.js";

/** @typedef {{key: string, label: string, icon?: string, className?: string}} Option */

let nextId = 0;
/** @returns {string} */
export const newDomId = () => `f${(nextId += 1)}`;

/**
 * Exactly one, or none yet. Buttons instead of radios: a choice may close its own panel, which
 * arrow keys on radios would do by accident.
 * @param {{label: string, hideLabel?: boolean, hint?: string, options: Option[], value: string|null, onChange: (key: string) => void, testid: string, wide?: boolean, pack?: boolean}} props `pack`: short labels, as many a line as fit
 */
export function ChooseOne({ label, hideLabel = false, hint, options, value, onChange, testid, wide = false, pack = false }) {
  const id = `label-${testid}`;
  return html`<div class="field" role="group" aria-labelledby=${id} data-testid=${testid}>
    <span class=${hideLabel ? "visually-hidden" : "label"} id=${id}>${label}</span>
    ${hint && html`<span class="hint">${hint}</span>`}
    <div class=${wide ? "choices choices--one" : pack ? "options options--pack" : "options"}>
      ${options.map(
        (option) => html`<button type="button" class="option ${option.className ?? ""}" key=${option.key}
          aria-pressed=${value === option.key} data-testid="${testid}-${option.key}"
          onClick=${() => onChange(option.key)}>
          ${option.icon && html`<${Icon} name=${option.icon} />`}
          <span class="grow">${option.label}</span>
          ${value === option.key && html`<span class="option__mark"><${Icon} name="check" /></span>`}
        </button>`,
      )}
    </div>
  </div>`;
}

/** @param {{label: string, checked: boolean, onChange: (checked: boolean) => void, testid?: string, hint?: string, disabled?: boolean}} props */
export function Check({ label, checked, onChange, testid, hint, disabled = false }) {
  return html`<label class="choice">
    <input type="checkbox" checked=${checked} disabled=${disabled} data-testid=${testid}
      onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.checked)} />
    <span class="grow">${label}${hint && html`<span class="hint block">${hint}</span>`}</span>
  </label>`;
}
