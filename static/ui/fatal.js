// @ts-check
/** The last screen: what nobody caught. Drawn without any library, since one may be the cause. */
import { t } from "../core/messages.js";
import { takeOver, waitingVersion } from "../device/new_version.js";

let shown = false;

/** @param {string} tag @param {string} className @param {string} text @param {HTMLElement} parent */
function put(tag, className, text, parent) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}

/** @param {unknown} error */
export function showFatal(error) {
  if (shown) return;
  shown = true;
  const main = document.createElement("main");
  main.className = "boot";
  main.dataset.testid = "fatal";
  put("h1", "", t("Something went wrong"), main);
  put("p", "", t("What you saved is safe on this phone. Open the app again; if this stays, open the rescue page and show it to your supervisor."), main);
  const again = /** @type {HTMLButtonElement} */ (put("button", "button button--main", t("Open the app again"), main));
  again.type = "button";
  again.addEventListener("click", () => openAgain(again));
  const rescue = /** @type {HTMLAnchorElement} */ (put("a", "button", t("Open the rescue page"), main));
  rescue.href = "/app/rescue";
  put("p", "small mono", error instanceof Error ? `${error.name}: ${error.message}` : String(error), main);
  const root = document.getElementById("app") ?? document.body;
  root.replaceChildren(main);
}

/** A newer version that waits may be the cure: nobody else could tap for it here. @param {HTMLButtonElement} button */
async function openAgain(button) {
  button.disabled = true;
  const worker = await waitingVersion({ inAHurry: true }).catch(() => null);
  if (worker) await takeOver(worker);
  location.replace("/app");
}
