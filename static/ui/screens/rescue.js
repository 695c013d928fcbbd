// @ts-check
/** Penyelamatan: what is only on this phone, and the ways to carry a copy of it away. Deletes nothing. */
import { useEffect, useState } from "preact/hooks";
import { nt, t } from "../../core/messages.js";
import { countRescue } from "../../storage/rescue_rows.js";
import { Frame } from "../frame.js";
import { formatTime } from "../format.js";
import { Check } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Loading, Notice } from "../kit/notice.js";
import { FolderCard } from "../rescue/folder_card.js";
import { holdersHere } from "../rescue/holders.js";
import { KeepData } from "../rescue/offer.js";
import { SaveZip } from "../rescue/save_zip.js";
import { SendText } from "../rescue/send_text.js";
import { officers, sync } from "../state.js";

/** @typedef {import("../../storage/rescue_rows.js").RescueCount} RescueCount */

export function Rescue() {
  const [count, setCount] = useState(/** @type {RescueCount|null} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const [everything, setEverything] = useState(false);
  useEffect(() => {
    countRescue(holdersHere(), true).then(setCount, setProblem);
  }, [sync.value?.unsent_records, sync.value?.unsent_files]);
  const empty = count !== null && count.records + count.photos === 0;
  return html`<${Frame} title=${t("Rescue")} back=${true} place="settings">
    <div class="stack stack--loose" data-testid="rescue-screen">
      ${problem !== null && html`<${Notice} tone="bad" testid="rescue-unreadable"><strong>${t("The phone's storage does not answer.")}</strong><a class="button" href="/app/rescue">${t("Open the plain rescue page")}</a><//>`}
      ${!count && problem === null && html`<${Loading} label=${t("Looking at this phone…")} />`}
      ${count && html`<${Held} count=${count} empty=${empty} />`}
      ${count && (!empty || everything) && html`<${SendText} key=${`text-${everything}`} unsentOnly=${!everything} /><${SaveZip} key=${`zip-${everything}`} unsentOnly=${!everything} />`}
      ${count && html`<${Check} label=${t("Also what is sent already")} testid="rescue-all" checked=${everything} onChange=${setEverything}
        hint=${t("Only when your supervisor asks for it.")} />`}
      <${FolderCard} />
      <${Notice} icon="info"><span>${t("A copy deletes nothing, and nothing is doubled when the phone sends later.")}</span><//>
      <${KeepData} />
      <a class="button button--quiet" href="/app/rescue" data-testid="plain-rescue"><${Icon} name="open" />${t("Open the plain rescue page")}</a>
    </div>
  <//>`;
}

/** @param {{count: RescueCount, empty: boolean}} props */
function Held({ count, empty }) {
  if (empty) return html`<${Notice} tone="good" testid="rescue-empty"><strong>${t("Everything is sent.")}</strong><span>${t("The office has all that was saved on this phone.")}</span><//>`;
  const visits = nt("{n} visit", "{n} visits", count.visits);
  const photos = nt("{n} photo", "{n} photos", count.photos);
  return html`<section class="row row--top" data-testid="rescue-held">
    <span class="offer-mark"><${Icon} name="saved" /></span>
    <div class="grow"><h2>${t("{visits} and {photos} are only on this phone", { visits, photos })}</h2>
      ${count.oldest_at && html`<p class="small soft">${t("The oldest was saved {time}.", { time: formatTime(count.oldest_at) })}</p>`}
      ${officers.value.length > 1 && html`<p class="small soft">${t("Of {names}.", { names: officers.value.map((one) => one.name).join(", ") })}</p>`}</div>
  </section>`;
}
