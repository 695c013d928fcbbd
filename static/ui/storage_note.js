// @ts-check
/**
 * A tap that wrote nothing must not look like a tap that did nothing: what no screen itself says
 * of a full or silent storage is said above every screen, until a write of the officer's works.
 */
import { signal } from "@preact/signals";
import { t } from "../core/messages.js";
import { onStorageChange } from "../storage/database.js";
import { html } from "./kit/html.js";
import { Notice } from "./kit/notice.js";
import { storageWords } from "./visit/trouble_words.js";

const trouble = signal(/** @type {string|null} */ (null));
/** What an officer's own taps write. */
const BY_HAND = ["drafts", "records", "settings", "cards"];

/** Hear of writes that failed and that nobody waited for. Call once. */
export function watchStorage() {
  window.addEventListener("unhandledrejection", (event) => {
    const words = storageWords(event.reason);
    if (words === null) return;
    event.preventDefault();
    trouble.value = words;
  });
  onStorageChange(({ stores }) => {
    if (trouble.peek() !== null && stores.some((store) => BY_HAND.includes(store))) trouble.value = null;
  });
}

export function StorageNote() {
  if (trouble.value === null) return null;
  return html`<${Notice} tone="bad" testid="storage-trouble" live=${true}><strong>${t("Not saved.")}</strong><span>${trouble.value}</span><//>`;
}
