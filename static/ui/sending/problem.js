// @ts-check
/** What went wrong with sending, in words that stay until a run went well, and one thing to do. */
import { failureText, needsCodeText } from "../../core/failures.js";
import { t } from "../../core/messages.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { linkTo } from "../router.js";
import { officers, sync } from "../state.js";

export function Problem() {
  const stuck = officers.value.filter((one) => one.state === "needs_code");
  if (stuck.length > 0) {
    return html`${stuck.map((one) => html`<${Notice} tone="bad" key=${one.id} testid="needs-code"><strong>${one.name}</strong><span>${needsCodeText(one.supervisor)}</span>
      <${Action} action="code" /><//>`)}`;
  }
  const failure = sync.value?.failure;
  if (!failure || (failure.kind === "no_network" && failure.offline !== false)) return null;
  const { text, todo, action } = failureText(failure);
  return html`<div data-failure=${failure.kind}><${Notice} tone="warn" testid="send-problem"><strong>${text}</strong>${todo && html`<span>${todo}</span>`}
    <${Action} action=${action} />${failure.code && html`<span class="small mono">${failure.code}</span>`}<//></div>`;
}

/**
 * An address that the Wi-Fi itself answers, with its login page. Under HTTPS a portal could only
 * show a certificate error in our name, so it is one that nobody has (RFC 5737), without TLS.
 */
function portalAddress() {
  return location.protocol === "https:" ? "http://192.0.2.1/" : "/";
}

/** @param {{action: import("../../core/failures.js").FailureWords["action"]}} props */
function Action({ action }) {
  switch (action) {
    case "portal":
      return html`<a class="button button--small" href=${portalAddress()} target="_blank" rel="noopener noreferrer" data-testid="open-portal"><${Icon} name="right" />${t("Open the Wi-Fi's login page")}</a>
        <span class="small">${t("Nothing opens? In the phone's Wi-Fi settings tap the name of the Wi-Fi.")}</span>`;
    case "code":
      return html`<a class="button button--small" href=${linkTo("enrol")} data-testid="new-code">${t("Enter a new code")}</a>`;
    case "copy":
      return html`<a class="button button--small" href=${linkTo("rescue")} data-testid="problem-copy"><${Icon} name="copy" />${t("Make a copy in a file")}</a>`;
    default:
      return null;
  }
}
