// @ts-check
/** One jorong: my visits there and a new one. */
import { t } from "../../core/messages.js";
import { visitState } from "../../core/states.js";
import { distanceTo, pathOf } from "../areas.js";
import { beginVisit } from "../begin.js";
import { formatTime } from "../format.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Empty, Loading } from "../kit/notice.js";
import { linkTo } from "../router.js";
import { here, now } from "../state.js";
import { StateChip } from "../state_chip.js";
import { work } from "../work.js";
import { distanceText } from "./area_line.js";

/** @param {{args: string[]}} props */
export function AreaScreen({ args }) {
  const held = work.value;
  const id = args.join("/");
  const area = held?.areas.byId.get(id);
  if (!held) return html`<${Frame} title=${t("Jorong")} back=${true}><${Loading} label=${t("Reading this phone's storage…")} /><//>`;
  if (!area) return html`<${Frame} title=${t("Jorong")} back=${true}><${Empty} icon="map" title=${t("This jorong is not on this phone")} /><//>`;
  const visits = held.visits.filter((visit) => visit.area_id === id);
  const facts = [distanceText(distanceTo(held.areas, area, here.value)), pathOf(held.areas, area)].filter(Boolean).join(" · ");
  return html`<${Frame} title=${area.name} back=${true} place="home">
    <div class="stack">
      <p class="soft">${facts}</p>
      <button type="button" class="button button--main button--block" data-testid="new-visit" onClick=${() => beginVisit({ area: { id, claimed: null }, area_name: area.name }, { replace: true })}>
        <${Icon} name="plus" />${t("New visit here")}</button>
      <section class="section"><h2>${t("My visits here")}</h2>
        ${visits.map((visit) => html`<a class="item" key=${visit.id} href=${linkTo("record", visit.id)}>
          <span class="grow"><span class="item__name">${formatTime(visit.happened_at)}</span><${StateChip} state=${visitState(visit, now.value)} /></span><${Icon} name="right" /></a>`)}
      </section>
    </div>
  <//>`;
}
