// @ts-check
/**
 * The clock as the screens use it: what is known of it, the time as well as it is known, and the
 * note above every screen when it is wrong. It never stops anybody from saving.
 */
import { signal } from "@preact/signals";
import { clockSet, clockTrouble, freshClock, lookAtClock, trueNow } from "../core/clock.js";
import { nt, t } from "../core/messages.js";
import { watchClock } from "../device/clock_watch.js";
import { openDevice, readClock, updateClock } from "../storage/device.js";
import { onStorageChange } from "../storage/database.js";
import { formatDate } from "./format.js";
import { html } from "./kit/html.js";
import { Notice } from "./kit/notice.js";
import { now } from "./state.js";

/** @typedef {import("../core/clock.js").KnownClock} KnownClock */

export const clock = signal(freshClock());

/** Looks whether the clock was set just now. Set by followClock(). */
let look = () => {};

/** The time now as well as it is known, ms since 1970. */
export const timeNow = () => trueNow(clock.peek(), Date.now());

/** @param {(known: KnownClock) => KnownClock} learn */
async function learnClock(learn) {
  clock.value = await updateClock(openDevice(), learn);
}

/** Read what is known, compare it with what the clock shows, and go on watching. Call once. */
export async function followClock() {
  await learnClock((known) => lookAtClock(known, Date.now()));
  const watch = watchClock((stepMs, nowMs) => {
    now.value = nowMs;
    learnClock((known) => clockSet(known, stepMs, nowMs)).catch(() => undefined);
  });
  look = watch.look;
  // the latest time that this clock has shown, also when the app is never closed properly
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") learnClock((known) => lookAtClock(known, Date.now())).catch(() => undefined);
  });
  onStorageChange(({ database, stores }) => {
    if (database === openDevice().name && stores.includes("settings")) readClock(openDevice()).then((known) => { clock.value = known; }, () => undefined);
  });
}

/** What is known of the clock at this moment, with a last look at it. Never stops a save. @returns {Promise<KnownClock>} */
export async function clockNow() {
  look();
  await learnClock((known) => lookAtClock(known, Date.now())).catch(() => undefined);
  return lookAtClock(clock.value, Date.now());
}

/** "25 minutes", "3 hours", "2 days". @param {number} ms */
function durationText(ms) {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return nt("{n} minute", "{n} minutes", minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? nt("{n} hour", "{n} hours", hours) : nt("{n} day", "{n} days", Math.round(hours / 24));
}

/** @param {import("../core/clock.js").ClockTrouble} trouble @returns {string} */
export function clockText({ kind, ms }) {
  switch (kind) {
    case "fast":
      return t("This phone's clock is wrong: it is {duration} fast.", { duration: durationText(ms) });
    case "slow":
      return t("This phone's clock is wrong: it is {duration} slow.", { duration: durationText(ms) });
    case "impossible":
      return t("This phone's clock is wrong: it says {time}.", { time: formatDate(ms) });
    case "changed":
      return t("This phone's clock was changed. Whether it is right now is known with the next contact.");
    default:
      return t("The office's clock is odd: it says {time}. This phone keeps its own time. Tell your supervisor.", { time: formatDate(ms) });
  }
}

/** Above every screen while a clock is wrong. */
export function ClockNote() {
  const trouble = clockTrouble(clock.value, now.value);
  if (!trouble) return null;
  return html`<div class="update-note"><${Notice} tone="warn" testid="clock-note">
    <strong data-testid="clock-trouble" data-kind=${trouble.kind}>${clockText(trouble)}</strong>
    ${trouble.kind !== "server" && html`<span>${t("Switch on automatic date and time in the phone's settings. You can still save; the visit is marked.")}</span>`}
  <//></div>`;
}
