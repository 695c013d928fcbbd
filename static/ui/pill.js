// @ts-check
/** The one pill on every screen that always says the truth about sending; a tap opens details. */
import { pill } from "../core/pill.js";
import { t } from "../core/messages.js";
import { html } from "./kit/html.js";
import { Icon } from "./kit/icon.js";
import { linkTo } from "./router.js";
import { now, officers, online, sync } from "./state.js";

/** @typedef {import("../core/pill.js").Pill} PillText */

/** @type {Object<PillText["tone"], string>} */
const TONE_CLASS = { calm: "", good: "pill--good", attention: "pill--warn", bad: "pill--bad" };

/** @param {PillText["tone"]} tone @param {boolean} sending */
function iconOf(tone, sending) {
  if (sending) return "sent";
  if (tone === "bad" || tone === "attention") return "warning";
  if (!online.value) return "offline";
  return tone === "good" ? "received" : "saved";
}

/** What the pill says now; also the head of the details. @returns {PillText|null} */
export function currentPill() {
  if (!sync.value) return null;
  const supervisor = officers.value.find((one) => one.state === "needs_code")?.supervisor ?? null;
  return pill(sync.value, now.value, supervisor);
}

export function PillStrip() {
  const said = currentPill();
  if (officers.value.length === 0) return null;
  const sending = sync.value?.phase === "sending_records" || sync.value?.phase === "sending_files";
  const tone = said?.tone ?? "calm";
  return html`<div class="pill-strip">
    <a class="pill ${sending ? "pill--info" : TONE_CLASS[tone]}" href=${linkTo("sending")} data-testid="pill" data-tone=${tone} data-phase=${sync.value?.phase}
      data-unsent=${sync.value ? sync.value.unsent_records + sync.value.unsent_files : undefined} data-failure=${sync.value?.failure?.kind ?? "none"} data-contact=${sync.value?.last_contact_at ? "known" : "never"}>
      <${Icon} name=${iconOf(tone, sending)} />
      <span class="grow" role="status"><strong data-testid="pill-text">${said?.text ?? t("Looking at this phone…")}</strong>
        ${said && html`<span class="pill__more">${said.todo ?? said.detail}</span>`}</span>
      <${Icon} name="right" />
    </a>
  </div>`;
}
