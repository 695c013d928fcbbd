// @ts-check
/** The one pill that always says the truth: how much is unsent, what happens, what to do. */
import { failureText, needsCodeText } from "./failures.js";
import { nt, t } from "./messages.js";
import { agoText } from "./states.js";

export { failureText, needsCodeText } from "./failures.js";

/** @typedef {import("./types.js").SyncStatus} SyncStatus */
/** @typedef {{text: string, detail: string, todo: string|null, tone: "calm"|"good"|"attention"|"bad"}} Pill */

/** Nothing arrived for so long: the officer hears that it is the link, and that it goes on. */
const STANDS_STILL_MS = 40_000;

/**
 * @param {SyncStatus} status
 * @param {number} nowMs
 * @param {string|null} [supervisor] whom to call for a new code
 * @returns {Pill}
 */
export function pill(status, nowMs, supervisor = null) {
  const unsent = status.unsent_records + status.unsent_files;
  const count = unsent ? nt("{n} unsent", "{n} unsent", unsent) : t("All sent");
  const detail = status.last_contact_at ? t("Last contact {ago}", { ago: agoText(status.last_contact_at, nowMs) }) : t("No contact with the office yet");
  if (status.paused_at) return { text: t("Paused · {count}", { count }), detail, tone: "attention", todo: t("Nothing is sent until you go on.") };
  if (Object.values(status.officers).some((officer) => officer.needs_code)) {
    return { text: t("This phone needs a new code"), detail, tone: "bad", todo: needsCodeText(supervisor) };
  }
  if (status.phase === "sending_records" || status.phase === "sending_files") {
    const still = status.moved_ms !== null && nowMs - status.moved_ms > STANDS_STILL_MS;
    const slow = still ? t("The network is very slow. It keeps trying.") : null;
    return { text: t("Sending {done} of {total}", { done: Math.min(status.done + 1, status.total), total: status.total }), detail, tone: "calm", todo: slow };
  }
  if (!status.failure) {
    const wifi = status.photos_waiting_for_wifi;
    const waits = wifi ? nt("{n} photo waits for Wi-Fi", "{n} photos wait for Wi-Fi", wifi) : null;
    return { text: count, detail, tone: unsent ? "calm" : "good", todo: waits };
  }
  const { text, todo } = failureText(status.failure);
  return { text: unsent ? `${count} · ${text}` : text, detail, tone: status.failure.kind === "no_network" ? "calm" : "attention", todo };
}
