// @ts-check
/** To the supervisor by WhatsApp: the share sheet where there is one, else the downloads, with pictures. */
import { nt, t } from "../../core/messages.js";
import { canShareText } from "../../device/share.js";
import { formatBytes } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { packetName, partBytes, usePackets } from "./packets.js";
import { DocumentSteps, ShareSteps } from "./steps.js";

/** @typedef {import("./packets.js").Packets} Packets */

/** @param {{unsentOnly: boolean}} props */
export function SendText({ unsentOnly }) {
  const { packets, problem, give } = usePackets(unsentOnly);
  const sheet = canShareText();
  const parts = packets?.states.length ?? 0;
  const saved = packets?.states.includes("saved") ?? false;
  return html`<section class="card" aria-labelledby="send-text-title" data-testid="send-text">
    <h2 id="send-text-title">${t("To your supervisor, by WhatsApp")}</h2>
    ${parts > 1 && html`<p>${nt("It is large and comes in {n} part. The first has all texts; send every part.", "It is large and comes in {n} parts. The first has all texts; send every part.", parts)}</p>`}
    ${packets && packets.states.map((_, n) => html`<${Part} key=${n} packets=${packets} part=${n + 1} sheet=${sheet} onGive=${give} />`)}
    ${problem !== null && html`<${Notice} tone="bad" live=${true} testid="rescue-failed"><span>${t("The file could not be made. Try again, or use the plain rescue page below.")}</span>
      <span class="small mono">${problem instanceof Error ? `${problem.name}: ${problem.message}` : String(problem)}</span><//>`}
    ${sheet && !saved
      ? html`<details data-testid="how-share"><summary><${Icon} name="question" />${t("How it goes on")}</summary><${ShareSteps} /></details>`
      : html`<details open=${saved || !sheet} data-testid="how-document"><summary><${Icon} name="question" />${t("How to send it")}</summary><${DocumentSteps} /></details>`}
  </section>`;
}

/** @param {{packets: Packets, part: number, sheet: boolean, onGive: (part: number, way: "share"|"save") => void}} props */
function Part({ packets, part, sheet, onGive }) {
  const state = packets.states[part - 1];
  const many = packets.states.length > 1;
  const making = state === "making";
  const done = state === "shared" || state === "saved";
  const size = formatBytes(partBytes(packets.plan, part));
  const label = state === "tap_again" ? t("Ready. Tap once more") : state === "shared" ? t("Send again") : t("Send by WhatsApp");
  return html`<div class="stack stack--tight ${many ? "part" : ""}" data-testid="part-${part}" data-state=${state}>
    ${many && html`<p class="row row--between"><strong>${t("Part {part} of {parts}", { part, parts: packets.states.length })}</strong><span class="small soft number">${size}</span></p>`}
    ${making && html`<progress class="progress" max=${Math.max(1, packets.of)} value=${packets.done} aria-label=${t("Writing the file…")}></progress>`}
    ${done && html`<${Notice} tone="good" live=${true} testid="part-done"><span>${state === "shared" ? t("Handed over. Check that it was sent.") : t("It is in the phone's downloads:")}</span>
      ${state === "saved" && html`<span class="small mono break">${packetName(packets, "txt", part)}</span>`}<//>`}
    ${state === "failed" && html`<p class="small strong" role="status">${t("This did not work. Try again.")}</p>`}
    ${sheet && html`<button type="button" class="button button--block ${state === "shared" ? "" : "button--main"}" disabled=${making} data-testid="share-${part}" onClick=${() => onGive(part, "share")}>
      <${Icon} name="share" />${making ? t("Writing the file…") : label}</button>`}
    <button type="button" class="button button--block ${sheet || done ? "" : "button--main"}" disabled=${making} data-testid="save-${part}" onClick=${() => onGive(part, "save")}>
      <${Icon} name="download" />${sheet ? t("Into the downloads") : t("Save the file for WhatsApp")}</button>
    ${!many && html`<p class="small soft number break">${packetName(packets, "txt", part)} · ${size}</p>`}
  </div>`;
}
