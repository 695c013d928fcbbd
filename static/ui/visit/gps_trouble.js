// @ts-check
/** Why there is no good position, in four different panels, each with its own remedy. */
import { t } from "../../core/messages.js";
import { browserFacts } from "../../device/install.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { formatDistance, formatElapsed } from "../format.js";

/** @typedef {import("./use_stand.js").Stand} Stand */

/** @param {{stand: Stand}} props nothing when all is well */
export function GpsTrouble({ stand }) {
  switch (stand.gps) {
    case "denied":
      return html`<${Denied} stand=${stand} />`;
    case "off":
    case "missing":
      return html`<${SwitchedOff} stand=${stand} />`;
    case "approximate":
      return html`<${ApproximateOnly} stand=${stand} />`;
    case "asking":
      return html`<${Panel} testid="gps-asking" icon="question" tone="info" title=${t("Your phone is asking")}
        steps=${[t("Choose “While using the app”."), t("Keep “Precise” switched on.")]} />`;
    case "searching":
      return html`<${NoFixYet} stand=${stand} />`;
    default:
      return null;
  }
}

/** @param {{testid: string, icon: string, tone: string, title: string, steps: string[], stand?: Stand, children?: any}} props */
function Panel({ testid, icon, tone, title, steps, stand, children }) {
  return html`<div class="notice notice--${tone}" data-testid=${testid} role="status">
    <${Icon} name=${icon} />
    <div class="grow stack stack--tight">
      <strong>${title}</strong>${children}
      <ul class="steps-plain">${steps.map((step) => html`<li key=${step}>${step}</li>`)}</ul>
      ${stand && html`<button type="button" class="button button--small" data-testid="gps-retry" onClick=${stand.retry}>
        <${Icon} name="refresh" />${t("Try again")}</button>`}
    </div>
  </div>`;
}

/** @param {{stand: Stand}} props */
function Denied({ stand }) {
  const { ios } = browserFacts();
  const steps = ios
    ? [t("Open Settings › Privacy › Location Services › Safari Websites."), t("Choose “While Using” and switch on “Precise Location”.")]
    : [
        t("Hold this app's icon › App info › Permissions › Location › “Allow only while using”."),
        t("In Chrome: tap the sign left of the address › Permissions › Location."),
      ];
  return html`<${Panel} testid="gps-denied" icon="gps-off" tone="bad" title=${t("This app may not see the location")} steps=${steps} stand=${stand} />`;
}

/** @param {{stand: Stand}} props */
function SwitchedOff({ stand }) {
  const { ios } = browserFacts();
  const steps = ios
    ? [t("Open Settings › Privacy › Location Services and switch it on.")]
    : [t("Swipe down from the top of the screen and tap “Location”."), t("Airplane mode may stay on: GPS works without a network.")];
  return html`<${Panel} testid="gps-off" icon="gps-off" tone="bad" title=${t("The phone's location is switched off")} steps=${steps} stand=${stand} />`;
}

/** @param {{stand: Stand}} props */
function ApproximateOnly({ stand }) {
  const accuracy = stand.measure?.position?.accuracy_m;
  const { ios } = browserFacts();
  const steps = ios
    ? [t("Open Settings › Privacy › Location Services › Safari Websites and switch on “Precise Location”.")]
    : [t("Hold this app's icon › App info › Permissions › Location and switch on “Use precise location”."), t("Under open sky the phone may still find itself: wait a little.")];
  return html`<${Panel} testid="gps-approximate" icon="gps" tone="warn" title=${t("The phone gives only a rough area")} steps=${steps} stand=${stand}>
    ${accuracy && html`<span>${t("It may be wrong by {distance}.", { distance: formatDistance(accuracy) })}</span>`}
  <//>`;
}

/** @param {{stand: Stand}} props */
function NoFixYet({ stand }) {
  const elapsed = stand.measure?.elapsed_s ?? 0;
  const steps = [t("Stand under open sky, away from walls and trees."), t("The first position of the day can take two minutes without a network.")];
  if (elapsed >= 60) steps.push(t("Hold the phone still, screen up. Take off a metal case."));
  return html`<${Panel} testid="gps-searching" icon="gps" tone="info" title=${t("Looking for satellites… {time}", { time: formatElapsed(elapsed) })} steps=${steps} />`;
}
