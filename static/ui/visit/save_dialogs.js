// @ts-check
/** The two questions Save may ask: why it is incomplete, and whether the odd is right. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { formatTime } from "../format.js";
import { ChooseOne } from "../kit/choice.js";
import { Dialog } from "../kit/dialog.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { linkTo } from "../router.js";

/** @typedef {import("../../core/types.js").Warning} Warning */

/** Ready reasons: what is stored is the officer's own language. */
const reasons = () => [t("No position in time"), t("Rain or danger"), t("Phone battery low"), t("Not allowed in"), t("Only passing through")];

/** @param {{warnings: Warning[]}} props */
function WarningList({ warnings }) {
  return html`<ul class="list">${warnings.map((warning) => html`<li class="row row--top" key=${warning.field + warning.message}><${Icon} name=${warning.severity === "missing" ? "warning" : "question"} /><span>${warning.message}</span></li>`)}</ul>`;
}

/** @param {{missing: Warning[], questions: Warning[], reason: string|null, onSave: (reason: string) => void, onClose: () => void}} props */
export function IncompleteDialog({ missing, questions, reason, onSave, onClose }) {
  const [text, setText] = useState(reason ?? "");
  const [tried, setTried] = useState(false);
  const save = () => (text.trim() ? onSave(text.trim()) : setTried(true));
  return html`<${Dialog} title=${t("Save incomplete?")} onClose=${onClose} testid="incomplete-dialog">
    <${WarningList} warnings=${[...missing, ...questions]} />
    <${ChooseOne} pack=${true} label=${t("Why?")} testid="incomplete-choice" options=${reasons().map((one) => ({ key: one, label: one }))} value=${text} onChange=${setText} />
    <div class="field"><label for="incomplete-reason">${t("Or in your words")}</label>
      <input id="incomplete-reason" data-testid="incomplete-reason" value=${text} aria-invalid=${tried && !text.trim()} onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} />
      ${tried && !text.trim() && html`<span class="error"><${Icon} name="warning" />${t("Please say why. A few words are enough.")}</span>`}</div>
    <button type="button" class="button button--main button--block" data-testid="incomplete-save" onClick=${save}>${t("Save incomplete")}</button>
    <button type="button" class="button button--block" onClick=${onClose}>${t("Back, complete it")}</button>
  <//>`;
}

/** @param {{questions: Warning[], similar: import("../../core/types.js").OwnVisit|null, onSave: () => void, onClose: () => void}} props */
export function QuestionDialog({ questions, similar, onSave, onClose }) {
  return html`<${Dialog} title=${t("Please look once more")} onClose=${onClose} testid="question-dialog">
    <${WarningList} warnings=${questions} />
    ${similar && html`<a class="item" href=${linkTo("record", similar.id)}><span class="grow"><span class="item__name">${similar.area_name}</span><span class="item__more">${formatTime(similar.happened_at)}</span></span><${Icon} name="right" /></a>`}
    <button type="button" class="button button--main button--block" data-testid="question-save" onClick=${onSave}>${t("It is right, save")}</button>
    <button type="button" class="button button--block" data-testid="question-back" onClick=${onClose}>${t("Back, change it")}</button>
  <//>`;
}
