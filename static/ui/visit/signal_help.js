// @ts-check
/** Where phones show the signal in numbers, in pictures of our own: decoration, the words say the same. */
import { t } from "../../core/messages.js";
import { Dialog } from "../kit/dialog.js";
import { html } from "../kit/html.js";
import { Icon } from "../kit/icon.js";
import { Notice } from "../kit/notice.js";
import { Finger, Phone, Rows } from "../rescue/drawings.js";

/** The end of the settings: the last line is about the phone. */
const SettingsPicture = () => html`<${Phone}><${Rows} hit=${4} count=${5} /><${Finger} x=${50} y=${106} /><//>`;

/** The page of one SIM with the line that counts; two tabs, two SIMs. */
const StatusPicture = () => html`<${Phone}>
  <rect class="draw__hit" x="9" y="16" width="25" height="9" rx="4.5" /><rect class="draw__soft" x="38" y="16" width="25" height="9" rx="4.5" />
  <text class="draw__word draw__word--on" x="21.5" y="23">SIM 1</text><text class="draw__word" x="50.5" y="23">SIM 2</text>
  <g class="draw__soft"><rect x="9" y="34" width="30" height="4" rx="2" /><rect x="9" y="42" width="46" height="3" rx="1.5" /><rect x="9" y="88" width="34" height="4" rx="2" /><rect x="9" y="96" width="24" height="3" rx="1.5" /></g>
  <rect class="draw__hit" x="6" y="53" width="60" height="27" rx="4" /><text class="draw__word draw__word--big draw__word--on" x="36" y="65">−108 dBm</text><text class="draw__word draw__word--on" x="36" y="75">32 ASU</text>
<//>`;

/** The dialer with a code; Android opens by itself, an iPhone wants the call. @param {{code: string, call?: boolean}} props */
const DialPicture = ({ code, call = false }) => html`<${Phone}>
  <text class="draw__word draw__word--code" x="36" y="26" textLength="60" lengthAdjust="spacingAndGlyphs">${code}</text>
  <g class="draw__soft">${[0, 1, 2, 3].flatMap((row) => [0, 1, 2].map((column) => html`<circle key=${`${row}${column}`} cx=${18 + column * 18} cy=${41 + row * 15} r="5.5" />`))}</g>
  <circle class=${call ? "draw__hit" : "draw__soft"} cx="36" cy="101" r="6.5" />${call ? html`<${Finger} x=${38} y=${104} />` : html`<${Finger} x=${54} y=${88} />`}
<//>`;

/** A radio app: its needle and the serving cell on top. */
const AppPicture = () => html`<${Phone}>
  <path class="draw__line" d="M14 50a22 22 0 0 1 44 0" /><path class="draw__clip" d="M36 50 24 36" />
  <rect class="draw__hit" x="6" y="58" width="60" height="18" rx="4" /><text class="draw__word draw__word--on" x="36" y="69.5">RSRP −108</text>
  <g class="draw__soft"><rect x="9" y="83" width="44" height="4" rx="2" /><rect x="9" y="91" width="36" height="4" rx="2" /><rect x="9" y="99" width="40" height="4" rx="2" /></g>
<//>`;

/** Field Test of an iPhone: name left, value right. */
const FieldTestPicture = () => html`<${Phone}>
  <g class="draw__soft"><rect x="9" y="18" width="34" height="5" rx="2.5" /><rect x="9" y="34" width="22" height="4" rx="2" /><rect x="48" y="34" width="14" height="4" rx="2" /><rect x="9" y="82" width="26" height="4" rx="2" /><rect x="50" y="82" width="12" height="4" rx="2" /></g>
  <rect class="draw__hit" x="6" y="46" width="60" height="26" rx="4" /><text class="draw__word draw__word--on" x="36" y="57">RSRP</text><text class="draw__word draw__word--big draw__word--on" x="36" y="68">−108.0</text>
<//>`;

/** @param {{picture: any, title: string, children?: any}} props */
const Way = ({ picture, title, children }) => html`<li class="row row--top part">${picture}<div class="grow stack stack--tight"><strong>${title}</strong>${children}</div></li>`;

/** @param {{onClose: () => void}} props */
export function SignalHelp({ onClose }) {
  return html`<${Dialog} title=${t("Where are the signal numbers?")} onClose=${onClose} testid="signal-help">
    <div tabindex="-1" autofocus=${true} class="typed__first"><${Notice} icon="gps"><span>${t("Switch location on first: without it many phones show nothing. Then wait ten seconds until the number is calm.")}</span><//></div>
    <h3>${t("On an Android phone")}</h3>
    <ul class="list" role="list">
      <${Way} picture=${html`<${SettingsPicture} />`} title=${t("Settings › About phone")}><span>${t("At the very bottom of the settings. Then Status or SIM status.")}</span><//>
      <${Way} picture=${html`<${StatusPicture} />`} title=${t("SIM status › Signal strength")}><span>${t("Type both numbers: −108 dBm 32 asu. With two SIM cards there are two pages: take the one of this operator.")}</span><//>
      <${Way} picture=${html`<${DialPicture} code="*#*#4636#*#*" />`} title=${t("Dial *#*#4636#*#*")}><span>${t("Opens by itself: Phone information, then the line Signal strength. Some makers have closed it.")}</span><//>
      <${Way} picture=${html`<${DialPicture} code="*#0011#" />`} title=${t("Samsung: dial *#0011#")}><span>${t("Lines with RSRP, RSRQ and SNR. The menu at the top changes to the other SIM.")}</span><//>
      <${Way} picture=${html`<${AppPicture} />`} title=${t("Or a radio app")}><span>${t("NetMonster, G-NetTrack Lite, Network Cell Info, CellMapper: the cell marked as serving, not its neighbours.")}</span><//>
    </ul>
    <h3>${t("On an iPhone")}</h3>
    <ul class="list" role="list">
      <${Way} picture=${html`<${DialPicture} code="*3001#12345#*" call=${true} />`} title=${t("Dial *3001#12345#* and call")}><span>${t("Field Test opens. Switch off Wi-Fi before.")}</span><//>
      <${Way} picture=${html`<${FieldTestPicture} />`} title=${t("Serving Cell Info or RSRP")}><span>${t("The names differ by version: rsrp0 is the first antenna. Some versions have no Field Test.")}</span><//>
    </ul>
    <p class="small soft row"><${Icon} name="copy" /><span>${t("You can also copy the whole page and paste it: the app looks for what it needs.")}</span></p>
    <button type="button" class="button button--main button--block" data-testid="signal-help-close" onClick=${onClose}>${t("Close")}</button>
  <//>`;
}
