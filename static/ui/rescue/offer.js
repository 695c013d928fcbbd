// @ts-check
/** One calm card when the only copy is in danger: why, one button, and peace for today. */
import { nt, t } from "../../core/messages.js";
import { agoText } from "../../core/states.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { linkTo } from "../router.js";
import { now, sync } from "../state.js";
import { useRisk } from "./risk.js";

/** @typedef {import("../../core/risk.js").RiskKey} RiskKey */

/** @param {RiskKey} risk @param {number} n unsent @returns {{title: string, why: string}} */
function words(risk, n) {
  const only = nt("{n} record or photo is only on this phone.", "{n} records and photos are only on this phone.", n);
  const contact = sync.value?.last_contact_at;
  switch (risk) {
    case "storage_error":
      return { title: t("The phone's storage has a problem"), why: t("Make a copy of what is not sent, now.") };
    case "nearly_full":
      return { title: t("The phone is nearly full"), why: only };
    case "many":
      return { title: t("Much is not sent yet"), why: only };
    case "silent":
      return { title: contact ? t("Last contact {ago}", { ago: agoText(contact, now.value) }) : t("No contact with the office yet"), why: only };
    case "unprotected":
      return { title: only, why: t("The phone may clear its storage when it is full.") };
    default:
      return { title: t("End of the day"), why: only };
  }
}

export function RescueOffer() {
  const { risk, dismiss } = useRisk();
  if (!risk) return null;
  const { title, why } = words(risk, (sync.value?.unsent_records ?? 0) + (sync.value?.unsent_files ?? 0));
  return html`<section class="card card--warn" aria-labelledby="offer-title" data-testid="rescue-offer" data-risk=${risk}>
    <div class="row"><span class="offer-mark"><${Icon} name="copy" /></span><h2 class="offer-title grow" id="offer-title">${title}</h2>
      <button type="button" class="button button--icon button--quiet offer-later" data-testid="rescue-later" aria-label=${t("Not today")} onClick=${dismiss}><${Icon} name="cross" /></button></div>
    <p class="small">${why} ${t("A copy in a file survives a lost or cleared phone.")}</p>
    <a class="button button--main button--block" href=${linkTo("rescue")} data-testid="rescue-go"><${Icon} name="copy" />${t("Make a copy")}</a>
    <${KeepData} />
  </section>`;
}

/** The two ways in which officers lose data by their own hand. */
export function KeepData() {
  return html`<p class="small row row--top" data-testid="keep-data"><${Icon} name="lock" /><span>${t("Do not clear Chrome's data, and use no cleaner apps: both delete what is not sent.")}</span></p>`;
}
