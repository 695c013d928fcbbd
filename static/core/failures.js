// @ts-check
/**
 * What went wrong while sending, in plain words: each kind has its own, with what to do. That the
 * data are safe is said wherever a person may doubt it.
 */
import { t } from "./messages.js";

/** @typedef {import("./types.js").FailureFacts} FailureFacts */
/**
 * `action`: the one button beside the words. `portal` opens the Wi-Fi's login page, `code` the
 * enrolment, `copy` the rescue file.
 * @typedef {{text: string, todo: string|null, action: "portal"|"code"|"copy"|null}} FailureWords
 */

/** @param {string|null} supervisor */
export function needsCodeText(supervisor) {
  if (supervisor) return t("This phone needs a new code from the office. Call {supervisor}. Your data is safe.", { supervisor });
  return t("This phone needs a new code from the office. Call your supervisor. Your data is safe.");
}

/**
 * What went wrong, and what to do, for people.
 * @param {Pick<FailureFacts, "kind"|"code"|"message"|"offline">} failure
 * @returns {FailureWords}
 */
export function failureText(failure) {
  switch (failure.kind) {
    case "no_network":
      if (failure.offline !== false) return { text: t("waiting for network"), todo: null, action: null };
      return { text: t("the office cannot be reached"), todo: t("The phone tries again by itself. Your data is safe. A Wi-Fi that wants a sign-in: open its login page."), action: "portal" };
    case "slow":
      return { text: t("the network is too slow"), todo: t("It is there, but hardly anything gets through. The phone keeps trying; a better spot helps. Your data is safe."), action: null };
    case "captive_portal":
      return { text: t("this network blocks sending"), todo: t("This Wi-Fi wants you to sign in first: open its login page, or use another network."), action: "portal" };
    case "blocked":
      return { text: t("this network lets only small pieces through"), todo: t("What is left needs another network, for example mobile data. Your data is safe."), action: null };
    case "server_down":
      return { text: t("the office's server does not answer"), todo: t("The phone tries again by itself. Your data is safe."), action: null };
    case "server_full":
      return { text: t("the office's server is full"), todo: t("Tell your supervisor: the office must make room. Your data stays safe on this phone."), action: null };
    case "busy":
      return { text: t("the office's server is busy"), todo: t("The phone tries again by itself. Your data is safe."), action: null };
    case "needs_code":
      return { text: t("This phone needs a new code"), todo: needsCodeText(null), action: "code" };
    case "storage_full":
      return { text: t("the phone is full"), todo: t("Delete videos or apps you do not need, then try again. Do not delete this app."), action: null };
    case "storage_broken":
      return { text: t("the phone's storage does not answer"), todo: t("Close the app and open it again. If this stays, use Rescue in Settings."), action: "copy" };
    default:
      return { text: failure.message ? t(failure.message) : t("sending failed"), todo: t("Show this to your supervisor: {code}", { code: failure.code ?? "-" }), action: "copy" };
  }
}
