// @ts-check
/** The one thing to do for each check that is not good. */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { question } from "../../core/reference.js";
import { preparePhoto } from "../../device/camera.js";
import { listenToGps } from "../../device/gps.js";
import { canOfferInstall, offerInstall } from "../../device/install.js";
import { askPersistent } from "../../device/storage_manager.js";
import { openDevice, writeSetting } from "../../storage/device.js";
import { today } from "../duty.js";
import { formatElapsed, formatNumber } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { linkTo } from "../router.js";
import { runSync } from "../server.js";

/** @typedef {import("./checks.js").CheckKey} CheckKey */

/** @param {{check: CheckKey, onDone: () => void}} props */
export function CheckAction({ check, onDone }) {
  switch (check) {
    case "icon":
      return canOfferInstall()
        ? html`<${Act} check=${check} icon="install" label=${t("Install the app")} onClick=${() => offerInstall().then(onDone)} />`
        : html`<p class="small">${t("Install it from the browser's menu (“Add to Home screen”), then open it from the icon.")}</p>`;
    case "offline":
      return html`<${Act} check=${check} icon="refresh" label=${t("Load again with a network")} onClick=${() => location.reload()} />`;
    case "location":
      return html`<${LocationTest} onDone=${onDone} />`;
    case "camera":
      return html`<${CameraTest} onDone=${onDone} />`;
    case "storage":
      return html`<${Act} check=${check} icon="lock" label=${t("Ask for protection")} onClick=${() => askPersistent().then(onDone)} />`;
    case "space":
      return html`<p class="small">${t("Delete videos or apps you do not need.")}</p>`;
    case "clock":
      return html`<${Act} check=${check} icon="refresh" label=${t("Compare with the office")} onClick=${() => runSync("button")} />
        <p class="small">${t("In the phone's settings choose automatic date and time.")}</p>`;
    case "contact":
      return html`<${Act} check=${check} icon="refresh" label=${t("Connect to the office")} onClick=${() => runSync("button")} />`;
    case "copy":
      return html`<a class="button button--small" href=${linkTo("rescue")} data-testid="act-copy"><${Icon} name="copy" />${t("Look at the copy")}</a>`;
    case "assignments":
      return html`<${Act} check=${check} icon="refresh" label=${t("Fetch from the office")} onClick=${() => runSync("button")} />`;
    default:
      return html`<a class="button button--small" href=${linkTo("sending")} data-testid="act-outbox"><${Icon} name="sent" />${t("Send now")}</a>`;
  }
}

/** @param {{check: CheckKey, icon: string, label: string, onClick: () => void}} props */
function Act({ check, icon, label, onClick }) {
  return html`<button type="button" class="button button--small" data-testid="act-${check}" onClick=${onClick}><${Icon} name=${icon} />${label}</button>`;
}

/** @param {{onDone: () => void}} props */
function LocationTest({ onDone }) {
  const [started, setStarted] = useState(/** @type {number|null} */ (null));
  const [word, setWord] = useState("");
  useEffect(() => {
    if (started === null) return undefined;
    return listenToGps(async (report, isNewFix) => {
      if (report.state === "denied" || report.state === "off") setWord(report.state === "denied" ? t("This app may not see the location") : t("The phone's location is switched off"));
      else if (report.state === "approximate") setWord(t("The phone gives only a rough area"));
      else setWord(report.fix ? `± ${formatNumber(report.fix.accuracy_m)} m` : t("Looking for satellites… {time}", { time: formatElapsed((Date.now() - started) / 1000) }));
      if (!isNewFix || !report.fix) return;
      await writeSetting(openDevice(), "fix_of_day", { day: today(), accuracy_m: report.fix.accuracy_m });
      if (report.fix.accuracy_m <= (question("accuracy_poor_m") ?? Infinity)) {
        setStarted(null);
        onDone();
      }
    });
  }, [started]);
  return html`<${Act} check="location" icon="gps" label=${t("Try the position")} onClick=${() => setStarted(Date.now())} />
    ${started !== null && html`<p class="small" role="status">${word}</p>`}`;
}

/** @param {{onDone: () => void}} props a photo taken and thrown away */
function CameraTest({ onDone }) {
  const input = useRef(/** @type {HTMLInputElement|null} */ (null));
  const [problem, setProblem] = useState(false);
  const tried = async (/** @type {any} */ event) => {
    const [file] = event.currentTarget.files;
    if (!file) return;
    try {
      await preparePhoto(file);
      await writeSetting(openDevice(), "camera_tried", true);
      onDone();
    } catch {
      setProblem(true);
    }
  };
  return html`<${Act} check="camera" icon="camera" label=${t("Try the camera")} onClick=${() => input.current?.click()} />
    <input hidden type="file" accept="image/*" capture="environment" ref=${input} aria-label=${t("Try the camera")} data-testid="camera-test" onChange=${tried} />
    ${problem && html`<p class="small" role="status">${t("That photo could not be opened. Try again.")}</p>`}`;
}
