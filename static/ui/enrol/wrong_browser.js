// @ts-check
/** Opened inside WhatsApp, Facebook or Mi Browser: their storage is not to be trusted. */
import { useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { browserFacts } from "../../device/install.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";

/** The address to open elsewhere, with the code when there is one. @param {string} code */
function addressWith(code) {
  return `${location.origin}/app${code ? `#enrol=${code}` : ""}`;
}

/** @param {{code: string}} props */
export function WrongBrowser({ code }) {
  const { name, ios } = browserFacts();
  const address = addressWith(code);
  const better = ios ? "Safari" : "Chrome";
  return html`<${Notice} tone="bad" testid="wrong-browser"><strong>${t("Open this in {browser}", { browser: better })}</strong>
      <span>${t("{name} throws stored data away: visits would be lost here.", { name })}</span><//>
    <ol class="steps">
      <li><div class="stack stack--tight"><span>${t("Copy this address:")}</span><${CopyLine} text=${address} /></div></li>
      <li>${t("Open {browser} and paste it into the address line.", { browser: better })}</li>
      <li>${t("Go on there. The code is still good.")}</li>
    </ol>`;
}

/** @param {{text: string}} props a text to take along, with a button that copies it */
export function CopyLine({ text }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      const line = document.querySelector(".copy-line");
      if (line) getSelection()?.selectAllChildren(line);
    }
  };
  return html`<span class="mono copy-line card card--sunk" data-testid="copy-text">${text}</span>
    <button type="button" class="button" data-testid="copy" onClick=${copy}><${Icon} name=${copied ? "check" : "copy"} />${copied ? t("Copied") : t("Copy")}</button>`;
}
