// @ts-check
/** Icons from the one sprite. An icon is decoration: the words beside it carry the meaning. */
import { html } from "./html.js";

const SPRITE = new URL("../../icons/sprite.svg", import.meta.url).pathname;

/** @param {{name: string, large?: boolean}} props */
export function Icon({ name, large = false }) {
  const style = large ? "icon icon--large" : "icon";
  return html`<svg class=${style} aria-hidden="true" focusable="false"><use href=${`${SPRITE}#${name}`}></use></svg>`;
}
