// @ts-check
/** "Jorong tidak ada di daftar": the name as spoken, the nagari if known, who said so. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { beginVisit } from "../begin.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { work } from "../work.js";

/** @param {{args: string[]}} props the name searched for */
export function Claim({ args }) {
  const [name, setName] = useState(args[0] ?? "");
  const [nagari, setNagari] = useState("");
  const [saidBy, setSaidBy] = useState("");
  const [tried, setTried] = useState(false);
  const noName = name.trim() === "";
  const start = () => {
    setTried(true);
    if (noName) return;
    beginVisit({ area: { id: null, claimed: { name: name.trim(), nagari_id: nagari || null, said_by: saidBy.trim() || null } }, area_name: name.trim() }, { replace: true });
  };
  return html`<${Frame} title=${t("The jorong is not in the list")} back=${true}>
    <div class="stack">
      <div class="field"><label for="claim-name">${t("Name, as people say it")}</label>
        <input id="claim-name" data-testid="claim-name" value=${name} aria-invalid=${tried && noName} autocomplete="off" onInput=${(/** @type {any} */ event) => setName(event.currentTarget.value)} />
        ${tried && noName && html`<span class="error"><${Icon} name="warning" />${t("Please type a name.")}</span>`}</div>
      <div class="field"><label for="claim-nagari">${t("Nagari, if known")}</label>
        <select id="claim-nagari" data-testid="claim-nagari" value=${nagari} onChange=${(/** @type {any} */ event) => setNagari(event.currentTarget.value)}>
          <option value="">${t("Not known")}</option>
          ${(work.value?.areas.nagari ?? []).map((area) => html`<option value=${area.id} key=${area.id}>${area.name}</option>`)}
        </select></div>
      <div class="field"><label for="claim-said-by">${t("Who told you?")}</label>
        <input id="claim-said-by" data-testid="claim-said-by" value=${saidBy} autocomplete="off" placeholder=${t("Wali jorong, a teacher, a resident…")} onInput=${(/** @type {any} */ event) => setSaidBy(event.currentTarget.value)} /></div>
      <button type="button" class="button button--main button--block" data-testid="claim-start" onClick=${start}>${t("Start the visit")}</button>
    </div>
  <//>`;
}
