// @ts-check
/** One jorong in a list: name, where, how far, what is done there. A tap goes on with the work. */
import { nt, t } from "../../core/messages.js";
import { pathOf } from "../areas.js";
import { beginVisit } from "../begin.js";
import { today } from "../duty.js";
import { formatDay, formatDistance } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip } from "../kit/notice.js";
import { go } from "../router.js";
import { StateChip } from "../state_chip.js";
import { practice } from "../state.js";

/** @typedef {import("../home_list.js").HomeLine} HomeLine */

/** @param {{metres: number, approximate: boolean}|null} distance */
export function distanceText(distance) {
  if (!distance) return "";
  return distance.approximate ? `≈ ${formatDistance(distance.metres)}` : formatDistance(distance.metres);
}

/**
 * Where a tap on a jorong leads: its draft, its visits, or straight into a new form.
 * @param {import("../areas.js").Area} area
 * @param {import("../../core/types.js").VisitDraft[]} drafts
 * @param {number} visits already made here
 */
export function openArea(area, drafts, visits) {
  const draft = drafts.find((one) => one.area.id === area.id && !one.correction && one.practice === practice.value);
  if (draft) return go("visit", draft.id);
  if (visits > 0) return go("area", area.id);
  return beginVisit({ area: { id: area.id, claimed: null }, area_name: area.name });
}

/** @param {{line: HomeLine, index: import("../areas.js").AreaIndex, drafts: import("../../core/types.js").VisitDraft[]}} props */
export function AreaLine({ line, index, drafts }) {
  const { area } = line;
  const more = [distanceText(line.distance), pathOf(index, area)].filter(Boolean).join(" · ");
  return html`<button type="button" class="item" data-testid="area-${area.id}" data-state=${line.state} onClick=${() => openArea(area, drafts, line.visits)}>
    <span class="grow">
      <span class="item__name">${area.name}</span>
      <span class="item__more">${more}</span>
      <span class="cluster"><${LineChip} line=${line} />${line.due_on && line.state !== "done" && html`<${Due} day=${line.due_on} />`}
        ${line.visits > 1 && html`<span class="small soft">${nt("{n} visit", "{n} visits", line.visits)}</span>`}</span>
    </span>
    <${Icon} name="right" />
  </button>`;
}

/** @param {{line: HomeLine}} props */
function LineChip({ line }) {
  if (line.state === "untouched") return html`<${Chip} icon="pin">${t("Not visited yet")}<//>`;
  if (line.state === "draft") return html`<${Chip} tone="info" icon="edit">${t("Draft")}<//>`;
  return line.visit_state ? html`<${StateChip} state=${line.visit_state} />` : null;
}

/** @param {{day: string}} props */
function Due({ day }) {
  const late = day < today();
  return html`<${Chip} tone=${late ? "bad" : "plain"} icon=${late ? "warning" : "calendar"}>${late ? t("Was due {day}", { day: formatDay(day) }) : t("Due {day}", { day: formatDay(day) })}<//>`;
}
