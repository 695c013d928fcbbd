// @ts-check
/** After Save: it is on this phone, ten seconds to undo, and the way on. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { UNDO_MS, undoSave } from "../../storage/records.js";
import { beginNextPoint } from "../begin.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { FolderLine } from "../rescue/folder_card.js";
import { goInstead, linkTo } from "../router.js";
import { online, sync } from "../state.js";
import { officerDb, refreshWork, work } from "../work.js";

/** @param {{args: string[]}} props the visit's id */
export function Saved({ args }) {
  const visit = work.value?.visits.find((one) => one.id === args[0]) ?? null;
  const record = visit?.revisions.at(-1) ?? null;
  const [nowMs, setNow] = useState(Date.now());
  const [late, setLate] = useState(false);
  useEffect(() => {
    refreshWork();
    const ticking = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(ticking);
  }, []);
  const left = record?.draft ? Math.ceil(Math.min(UNDO_MS, record.send_after_ms - nowMs) / 1000) : 0;
  // nothing is promised that the pill above denies
  const soon = online.value && !sync.value?.failure && !Object.values(sync.value?.officers ?? {}).some((one) => one.needs_code);
  const undo = async () => {
    if (!record) return;
    const draft = await undoSave(officerDb(), record.sha256, Date.now());
    if (draft) goInstead("visit", draft.id);
    else setLate(true);
  };
  return html`<${Frame} title=${t("Saved on this phone")} place="home" practising=${visit?.practice}>
    <div class="stack stack--loose" data-testid="saved">
      <div class="stack center" role="status">
        <span class="saved-mark"><${Icon} name="check" /></span>
        ${visit?.area_name && html`<h2>${visit.area_name}</h2>`}
        <p>${soon ? t("It will be sent in a moment.") : t("It is safe here and will be sent by itself.")}</p>
      </div>
      ${late && html`<${Notice} tone="warn" live=${true}><span>${t("Too late to undo. Open the visit to correct or withdraw it.")}</span><//>`}
      <${FolderLine} />
      ${left > 0 && html`<button type="button" class="button button--block" data-testid="undo" onClick=${undo}><${Icon} name="undo" />${t("Undo ({n})", { n: left })}</button>`}
      <button type="button" class="button button--main button--block" data-testid="next-point" disabled=${!visit} onClick=${() => visit && beginNextPoint(visit)}><${Icon} name="pin" />${t("Next stand in this jorong")}</button>
      <a class="button button--block" href=${linkTo("home")} data-testid="saved-home"><${Icon} name="home" />${t("Home")}</a>
      ${visit && html`<a class="button button--quiet" href=${linkTo("record", visit.id)}>${t("Look at this visit")}</a>`}
    </div>
  <//>`;
}
