// @ts-check
/** When photos may travel, and the ways to the details and to a copy in a file. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { connectionKind } from "../../device/connection.js";
import { openDevice, readSetting, writeSetting } from "../../storage/device.js";
import { Check } from "../kit/choice.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { linkTo } from "../router.js";

export function SendingSettings() {
  const [wifiOnly, setWifiOnly] = useState(false);
  useEffect(() => {
    readSetting(openDevice(), "wifi_only_photos", false).then(setWifiOnly);
  }, []);
  const change = async (/** @type {boolean} */ on) => {
    await writeSetting(openDevice(), "wifi_only_photos", on);
    setWifiOnly(on);
  };
  const blind = connectionKind() === "unknown";
  return html`<section class="card" aria-labelledby="sending-title"><h2 id="sending-title">${t("Sending")}</h2>
    <${Check} label=${t("Photos only on Wi-Fi")} testid="wifi-only" checked=${wifiOnly} onChange=${change}
      hint=${t("Text always goes at once; it costs almost no data.")} />
    ${blind && wifiOnly && html`<p class="small soft">${t("This browser does not tell Wi-Fi from mobile data: photos then wait for “Send now”.")}</p>`}
    <div class="cluster"><a class="button" href=${linkTo("sending")}><${Icon} name="sent" />${t("Sending in detail")}</a>
      <a class="button" href=${linkTo("rescue")} data-testid="rescue"><${Icon} name="download" />${t("Rescue")}</a></div>
    <p class="small soft">${t("Rescue copies what is on this phone into a file, if sending does not work.")}</p>
  </section>`;
}
