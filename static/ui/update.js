// @ts-check
/** A new version waits until the officer taps; the outbox is counted before and after the swap. */
import { signal } from "@preact/signals";
import { nt, t } from "../core/messages.js";
import { openDevice, readSetting, writeSetting } from "../storage/device.js";
import { openOfficer } from "../storage/officer.js";
import { countUnsent } from "../storage/visits.js";
import { html } from "./kit/html.js";
import { Notice } from "./kit/notice.js";
import { Icon } from "./kit/icon.js";
import { officers, sync, updateReady } from "./state.js";

/** @type {ServiceWorkerRegistration|null} */
let registration = null;
/** What the officer is told after an update; null: nothing. */
export const updateResult = signal(/** @type {{ok: boolean, before: number, after: number}|null} */ (null));

/** Register the worker and learn of a version that waits. */
export async function followUpdates() {
  if (!("serviceWorker" in navigator)) return null;
  registration = await navigator.serviceWorker.register("/sw.js", { scope: "/app", updateViaCache: "none" });
  const look = () => {
    updateReady.value = Boolean(registration?.waiting && navigator.serviceWorker.controller);
  };
  registration.addEventListener("updatefound", () => registration?.installing?.addEventListener("statechange", look));
  look();
  return registration;
}

/** Ask the server for a newer version; quiet without a network. */
export function lookForUpdate() {
  registration?.update().catch(() => undefined);
}

/** @returns {Promise<number>} unsent records and files of all officers */
async function unsentNow() {
  let sum = 0;
  for (const person of officers.value) {
    const { records, files } = await countUnsent(openOfficer(person.id));
    sum += records + files;
  }
  return sum;
}

/** Take the waiting version: count, swap, reload once. */
export async function applyUpdate() {
  const waiting = registration?.waiting;
  if (!waiting) return;
  await writeSetting(openDevice(), "updating", { before: await unsentNow() });
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("skip");
}

/** After the reload: the outbox must hold what it held. Call once at start. */
export async function checkAfterUpdate() {
  const device = openDevice();
  const note = await readSetting(device, "updating", /** @type {{before: number}|null} */ (null));
  if (!note) return;
  await writeSetting(device, "updating", null);
  const after = await unsentNow();
  updateResult.value = { ok: after >= note.before, before: note.before, after };
}

/** The note above every screen while a version waits, and the count after it came. */
export function UpdateNote() {
  const told = updateResult.value;
  if (told) {
    return html`<div class="update-note"><${Notice} tone=${told.ok ? "good" : "bad"} testid="update-result" live=${true}>
      <span>${told.ok
        ? t("Updated. Unsent before: {before}, after: {after}. Nothing is lost.", { before: told.before, after: told.after })
        : t("Updated, but fewer unsent entries are here than before ({before} before, {after} now). Tell your supervisor.", { before: told.before, after: told.after })}</span>
      <button type="button" class="button button--small" onClick=${() => { updateResult.value = null; }}>${t("OK")}</button>
    <//></div>`;
  }
  if (!updateReady.value) return null;
  const unsent = (sync.value?.unsent_records ?? 0) + (sync.value?.unsent_files ?? 0);
  return html`<div class="update-note"><${Notice} tone="info" icon="download" testid="update-ready">
    <span><strong>${t("A new version is ready.")}</strong> ${unsent > 0 && nt("{n} unsent entry stays safe.", "{n} unsent entries stay safe.", unsent)}</span>
    <button type="button" class="button button--small" data-testid="update-apply" onClick=${applyUpdate}><${Icon} name="refresh" />${t("Use it now")}</button>
  <//></div>`;
}
