// @ts-check
/** What the place is, and what people there say: four plain questions. */
import { t } from "../../core/messages.js";
import { ChooseOne } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { optionsOf } from "./lists.js";

/** @typedef {import("../../core/types.js").VisitDraft} VisitDraft */

/** @param {{draft: VisitDraft, onChange: (part: Partial<VisitDraft>) => void}} props */
export function PlaceSection({ draft, onChange }) {
  return html`<section class="card" aria-labelledby="place-title" data-testid="place-card">
    <h2 id="place-title">${t("Place")}</h2>
    <${ChooseOne} label=${t("Where do you stand?")} testid="place-kind" options=${optionsOf("place_kinds")} value=${draft.place_kind}
      onChange=${(/** @type {string} */ key) => onChange({ place_kind: key })} />
    <${ChooseOne} label=${t("Outdoors or indoors?")} testid="setting" options=${optionsOf("settings")} value=${draft.setting}
      onChange=${(/** @type {string} */ key) => onChange({ setting: key })} />
    <${ChooseOne} label=${t("Mains power now")} testid="power" options=${optionsOf("power")} value=${draft.power}
      onChange=${(/** @type {string} */ key) => onChange({ power: key })} />
    <${ChooseOne} label=${t("Residents say: is there usually a signal?")} testid="usually-signal" options=${optionsOf("usually_signal")} value=${draft.usually_signal}
      onChange=${(/** @type {string} */ key) => onChange({ usually_signal: key })} />
  </section>`;
}
