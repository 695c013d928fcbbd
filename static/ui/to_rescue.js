// @ts-check
/** Where a failed upgrade of a database leads: to the page that needs no upgrade. */
import { UpgradeFailed } from "../storage/database.js";

/**
 * Go to the rescue page when an error is a failed upgrade.
 * @param {unknown} error
 * @returns {boolean} whether it was
 */
export function toRescue(error) {
  if (!(error instanceof UpgradeFailed)) return false;
  location.replace("/app/rescue?upgrade");
  return true;
}
