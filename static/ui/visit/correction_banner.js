// @ts-check
/** On top of a correction: why it came back, and the officer's own words on what he changes. */
import { t } from "../../core/messages.js";
import { html } from "../kit/html.js";
import { Notice } from "../kit/notice.js";
import { work } from "../work.js";

/** @param {{draft: import("../../core/types.js").VisitDraft, onReason: (reason: string) => void}} props */
export function CorrectionBanner({ draft, onReason }) {
  const visit = work.value?.visits.find((one) => one.id === draft.id);
  const review = visit?.remote?.state === "has_issues" ? visit.reviews.at(-1) : null;
  const reason = draft.correction?.reason ?? "";
  return html`<section class="card card--warn" data-testid="correction" aria-label=${t("Correction")}>
    ${review && html`<${Notice} tone="warn" icon="returned"><strong>${t("The office asks: {reviewer}", { reviewer: review.reviewer ?? "" })}</strong><span class="prewrap">${review.reason ?? ""}</span><//>`}
    <div class="field"><label for="correction-reason">${t("What do you correct, and why?")}</label>
      <input id="correction-reason" data-testid="correction-reason" value=${reason} required autocomplete="off" placeholder=${t("e.g. wrong jorong chosen")} onInput=${(/** @type {any} */ event) => onReason(event.currentTarget.value)} />
      <span class="hint">${t("The first version stays with the office; yours is put beside it.")}</span></div>
  </section>`;
}
