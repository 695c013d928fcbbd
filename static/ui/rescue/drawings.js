// @ts-check
/**
 * Small pictures of a phone's screen, our own: what to tap is filled and has a finger on it.
 * Decoration: the words beside a picture say the same.
 */
import { html } from "../kit/html.js";

/** @param {{children?: any}} props a phone, 72 by 112 */
export function Phone({ children }) {
  return html`<svg class="draw" viewBox="0 0 72 112" aria-hidden="true" focusable="false">
    <rect class="draw__case" x="2" y="2" width="68" height="108" rx="9" /><path class="draw__line" d="M30 7.5h12" />${children}</svg>`;
}

/** The finger that taps at a place. @param {{x: number, y: number}} props */
export function Finger({ x, y }) {
  return html`<g class="draw__finger" transform="translate(${x} ${y}) scale(0.85)"><path d="M0 0v-9a3.4 3.4 0 0 1 6.8 0v7l6.6 1.6a4 4 0 0 1 3 4.4l-.8 7.6H3.6L-3 4.4c-1.6-2.3.9-5 3-3.4z" /></g>`;
}

/** Lines of a list; `hit` is the one to tap. @param {{hit?: number, from?: number, count?: number, round?: boolean}} props */
export function Rows({ hit = -1, from = 18, count = 4, round = true }) {
  return html`${Array.from({ length: count }, (_, n) => {
    const y = from + n * 18;
    const style = n === hit ? "draw__hit" : "draw__soft";
    return html`<g class=${style} key=${n}>${round ? html`<circle cx="14" cy=${y + 6} r="6" />` : html`<path d="M9 ${y}h7l3 3v10H9z" />`}<rect x="25" y=${y + 1} width=${n % 2 ? 26 : 34} height="4" rx="2" /><rect x="25" y=${y + 8} width=${n % 2 ? 34 : 22} height="3" rx="1.5" /></g>`;
  })}`;
}

/** The sheet of apps that opens from below. */
export const SheetPicture = () => html`<${Phone}>
  <rect class="draw__soft" x="8" y="16" width="40" height="5" rx="2.5" /><rect class="draw__soft" x="8" y="25" width="52" height="4" rx="2" />
  <path class="draw__sheet" d="M2 52h68v49a9 9 0 0 1-9 9H11a9 9 0 0 1-9-9z" /><path class="draw__line" d="M29 58h14" />
  <g class="draw__soft"><circle cx="55" cy="74" r="8" /><circle cx="17" cy="96" r="8" /><circle cx="36" cy="96" r="8" /><circle cx="55" cy="96" r="8" /><circle cx="36" cy="74" r="8" /></g>
  <path class="draw__hit" d="M17 65a9 9 0 1 1-4.2 17L7.5 83.5l1.6-5A9 9 0 0 1 17 65z" /><${Finger} x=${21} y=${92} />
<//>`;

/** The list of chats, the supervisor's chosen. */
export const ChatsPicture = () => html`<${Phone}><${Rows} hit=${1} count=${5} /><${Finger} x=${50} y=${54} /><//>`;

/** A chat with its paper clip. */
export const ClipPicture = () => html`<${Phone}>
  <g class="draw__soft"><rect x="8" y="18" width="34" height="12" rx="5" /><rect x="30" y="36" width="34" height="12" rx="5" /><rect x="8" y="54" width="26" height="12" rx="5" /></g>
  <rect class="draw__sheet" x="7" y="74" width="44" height="15" rx="7.5" /><circle class="draw__soft" cx="60" cy="81.5" r="6" />
  <path class="draw__clip" d="m45 78.5-6.5 6.5a2.6 2.6 0 0 1-3.7-3.7l6.8-6.8a4.2 4.2 0 0 1 6 6l-6.5 6.5" /><${Finger} x=${44} y=${98} />
<//>`;

/** Of the things to send, the document: not the gallery. */
export const DocumentPicture = () => html`<${Phone}>
  <path class="draw__sheet" d="M2 40h68v61a9 9 0 0 1-9 9H11a9 9 0 0 1-9-9z" />
  <g class="draw__hit"><circle cx="20" cy="60" r="11" /></g><path class="draw__paper" d="M15.5 53.5h6l4 4v9h-10zM21.5 53.5v4h4" />
  <g class="draw__soft"><circle cx="52" cy="60" r="11" /><circle cx="20" cy="90" r="11" /><circle cx="52" cy="90" r="11" /></g>
  <path class="draw__line" d="m45.5 65 5-6 3.5 3.5 2-2 3 4.5z" /><path class="draw__no" d="m43 51 18 18" /><${Finger} x=${24} y=${77} />
<//>`;

/** The file by its name, and the arrow that sends it. */
export const FilePicture = () => html`<${Phone}><${Rows} hit=${0} count=${4} round=${false} /><circle class="draw__hit" cx="58" cy="98" r="9" /><path class="draw__paper" d="m54.5 102.5 8-4.5-8-4.5 1.5 4.5z" /><${Finger} x=${50} y=${38} /><//>`;

/** Two ticks: it has arrived. */
export const ArrivedPicture = () => html`<${Phone}>
  <rect class="draw__soft" x="8" y="20" width="34" height="14" rx="5" /><rect class="draw__hit" x="18" y="44" width="46" height="24" rx="6" /><path class="draw__paper" d="M24 49h7l3 3v11H24zM31 49v3h3" />
  <path class="draw__tick" d="m44 60 3 3 6-7m-3 6 1.5 1 6-7" /><rect class="draw__sheet" x="7" y="88" width="44" height="15" rx="7.5" /><circle class="draw__soft" cx="60" cy="95.5" r="6" />
<//>`;
