// @ts-check
/** First the icon: an installed app keeps its storage, a browser tab may lose it. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { browserFacts, canOfferInstall, listenToInstallOffer, offerInstall, onLocalhost } from "../../device/install.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { CopyLine } from "./wrong_browser.js";

/** @param {{ios: boolean, code: string, onHere: () => void}} props */
export function InstallStep({ ios, code, onHere }) {
  const [offered, setOffered] = useState(canOfferInstall());
  const [installed, setInstalled] = useState(false);
  useEffect(() => listenToInstallOffer(() => setOffered(canOfferInstall())), []);
  const install = async () => setInstalled(await offerInstall());
  return html`<h2>${t("Three steps, once")}</h2>
    <ol class="steps" data-testid="install-steps">
      <li class=${installed ? "done" : ""}><div class="stack stack--tight"><strong>${t("Install the app")}</strong>
        ${browserFacts().ios ? html`<span>${t("Tap the share sign below, then “Add to Home Screen”.")}</span>` : html`<${AndroidInstall} offered=${offered} installed=${installed} onInstall=${install} />`}</div></li>
      <li><strong>${t("Open it from its icon")}</strong></li>
      <li><div class="stack stack--tight"><strong>${t("Enter the code from the office")}</strong>
        ${code && html`<span>${ios ? t("The installed app asks for it. Copy it now:") : t("Your code waits there already:")}</span>`}
        ${code && (ios ? html`<${CopyLine} text=${code} />` : html`<span class="code-shown" data-testid="code-shown">${code}</span>`)}</div></li>
    </ol>
    ${!ios && html`<div class="stack stack--tight">
      ${onLocalhost() && html`<p class="small soft">${t("This is the computer the server runs on.")}</p>`}
      <button type="button" class=${onLocalhost() ? "button button--main button--block" : "button button--quiet"} data-testid="enrol-open-here" onClick=${onHere}>
        ${onLocalhost() ? t("Open here") : t("I cannot install it: go on in this browser")}</button>
    </div>`}`;
}

/** @param {{offered: boolean, installed: boolean, onInstall: () => void}} props */
function AndroidInstall({ offered, installed, onInstall }) {
  if (installed) return html`<span>${t("Installed. Look for the green icon.")}</span>`;
  if (!offered) return html`<span>${t("Open the browser's menu (⋮), then “Add to Home screen” or “Install app”.")}</span>`;
  return html`<button type="button" class="button button--main" data-testid="install" onClick=${onInstall}><${Icon} name="install" />${t("Install")}</button>`;
}
