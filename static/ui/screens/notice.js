// @ts-check
/** The notice on personal data, to read again. */
import { t } from "../../core/messages.js";
import { NoticeText } from "../enrol/notice_text.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";

export function NoticeScreen() {
  return html`<${Frame} title=${t("What is kept about you")} back=${true} place="settings"><div class="card"><${NoticeText} /></div><//>`;
}
