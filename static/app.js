// @ts-check
/** Starts the phone's app: words and limits, who is on duty, the screens, sending, updates. */
import { Component, h, render } from "preact";
import { catchInstallOffer } from "./device/install.js";
import { listenToConnection, maybeOnline } from "./device/connection.js";
import { followClock } from "./ui/clock.js";
import { App, loadFirstScreen, loadLikelyScreen, loadOtherScreens } from "./ui/app_root.js";
import { loadDuty, loadReference, setLanguage, showStoredTheme, storedLanguage } from "./ui/duty.js";
import { showFatal } from "./ui/fatal.js";
import { startFolderCopy } from "./ui/folder.js";
import { guardStorage } from "./ui/guard.js";
import { startSync } from "./ui/server.js";
import { now, officer, online } from "./ui/state.js";
import { watchStorage } from "./ui/storage_note.js";
import { toRescue } from "./ui/to_rescue.js";
import { checkAfterUpdate, followUpdates } from "./ui/update.js";
import { followStorage, refreshWork } from "./ui/work.js";

catchInstallOffer();
watchStorage();
showStoredTheme();
loadLikelyScreen();

/** A screen that cannot be drawn is the last resort's case; a failed background task is not. */
class Guard extends Component {
  /** @param {unknown} error */
  componentDidCatch(error) {
    showFatal(error);
  }

  render() {
    return h(App, {});
  }
}

async function start() {
  await Promise.all([loadReference(), storedLanguage().then((code) => setLanguage(code, false), () => setLanguage("id", false))]);
  // a clock that cannot be read is no reason to have no app
  await followClock().catch(() => undefined);
  await loadDuty();
  await loadFirstScreen();
  listenToConnection(() => {
    online.value = maybeOnline();
    now.value = Date.now();
  });
  followStorage();
  officer.subscribe(() => refreshWork());
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.replaceChildren();
  render(h(Guard, {}), root);
  await startSync();
  await Promise.allSettled([startFolderCopy(), guardStorage()]);
  await checkAfterUpdate();
  await loadOtherScreens();
}

followUpdates().catch(() => undefined);
start().catch((error) => toRescue(error) || showFatal(error));
