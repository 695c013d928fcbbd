// @ts-check
/** Beranda: what came back, what was begun, where to go next; search over all jorong. */
import { useState } from "preact/hooks";
import { nt, t } from "../../core/messages.js";
import { formatTime } from "../format.js";
import { Frame } from "../frame.js";
import { homeLines, returnedVisits } from "../home_list.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip, Empty, Loading, Notice } from "../kit/notice.js";
import { FolderLine } from "../rescue/folder_card.js";
import { RescueOffer } from "../rescue/offer.js";
import { LostReviews } from "../lost_reviews.js";
import { linkTo } from "../router.js";
import { here, now, officer, practice, sync } from "../state.js";
import { useHere } from "../use_here.js";
import { work, workProblem } from "../work.js";
import { AreaLine } from "./area_line.js";
import { SearchBox, SearchResults } from "./search.js";

export function Home() {
  const [query, setQuery] = useState("");
  const held = work.value;
  const body = () => {
    if (workProblem.value) return html`<${Broken} text=${workProblem.value} />`;
    if (!held) return html`<${Loading} label=${t("Reading this phone's storage…")} />`;
    if (query.trim()) return html`<${SearchResults} index=${held.areas} query=${query} />`;
    return html`<${Overview} held=${held} />`;
  };
  return html`<${Frame} title=${t("Home")} place="home">
    <div class="stack stack--loose">
      <p class="small soft row"><${Icon} name="person" /><span>${officer.value?.name}</span></p>
      <${SearchBox} query=${query} onQuery=${setQuery} />
      ${body()}
    </div>
  <//>`;
}

/** @param {{text: string}} props */
function Broken({ text }) {
  return html`<${Notice} tone="bad" testid="storage-broken">
    <strong>${t("The phone's storage does not answer.")}</strong><span>${t("Close the app and open it again. If this stays, open the rescue page: your data can be saved from there.")}</span>
    <span class="small mono">${text}</span><a class="button" href="/app/rescue">${t("Open the rescue page")}</a>
  <//>`;
}

/** @param {{held: import("../work.js").Work}} props */
function Overview({ held }) {
  const returned = returnedVisits(held, now.value);
  const drafts = held.drafts;
  return html`
    ${practice.value && html`<${Notice} tone="warn" icon="practice" testid="practice-note"><span>${t("Practice: what you record now counts nowhere. Switch it off in Settings.")}</span><//>`}
    <${LostReviews} held=${held} />
    <${RescueOffer} />
    <${FolderLine} />
    ${returned.length > 0 && html`<section class="section" data-testid="returned">
      <h2><${Icon} name="returned" />${t("Needs correction")}</h2>
      ${returned.map((visit) => html`<article class="card card--warn" key=${visit.id}>
        <div class="stack stack--tight"><strong>${visit.area_name}</strong><span class="small soft">${formatTime(visit.happened_at)}</span>
          <p class="quote">${visit.reviews.at(-1)?.reason ?? t("No reason was given.")}</p></div>
        <a class="button button--main" href=${linkTo("correct", visit.id)} data-testid="correct-${visit.id}"><${Icon} name="edit" />${t("Correct it")}</a>
      </article>`)}
    </section>`}
    ${drafts.length > 0 && html`<section class="section" data-testid="drafts">
      <h2><${Icon} name="edit" />${t("Begun, not saved yet")}</h2>
      ${drafts.map((draft) => html`<a class="item" key=${draft.id} href=${linkTo("visit", draft.id)} data-testid="draft-${draft.id}">
        <span class="grow"><span class="item__name">${draft.area_name || t("Jorong not chosen")}</span>
          <span class="item__more">${draft.correction ? t("Correction, last changed {time}", { time: formatTime(draft.updated_at) }) : t("Last changed {time}", { time: formatTime(draft.updated_at) })}</span>
          ${draft.practice && html`<${Chip} tone="warn" icon="practice">${t("Practice")}<//>`}</span>
        <${Icon} name="right" /></a>`)}
    </section>`}
    <${Assigned} held=${held} />`;
}

/** @param {{held: import("../work.js").Work}} props */
function Assigned({ held }) {
  const { mayAsk, looking, look } = useHere();
  const lines = homeLines(held, here.value, now.value);
  const todo = lines.filter((line) => line.state !== "done");
  const done = lines.filter((line) => line.state === "done");
  if (lines.length === 0) return html`<${NothingAssigned} />`;
  return html`<section class="section" data-testid="assigned">
    <h2>${t("My jorong")} <span class="badge">${todo.length}</span></h2>
    ${mayAsk && html`<button type="button" class="button" onClick=${look} data-testid="sort-nearest"><${Icon} name="gps" />${t("Nearest first")}</button>`}
    ${looking && !here.value && html`<p class="small soft" role="status">${t("Looking where you are, to put the nearest first…")}</p>`}
    ${todo.map((line) => html`<${AreaLine} key=${line.area.id} line=${line} index=${held.areas} drafts=${held.drafts} />`)}
    ${todo.length === 0 && html`<${Empty} icon="check" title=${t("All your jorong have been visited")}><span>${t("More stands in a jorong are welcome: search for it above.")}</span><//>`}
    ${done.length > 0 && html`<details><summary>${nt("{n} jorong done", "{n} jorong done", done.length)}</summary>
      <div class="stack stack--tight">${done.map((line) => html`<${AreaLine} key=${line.area.id} line=${line} index=${held.areas} drafts=${held.drafts} />`)}</div></details>`}
  </section>`;
}

function NothingAssigned() {
  const contacted = officer.value ? sync.value?.officers[officer.value.id]?.last_contact_at : null;
  return html`<${Empty} icon="map" title=${t("No jorong assigned to you yet")}>
    <span>${contacted ? t("Search for a jorong above, or ask the office for an assignment.") : t("The list comes from the office with the first contact. Stay online a moment.")}</span>
  <//>`;
}
