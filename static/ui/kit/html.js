// @ts-check
/** htm bound to preact: the only way the app writes its elements. Data becomes text, never markup. */
import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);
