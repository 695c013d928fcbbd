// @ts-check
/** A question over the page, on the browser's own modal dialog: focus and Escape come with it. */
import { useEffect, useRef } from "preact/hooks";
import { html } from "./html.js";

/**
 * @param {{title: string, onClose: () => void, children?: any, testid?: string}} props
 * Escape and the phone's back gesture call onClose; the caller then stops showing it.
 */
export function Dialog({ title, onClose, children, testid }) {
  const element = useRef(/** @type {HTMLDialogElement|null} */ (null));
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog class="dialog" ref=${element} onCancel=${cancel} aria-label=${title} data-testid=${testid}>
    <div class="stack"><h2>${title}</h2>${children}</div>
  </dialog>`;
}
