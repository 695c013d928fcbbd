// @ts-check
/** The version that runs, and a newer one that waits for the officer's tap. */
import { nt, t } from "../../core/messages.js";
import { appVersion } from "../begin.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { sync, updateReady } from "../state.js";
import { applyUpdate, lookForUpdate } from "../update.js";

export function VersionSettings() {
  const unsent = (sync.value?.unsent_records ?? 0) + (sync.value?.unsent_files ?? 0);
  return html`<section class="card" aria-labelledby="version-title"><h2 id="version-title">${t("Version")}</h2>
    <p class="number">Jejak Sinyal ${appVersion()}</p>
    ${updateReady.value
      ? html`<p>${t("A new version is ready.")} ${unsent > 0 && nt("{n} unsent entry stays safe.", "{n} unsent entries stay safe.", unsent)}</p>
          <button type="button" class="button button--main" data-testid="settings-update" onClick=${applyUpdate}><${Icon} name="refresh" />${t("Use it now")}</button>`
      : html`<button type="button" class="button" onClick=${lookForUpdate}><${Icon} name="refresh" />${t("Look for a new version")}</button>`}
  </section>`;
}
