// @ts-check
/** What surrounds every screen: the bar, the truth pill, the four places. */
import { t } from "../core/messages.js";
import { visitState } from "../core/states.js";
import { ClockNote } from "./clock.js";
import { html } from "./kit/html.js";
import { Icon } from "./kit/icon.js";
import { PillStrip } from "./pill.js";
import { goBack, linkTo } from "./router.js";
import { now, practice } from "./state.js";
import { StorageNote } from "./storage_note.js";
import { UpdateNote } from "./update.js";
import { work } from "./work.js";

/** @typedef {"home"|"mine"|"ready"|"settings"} Place */

/**
 * @param {{title: string, place?: Place|null, back?: boolean, onBack?: () => void, practising?: boolean, children?: any, bare?: boolean}} props
 *   `place` marks where we are; `bare` leaves the four places out (a form, an enrolment)
 */
export function Frame({ title, place = null, back = false, onBack = goBack, practising = practice.value, children, bare = false }) {
  return html`<div class="shell ${bare ? "shell--bare" : ""}">
    <${SkipLink} />
    <header class="bar ${practising ? "stripes" : ""}">
      ${back && html`<button type="button" class="button button--icon" aria-label=${t("Back")} data-testid="back" onClick=${onBack}><${Icon} name="left" /></button>`}
      <h1 class="grow" tabindex="-1">${title}</h1>
      ${practising && html`<span class="practice-tag" data-testid="practice-tag"><${Icon} name="practice" />${t("Practice")}</span>`}
    </header>
    <${PillStrip} />
    <main class="main" id="main" tabindex="-1"><${UpdateNote} /><${StorageNote} /><${ClockNote} />${children}</main>
    ${!bare && html`<${Places} place=${place} />`}
  </div>`;
}

function SkipLink() {
  const skip = (/** @type {Event} */ event) => {
    event.preventDefault();
    document.getElementById("main")?.focus();
  };
  return html`<a class="skip-link" href="#main" onClick=${skip}>${t("Skip to content")}</a>`;
}

/** @param {{place: Place|null}} props */
function Places({ place }) {
  const returned = (work.value?.visits ?? []).filter((visit) => visitState(visit, now.value).key === "returned").length;
  const places = [
    { key: "home", icon: "home", label: t("Home") },
    { key: "mine", icon: "visits", label: t("Visits"), count: returned },
    { key: "ready", icon: "ready", label: t("Ready") },
    { key: "settings", icon: "settings", label: t("Settings") },
  ];
  return html`<nav class="nav" aria-label=${t("Main places")}>
    ${places.map(({ key, icon, label, count }) => html`<a key=${key} href=${linkTo(key)} aria-current=${place === key ? "page" : undefined} data-testid="nav-${key}">
      <${Icon} name=${icon} /><span>${label}</span>
      ${count ? html`<span class="badge badge--warn"><span aria-hidden="true">${count}</span><span class="visually-hidden">${t("{n} to correct", { n: count })}</span></span>` : null}
    </a>`)}
  </nav>`;
}
