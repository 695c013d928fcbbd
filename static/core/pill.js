// @ts-check
/** The one pill that always says the truth: how much is unsent, what happens, what to do. */
import { nt, t } from "./messages.js";
import { agoText } from "./states.js";

/** @typedef {import("./types.js").SyncStatus} SyncStatus */
/** @typedef {{text: string, detail: string, todo: string|null, tone: "calm"|"good"|"attention"|"bad"}} Pill */

/**
 * @param {SyncStatus} status
 * @param {number} nowMs
 * @param {string|null} [supervisor] whom to call for a new code
 * @returns {Pill}
 */
export function pill(status, nowMs, supervisor = null) {
  const unsent = status.unsent_records + status.unsent_files;
  const detail = status.last_contact_at ? t("Last contact {ago}", { ago: agoText(status.last_contact_at, nowMs) }) : t("No contact with the office yet");
  if (Object.values(status.officers).some((officer) => officer.needs_code)) {
    return { text: t("This phone needs a new code"), detail, tone: "bad", todo: needsCodeText(supervisor) };
  }
  if (status.phase === "sending_records" || status.phase === "sending_files") {
    return { text: t("Sending {done} of {total}", { done: Math.min(status.done + 1, status.total), total: status.total }), detail, tone: "calm", todo: null };
  }
  const count = unsent ? nt("{n} unsent", "{n} unsent", unsent) : t("All sent");
  if (!status.failure) {
    const wifi = status.photos_waiting_for_wifi;
    const waits = wifi ? nt("{n} photo waits for Wi-Fi", "{n} photos wait for Wi-Fi", wifi) : null;
    return { text: count, detail, tone: unsent ? "calm" : "good", todo: waits };
  }
  const { text, todo } = failureText(status.failure);
  return { text: unsent ? `${count} · ${text}` : text, detail, tone: status.failure.kind === "no_network" ? "calm" : "attention", todo };
}

/** @param {string|null} supervisor */
export function needsCodeText(supervisor) {
  if (supervisor) return t("This phone needs a new code from the office. Call {supervisor}. Your data is safe.", { supervisor });
  return t("This phone needs a new code from the office. Call your supervisor. Your data is safe.");
}

/**
 * What went wrong, and what to do, for people.
 * @param {{kind: import("./types.js").FailureKind, code: string|null, message: string|null}} failure
 * @returns {{text: string, todo: string|null}}
 */
export function failureText(failure) {
  switch (failure.kind) {
    case "no_network":
      return { text: t("waiting for network"), todo: null };
    case "captive_portal":
      return { text: t("this network blocks sending"), todo: t("This Wi-Fi wants you to sign in first. Open the browser, or use another network.") };
    case "server_down":
    case "busy":
      return { text: t("the office's server does not answer"), todo: t("The phone tries again by itself. Your data is safe.") };
    case "needs_code":
      return { text: t("This phone needs a new code"), todo: needsCodeText(null) };
    case "storage_full":
      return { text: t("the phone is full"), todo: t("Delete videos or apps you do not need, then try again. Do not delete this app.") };
    case "storage_broken":
      return { text: t("the phone's storage does not answer"), todo: t("Close the app and open it again. If this stays, use Rescue in Settings.") };
    default:
      return { text: failure.message ?? t("sending failed"), todo: t("Show this to your supervisor: {code}", { code: failure.code ?? "-" }) };
  }
}
