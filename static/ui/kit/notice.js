// @ts-check
/** Notices, state chips and empty states: a word and an icon beside every colour. */
import { html } from "./html.js";
import { Icon } from "./icon.js";

/** @typedef {"good"|"warn"|"bad"|"info"|"plain"} Tone */

/** @type {Object<Tone, string>} */
const TONE_ICON = { good: "check", warn: "warning", bad: "warning", info: "info", plain: "info" };

/** @param {{tone?: Tone, icon?: string, children?: any, testid?: string, live?: boolean}} props */
export function Notice({ tone = "plain", icon, children, testid, live = false }) {
  return html`<div class="notice notice--${tone}" data-testid=${testid} role=${live ? "status" : undefined}>
    <${Icon} name=${icon ?? TONE_ICON[tone]} /><div class="grow stack stack--tight">${children}</div>
  </div>`;
}

/** @param {{tone?: Tone, icon?: string, children?: any, testid?: string}} props */
export function Chip({ tone = "plain", icon, children, testid }) {
  return html`<span class="chip chip--${tone}" data-testid=${testid}>
    ${icon && html`<${Icon} name=${icon} />`}<span>${children}</span>
  </span>`;
}

/** @param {{icon: string, title: string, children?: any}} props */
export function Empty({ icon, title, children }) {
  return html`<div class="empty"><${Icon} name=${icon} /><strong>${title}</strong>${children}</div>`;
}

/** Placeholder while the phone's own storage is read. @param {{lines?: number, label: string}} props */
export function Loading({ lines = 3, label }) {
  const bones = Array.from({ length: lines }, (_, n) => html`<div class="skeleton" key=${n}></div>`);
  return html`<div class="stack" role="status"><span class="visually-hidden">${label}</span>${bones}</div>`;
}
