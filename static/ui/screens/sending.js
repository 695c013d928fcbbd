// @ts-check
/** Behind the pill: what is unsent, record by record, why, and one button that does something. */
import { useState } from "preact/hooks";
import { nt, t } from "../../core/messages.js";
import { failureText, needsCodeText } from "../../core/pill.js";
import { reference } from "../../core/reference.js";
import { agoText } from "../../core/states.js";
import { today } from "../duty.js";
import { formatBytes } from "../format.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Empty, Notice } from "../kit/notice.js";
import { currentPill } from "../pill.js";
import { linkTo } from "../router.js";
import { runSync, syncEnvironment } from "../server.js";
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
      <section class="card" aria-labelledby="sending-now"><h2 id="sending-now">${busy ? (said?.text ?? "") : countText()}</h2>
        <p class="soft">${said?.detail ?? t("Looking at this phone…")}</p>
        ${busy && status.total > 0 && html`<progress class="progress" max=${status.total} value=${status.done} aria-label=${t("Sending")}></progress>`}
        ${bytes > 0 && html`<p class="small soft">${t("{bytes} of photos left to send.", { bytes: formatBytes(bytes) })}</p>`}
        <button type="button" class="button button--main button--block" data-testid="send-now" disabled=${busy} onClick=${() => runSync("button")}>
          <${Icon} name="sent" />${busy ? t("Working…") : t("Send now")}</button>
        ${status?.next_try_ms && !busy && status.next_try_ms > now.value ? html`<p class="small soft">${t("Tries again by itself.")}</p>` : null}
      </section>
      <${Problem} />
      <section class="section"><h2>${t("On its way")}</h2>
        ${unsent.length === 0 ? html`<${Empty} icon="received" title=${t("Nothing waits on this phone")} />` : html`<div class="stack stack--tight" data-testid="unsent">${unsent.map((visit) => html`<${VisitLine} key=${visit.id} visit=${visit} />`)}</div>`}
        <${OtherOfficers} />
      </section>
      <${DayTally} />
    </div>
  <//>`;
}

/** The last failure stays until a run succeeds. */
function Problem() {
  const stuck = officers.value.filter((one) => one.state === "needs_code");
  if (stuck.length > 0) {
    return html`${stuck.map((one) => html`<${Notice} tone="bad" key=${one.id} testid="needs-code"><strong>${one.name}</strong><span>${needsCodeText(one.supervisor)}</span>
      <a class="button button--small" href=${linkTo("enrol")}>${t("Enter a new code")}</a><//>`)}`;
  }
  const failure = sync.value?.failure;
  if (!failure || failure.kind === "no_network") return null;
  const { text, todo } = failureText(failure);
  return html`<${Notice} tone="warn" testid="send-problem"><strong>${text}</strong>${todo && html`<span>${todo}</span>`}${failure.code && html`<span class="small mono">${failure.code}</span>`}<//>`;
}

function OtherOfficers() {
  const others = officers.value.filter((one) => one.id !== officer.value?.id);
  return html`${others.map((one) => {
    const count = sync.value?.officers[one.id];
    const left = (count?.unsent_records ?? 0) + (count?.unsent_files ?? 0);
    return html`<p key=${one.id} class="small"><strong>${one.name}</strong>: ${left > 0 ? nt("{n} unsent, goes along by itself", "{n} unsent, go along by themselves", left) : t("all sent")}${count?.last_contact_at && ` · ${agoText(count.last_contact_at, now.value)}`}</p>`;
  })}`;
}

/** Phone and office count the same day: both numbers must match. */
function DayTally() {
  const [answer, setAnswer] = useState(/** @type {{tone: "good"|"warn"|"plain", text: string}|null} */ (null));
  const compare = async () => {
    const environment = syncEnvironment();
    if (!environment || !officer.value) return;
    setAnswer({ tone: "plain", text: t("Asking the office…") });
    try {
      const { dayTally } = await import("../../sync/tally.js");
      const tally = await dayTally(environment, officer.value, today(), reference().timezone ?? "UTC");
      const same = tally.phone === tally.server && tally.files_missing === 0;
      const text = t("Phone {phone}, office {server}.", { phone: tally.phone, server: tally.server });
      setAnswer({ tone: same ? "good" : "warn", text: same ? `${text} ${t("They match.")}` : `${text} ${t("What is missing will be sent again.")}` });
      if (!same) runSync("button");
    } catch {
      setAnswer({ tone: "warn", text: t("The office could not be asked. Try again with a network.") });
    }
  };
  return html`<section class="section"><h2>${t("End of the day")}</h2>
    <button type="button" class="button" data-testid="tally" onClick=${compare}><${Icon} name="check" />${t("Compare today with the office")}</button>
    ${answer && html`<${Notice} tone=${answer.tone} live=${true} testid="tally-answer"><span>${answer.text}</span><//>`}
    <a class="button ${answer?.tone === "warn" ? "button--main" : ""}" href=${linkTo("rescue")} data-testid="sending-rescue"><${Icon} name="copy" />${t("Make a copy in a file")}</a>
  </section>`;
}
