// @ts-check
/** "Kunjungan saya": one list with states and what to do, newest first. */
import { useState } from "preact/hooks";
import { nt, t } from "../../core/messages.js";
import { progressText, visitState } from "../../core/states.js";
import { formatTime } from "../format.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip, Empty, Loading } from "../kit/notice.js";
import { linkTo } from "../router.js";
import { now } from "../state.js";
import { StateChip } from "../state_chip.js";
import { work } from "../work.js";

const PAGE = 50;

export function Mine() {
  const held = work.value;
  const [shown, setShown] = useState(PAGE);
  const visits = held?.visits ?? [];
  return html`<${Frame} title=${t("My visits")} place="mine">
    ${!held && html`<${Loading} label=${t("Reading this phone's storage…")} />`}
    ${held && visits.length === 0 && html`<${Empty} icon="visits" title=${t("No visit yet")}><span>${t("Choose a jorong on the home screen to record the first one.")}</span>
      <a class="button" href=${linkTo("home")}>${t("To the home screen")}</a><//>`}
    <div class="stack stack--tight" data-testid="visits">
      ${visits.slice(0, shown).map((visit) => html`<${VisitLine} key=${visit.id} visit=${visit} />`)}
      ${visits.length > shown && html`<button type="button" class="button button--block" onClick=${() => setShown(shown + PAGE)}>${nt("Show {n} more", "Show {n} more", Math.min(PAGE, visits.length - shown))}</button>`}
    </div>
  <//>`;
}

/** @param {{visit: import("../../core/types.js").OwnVisit}} props */
export function VisitLine({ visit }) {
  const state = visitState(visit, now.value);
  const unfinished = visit.revisions.length > 0 && visit.progress.files_sent < visit.progress.files_total;
  return html`<a class="item" href=${linkTo("record", visit.id)} data-testid="visit-${visit.id}" data-state=${state.key}>
    <span class="grow">
      <span class="item__name">${visit.area_name}</span>
      <span class="item__more number">${formatTime(visit.happened_at)}${unfinished && ` · ${progressText(visit.progress)}`}</span>
      <span class="cluster"><${StateChip} state=${state} />${visit.practice && html`<${Chip} tone="warn" icon="practice">${t("Practice")}<//>`}</span>
      ${state.todo && html`<span class="small block strong">${state.todo}</span>`}
    </span>
    <${Icon} name="right" />
  </a>`;
}
