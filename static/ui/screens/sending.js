// @ts-check
/** Behind the pill: what is unsent, record by record, why, and one button that does something. */
import { nt, t } from "../../core/messages.js";
import { agoText } from "../../core/states.js";
import { formatBytes } from "../format.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Empty } from "../kit/notice.js";
import { currentPill } from "../pill.js";
import { PauseButton, Paused } from "../sending/pause.js";
import { Problem } from "../sending/problem.js";
import { Refused } from "../sending/refused.js";
import { DayTally } from "../sending/tally.js";
import { runSync } from "../server.js";
import { now, officer, officers, sync } from "../state.js";
import { work } from "../work.js";
import { VisitLine } from "./mine.js";

/** Whether anything of a visit is still on its way. @param {import("../../core/types.js").OwnVisit} visit */
function isUnsent(visit) {
  const records = [...visit.revisions, ...visit.comments, ...(visit.withdrawal ? [visit.withdrawal] : [])];
  return records.some((record) => record.state === "waiting" || record.state === "refused") || (visit.revisions.length > 0 && visit.progress.files_sent < visit.progress.files_total);
}

/** "3 unsent", or that all is well. */
function countText() {
  const left = (sync.value?.unsent_records ?? 0) + (sync.value?.unsent_files ?? 0);
  return left > 0 ? nt("{n} unsent", "{n} unsent", left) : t("Everything is sent.");
}

export function Sending() {
  const status = sync.value;
  const said = currentPill();
  const busy = status !== null && status.phase !== "idle";
  const unsent = (work.value?.visits ?? []).filter(isUnsent);
  const bytes = unsent.reduce((sum, visit) => sum + visit.progress.bytes_left, 0);
  return html`<${Frame} title=${t("Sending")} back=${true}>
    <div class="stack stack--loose" data-testid="sending">
      <${Problem} />
      <section class="card" aria-labelledby="sending-now"><h2 id="sending-now">${busy ? (said?.text ?? "") : countText()}</h2>
        <p class="soft">${said?.detail ?? t("Looking at this phone…")}</p>
        ${busy && status.total > 0 && html`<progress class="progress" max=${status.total} value=${status.done} aria-label=${t("Sending")}></progress>`}
        ${bytes > 0 && html`<p class="small soft">${t("{bytes} of photos left to send.", { bytes: formatBytes(bytes) })}</p>`}
        ${status?.paused_at ? html`<${Paused} />` : html`<button type="button" class="button button--main button--block" data-testid="send-now" disabled=${busy} onClick=${() => runSync("button")}>
          <${Icon} name="sent" />${busy ? t("Working…") : t("Send now")}</button>`}
        ${status?.next_try_ms && !busy && !status.paused_at && status.next_try_ms > now.value ? html`<p class="small soft">${t("Tries again by itself.")}</p>` : null}
        <${PauseButton} />
      </section>
      <${Refused} />
      <section class="section"><h2>${t("On its way")}</h2>
        ${unsent.length === 0 ? html`<${Empty} icon="received" title=${t("Nothing waits on this phone")} />` : html`<div class="stack stack--tight" data-testid="unsent">${unsent.map((visit) => html`<${VisitLine} key=${visit.id} visit=${visit} />`)}</div>`}
        <${OtherOfficers} />
      </section>
      <${DayTally} />
    </div>
  <//>`;
}

function OtherOfficers() {
  const others = officers.value.filter((one) => one.id !== officer.value?.id);
  return html`${others.map((one) => {
    const count = sync.value?.officers[one.id];
    const left = (count?.unsent_records ?? 0) + (count?.unsent_files ?? 0);
    return html`<p key=${one.id} class="small"><strong>${one.name}</strong>: ${left > 0 ? nt("{n} unsent, goes along by itself", "{n} unsent, go along by themselves", left) : t("all sent")}${count?.last_contact_at && ` · ${agoText(count.last_contact_at, now.value)}`}</p>`;
  })}`;
}
