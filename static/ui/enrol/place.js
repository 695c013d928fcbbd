// @ts-check
/** Where the enrolment stands on this phone: which browser, installed or not, what comes next. */
import { browserFacts, onLocalhost, openedFromIcon } from "../../device/install.js";

/** @typedef {"wrong_browser"|"install_ios"|"install"|"code"} EnrolStep */

/**
 * The order is install, open from the icon, enter the code. On an iPhone the installed app has a
 * storage of its own, so a code entered in the tab would be lost for it.
 * @param {{in_app: boolean, ios: boolean, standalone: boolean, localhost: boolean, here: boolean}} facts `here`: the officer chose to go on in this tab
 * @returns {EnrolStep}
 */
export function enrolStep({ in_app, ios, standalone, localhost, here }) {
  if (standalone) return "code";
  if (in_app) return "wrong_browser";
  if (ios && !localhost) return "install_ios";
  return here ? "code" : "install";
}

/** The facts of this page. @param {boolean} here */
export function enrolFacts(here) {
  const { in_app, ios } = browserFacts();
  return { in_app, ios, standalone: openedFromIcon(), localhost: onLocalhost(), here };
}

/**
 * A code as it is typed: capitals, a dash in the middle, letters that are never in a code read as
 * the digits they look like (the server reads them so too).
 * @param {string} text
 */
export function showCode(text) {
  const meant = text.toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1").replace(/[^0-9A-Z]/g, "").slice(0, 8);
  return meant.length > 4 ? `${meant.slice(0, 4)}-${meant.slice(4)}` : meant;
}

/** @param {string} code */
export const isWholeCode = (code) => /^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(code);
