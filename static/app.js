// @ts-check
/** Starts the phone's app: words and limits, who is on duty, the screens, sending, updates. */
import { h, options, render } from "preact";
import { catchInstallOffer } from "./device/install.js";
import { listenToConnection, maybeOnline } from "./device/connection.js";
import { App } from "./ui/app_root.js";
import { loadDuty, loadReference, setLanguage, showStoredTheme, storedLanguage } from "./ui/duty.js";
import { showFatal } from "./ui/fatal.js";
import { startSync } from "./ui/server.js";
import { now, officer, online } from "./ui/state.js";
import { checkAfterUpdate, followUpdates } from "./ui/update.js";
import { followStorage, refreshWork } from "./ui/work.js";

catchInstallOffer();
showStoredTheme();

/** A screen that cannot be drawn is the last resort's case; a failed background task is not. */
function catchDrawingErrors() {
  const known = /** @type {any} */ (options).__e;
  /** @type {any} */ (options).__e = (/** @type {unknown} */ error, /** @type {any} */ ...rest) => {
    showFatal(error);
    known?.(error, ...rest);
  };
}

async function start() {
  await Promise.all([loadReference(), storedLanguage().then((code) => setLanguage(code, false), () => setLanguage("id", false))]);
  await loadDuty();
  listenToConnection(() => {
    online.value = maybeOnline();
    now.value = Date.now();
  });
  followStorage();
  officer.subscribe(() => refreshWork());
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.replaceChildren();
  catchDrawingErrors();
  render(h(App, {}), root);
  await startSync();
  await checkAfterUpdate();
}

followUpdates().catch(() => undefined);
start().catch(showFatal);
