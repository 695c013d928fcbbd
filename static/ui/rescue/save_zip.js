// @ts-check
/** All in one ZIP, by download: for a cable, a memory card, the office's computer. */
import { useState } from "preact/hooks";
import { toInstant } from "../../core/instants.js";
import { t } from "../../core/messages.js";
import { rescueFileName } from "../../core/rescue_name.js";
import { countRescue } from "../../storage/rescue_rows.js";
import { today } from "../duty.js";
import { formatBytes } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { downloadFile } from "./download.js";
import { holdersHere } from "./holders.js";
import { dismissRisks } from "./risk.js";

/** @typedef {{name: string, bytes: number}} Saved */

/** @param {{unsentOnly: boolean}} props */
export function SaveZip({ unsentOnly }) {
  const [progress, setProgress] = useState(/** @type {[number, number]|null} */ (null));
  const [saved, setSaved] = useState(/** @type {Saved|null} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const save = async () => {
    setProgress([0, 1]);
    setProblem(null);
    setSaved(null);
    try {
      const { makeRescueZip } = await import("../../storage/rescue_zip.js");
      const holders = holdersHere();
      const { visits } = await countRescue(holders, unsentOnly);
      const zip = await makeRescueZip(holders, { made_at: toInstant(Date.now()), unsent_only: unsentOnly }, (done, of) => setProgress([done, of]));
      const name = rescueFileName({ names: holders.map((holder) => holder.name), day: today(), visits, ending: "zip" });
      downloadFile(zip, name);
      setSaved({ name, bytes: zip.size });
      dismissRisks();
    } catch (error) {
      setProblem(error);
    }
    setProgress(null);
  };
  return html`<section class="card" aria-labelledby="zip-title" data-testid="save-zip">
    <h2 id="zip-title">${t("As one ZIP file")}</h2>
    <p>${t("For a cable, a memory card or the office's computer. WhatsApp on this phone does not take it.")}</p>
    ${progress && html`<progress class="progress" max=${Math.max(1, progress[1])} value=${progress[0]} aria-label=${t("Writing the file…")}></progress>`}
    ${saved && html`<${Notice} tone="good" live=${true} testid="zip-done"><span>${t("It is in the phone's downloads:")}</span><span class="small mono break">${saved.name}</span><span class="small number">${formatBytes(saved.bytes)}</span><//>`}
    ${problem !== null && html`<${Notice} tone="bad" live=${true} testid="zip-failed"><span>${t("This did not work. Try again.")}</span>
      <span class="small mono">${problem instanceof Error ? `${problem.name}: ${problem.message}` : String(problem)}</span><//>`}
    <button type="button" class="button button--block" disabled=${progress !== null} data-testid="zip" onClick=${save}><${Icon} name="download" />${progress ? t("Writing the file…") : t("Save the ZIP")}</button>
  </section>`;
}
