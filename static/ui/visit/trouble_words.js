// @ts-check
/** What went wrong with the phone's storage, in the officer's words. */
import { t } from "../../core/messages.js";
import { StorageBroken, StorageFull } from "../../storage/database.js";

/** @param {unknown} error @returns {string|null} null: it is not about storage */
export function storageWords(error) {
  if (error instanceof StorageFull) return t("The phone is full. Delete videos or apps you do not need, then try again. Do not delete this app.");
  if (error instanceof StorageBroken) return t("The phone's storage does not answer. Close the app and open it again; what was saved stays.");
  return null;
}
