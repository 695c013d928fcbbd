// @ts-check
/** Search over all jorong of the regency, with suggestions for Minang and misspelled names. */
import { t } from "../../core/messages.js";
import { distanceTo, findByNagari, findJorong, pathOf } from "../areas.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip } from "../kit/notice.js";
import { linkTo } from "../router.js";
import { here } from "../state.js";
import { work } from "../work.js";
import { distanceText, openArea } from "./area_line.js";

/** @param {{query: string, onQuery: (query: string) => void}} props */
export function SearchBox({ query, onQuery }) {
  return html`<div class="search" role="search"><${Icon} name="search" />
    <input type="search" aria-label=${t("Search for any jorong")} placeholder=${t("Search for any jorong")} data-testid="search" autocomplete="off" enterkeyhint="search"
      value=${query} onInput=${(/** @type {any} */ event) => onQuery(event.currentTarget.value)} />
  </div>`;
}

/** @param {{index: import("../areas.js").AreaIndex, query: string}} props */
export function SearchResults({ index, query }) {
  const found = findJorong(index, query);
  return html`<section class="section" aria-live="polite" data-testid="search-results">
    <h2>${found.length > 0 ? t("Found") : t("Nothing found")}</h2>
    ${found.map(({ area, suggested }) => html`<${Hit} key=${area.id} index=${index} area=${area} suggested=${suggested} />`)}
    <a class="item" href=${linkTo("claim", query.trim())} data-testid="not-in-list"><${Icon} name="plus" />
      <span class="grow"><span class="item__name">${t("The jorong is not in the list")}</span><span class="item__more">${t("Record it by the name people use. The office sorts it in later.")}</span></span>
      <${Icon} name="right" /></a>
    ${findByNagari(index, query).map(({ nagari, jorong }) => html`<h2 key=${nagari.id}>${t("In Nagari {name}", { name: nagari.name })}</h2>
      ${jorong.map((area) => html`<${Hit} key=${`n-${area.id}`} index=${index} area=${area} suggested=${false} />`)}`)}
  </section>`;
}

/** @param {{index: import("../areas.js").AreaIndex, area: import("../areas.js").Area, suggested: boolean}} props */
function Hit({ index, area, suggested }) {
  const visits = (work.value?.visits ?? []).filter((visit) => visit.area_id === area.id).length;
  const more = [distanceText(distanceTo(index, area, here.value)), pathOf(index, area)].filter(Boolean).join(" · ");
  return html`<button type="button" class="item" data-testid="found-${area.id}" onClick=${() => openArea(area, work.value?.drafts ?? [], visits)}>
    <span class="grow"><span class="item__name">${area.name}</span><span class="item__more">${more}</span>
      ${suggested && html`<${Chip} tone="info" icon="question">${t("Similar spelling")}<//>`}</span>
    <${Icon} name="right" /></button>`;
}
