// @ts-check
/** How safe and how full the phone's storage is, in words. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { askPersistent, storageState } from "../../device/storage_manager.js";
import { formatBytes } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { KeepData } from "../rescue/offer.js";

export function StorageSettings() {
  const [state, setState] = useState(/** @type {import("../../device/storage_manager.js").StorageState|null} */ (null));
  const [refused, setRefused] = useState(false);
  const look = () => storageState().then(setState);
  useEffect(() => {
    look();
  }, []);
  const ask = async () => {
    setRefused((await askPersistent()) !== true);
    await look();
  };
  return html`<section class="card" aria-labelledby="storage-title" data-testid="storage"><h2 id="storage-title">${t("Storage on this phone")}</h2>
    ${state?.persisted === true && html`<${Notice} tone="good"><span>${t("Protected: the phone does not clear it by itself.")}</span><//>`}
    ${state?.persisted === false && html`<${Notice} tone="warn"><span>${t("Not protected yet: a full phone could clear it. Open the app from its icon, then ask.")}</span>
      <button type="button" class="button button--small" data-testid="persist" onClick=${ask}><${Icon} name="lock" />${t("Ask for protection")}</button>
      ${refused && html`<span class="strong">${t("The phone said no for now. Use the app some days from its icon and ask again; send often.")}</span>`}<//>`}
    ${state?.persisted === null && html`<p class="soft">${t("This browser cannot say whether storage is protected.")}</p>`}
    ${state?.usage_bytes !== null && state !== null && html`<p class="number">${t("Used: {used}.", { used: formatBytes(state.usage_bytes) })} ${state.free_bytes !== null && t("Free for this app: {free}.", { free: formatBytes(state.free_bytes) })}</p>`}
    <${KeepData} />
  </section>`;
}
