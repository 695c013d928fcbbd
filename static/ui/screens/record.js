// @ts-check
/** One visit of mine: where it is on its way, what was said of it, what it holds, what I can do. */
import { useState } from "preact/hooks";
import { newestPayload } from "../../core/duplicates.js";
import { t } from "../../core/messages.js";
import { isHeld, progressText, visitState } from "../../core/states.js";
import { formatTime } from "../format.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Chip, Empty, Loading, Notice } from "../kit/notice.js";
import { linkTo } from "../router.js";
import { now } from "../state.js";
import { iconOfState, StateChip, toneOf } from "../state_chip.js";
import { work } from "../work.js";
import { RecordContent } from "../record/content.js";
import { RecordHistory } from "../record/history.js";
import { RecordThread } from "../record/thread.js";
import { WithdrawDialog } from "../record/withdraw.js";

/** @typedef {import("../../core/types.js").OwnVisit} OwnVisit */

/** @param {{args: string[]}} props */
export function RecordScreen({ args }) {
  const visit = work.value?.visits.find((one) => one.id === args[0]);
  if (!work.value) return html`<${Frame} title=${t("Visit")} back=${true} place="mine"><${Loading} label=${t("Reading this phone's storage…")} /><//>`;
  if (!visit) return html`<${Frame} title=${t("Visit")} back=${true} place="mine"><${Empty} icon="visits" title=${t("This visit is not on this phone")} /><//>`;
  const payload = newestPayload(visit);
  const state = visitState(visit, now.value);
  return html`<${Frame} title=${visit.area_name} back=${true} place="mine" practising=${visit.practice}>
    <div class="stack stack--loose" data-testid="record">
      <div class="stack stack--tight">
        <div class="cluster"><${StateChip} state=${state} />${payload?.incomplete_reason && html`<${Chip} tone="warn" icon="warning">${t("Incomplete")}<//>`}</div>
        <p class="soft number">${formatTime(visit.happened_at)}</p>
        ${visit.revisions.length > 0 && state.key !== "erased" && html`<p class="strong" data-testid="record-progress">${progressText(visit.progress)}</p>`}
      </div>
      ${(state.todo || (state.detail && state.detail !== progressText(visit.progress))) && html`<${Notice} tone=${toneOf(state)} icon=${iconOfState(state)} testid="record-detail">
        ${state.detail && html`<span class="prewrap">${state.detail}</span>`}${state.todo && html`<strong>${state.todo}</strong>`}<//>`}
      <${Actions} visit=${visit} stateKey=${state.key} hasContent=${payload !== null} />
      ${payload ? html`<${RecordContent} payload=${payload} />` : state.key !== "erased" && html`<${Notice} icon="info"><span>${t("The content of decided visits stays at the office.")}</span><//>`}
      ${state.key !== "erased" && html`<${RecordThread} visit=${visit} />`}
      <${RecordHistory} visit=${visit} />
    </div>
  <//>`;
}

/** @param {{visit: OwnVisit, stateKey: string, hasContent: boolean}} props until the office has decided, the officer may */
function Actions({ visit, stateKey, hasContent }) {
  const [withdrawing, setWithdrawing] = useState(false);
  const newest = visit.revisions.at(-1);
  const decided = ["approved", "rejected", "withdrawn", "erased"].includes(stateKey) || visit.withdrawal !== null;
  if (newest && isHeld(newest, now.value)) {
    return html`<a class="button button--block" href=${linkTo("saved", visit.id)}><${Icon} name="undo" />${t("Undo is still possible")}</a>`;
  }
  if (decided || !hasContent) return null;
  return html`<div class="cluster">
    <a class="button ${stateKey === "returned" ? "button--main button--block" : ""}" href=${linkTo("correct", visit.id)} data-testid="correct"><${Icon} name="edit" />${t("Correct it")}</a>
    <button type="button" class="button button--danger" data-testid="withdraw" onClick=${() => setWithdrawing(true)}><${Icon} name="leave" />${t("Withdraw")}</button>
    ${withdrawing && html`<${WithdrawDialog} visit=${visit} onClose=${() => setWithdrawing(false)} />`}
  </div>`;
}
