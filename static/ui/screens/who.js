// @ts-check
/** "Siapa yang bertugas?": one big button an officer; a locked phone opens here too. */
import { nt, t } from "../../core/messages.js";
import { takeDuty } from "../duty.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip } from "../kit/notice.js";
import { goInstead, linkTo, route } from "../router.js";
import { officers, sync } from "../state.js";

export function Who() {
  const choose = async (/** @type {import("../../core/types.js").Officer} */ person) => {
    await takeDuty(person);
    if (route.value.name === "who") goInstead("home");
  };
  return html`<${Frame} title=${t("Who is on duty?")} bare=${true}>
    <div class="stack" data-testid="who">
      ${officers.value.map((person) => {
        const count = sync.value?.officers[person.id];
        const left = (count?.unsent_records ?? 0) + (count?.unsent_files ?? 0);
        return html`<button type="button" class="item" key=${person.id} data-testid="officer-${person.id}" onClick=${() => choose(person)}>
          <${Icon} name="person" /><span class="grow"><span class="item__name">${person.name}</span>
            <span class="cluster">${left > 0 && html`<${Chip} icon="saved">${nt("{n} unsent", "{n} unsent", left)}<//>`}
              ${person.state === "needs_code" && html`<${Chip} tone="bad" icon="warning">${t("Needs a new code")}<//>`}</span></span>
          <${Icon} name="right" /></button>`;
      })}
      <p class="small soft">${t("Each officer has a separate store on this phone. Everybody's visits are sent, whoever is on duty.")}</p>
      <a class="button" href=${linkTo("enrol")} data-testid="add-officer"><${Icon} name="plus" />${t("Add an officer")}</a>
    </div>
  <//>`;
}
