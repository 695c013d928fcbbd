// @ts-check
/** The officer's pause: said with its time and its price, ended by one tap. */
import { t } from "../../core/messages.js";
import { formatTime } from "../format.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { pauseSync, resumeSync } from "../server.js";
import { sync } from "../state.js";

/** While paused: since when, what that means, how to go on. */
export function Paused() {
  const since = sync.value?.paused_at;
  if (!since) return null;
  return html`<${Notice} tone="warn" testid="paused">
    <strong>${t("Sending is paused since {time}.", { time: formatTime(since) })}</strong>
    <span>${t("Nothing is sent and nothing comes from the office. What you save stays safe on this phone.")}</span>
    <button type="button" class="button button--main button--block" data-testid="resume" onClick=${resumeSync}><${Icon} name="sent" />${t("Go on sending")}</button>
  <//>`;
}

/** While not paused: the switch. */
export function PauseButton() {
  if (!sync.value || sync.value.paused_at) return null;
  return html`<button type="button" class="button button--quiet" data-testid="pause" onClick=${pauseSync}>${t("Pause sending")}</button>`;
}
