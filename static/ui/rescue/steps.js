// @ts-check
/** How a file gets to the supervisor by WhatsApp, in pictures: by the share sheet, or as a document. */
import { t } from "../../core/messages.js";
import { html } from "../kit/html.js";
import { ArrivedPicture, ChatsPicture, ClipPicture, DocumentPicture, FilePicture, SheetPicture } from "./drawings.js";

/** @param {{testid: string, steps: {picture: any, text: string}[]}} props */
function Steps({ testid, steps }) {
  return html`<ol class="steps steps--drawn" data-testid=${testid}>
    ${steps.map(({ picture, text }, n) => html`<li key=${n}><div class="row"><${picture} /><span class="grow">${text}</span></div></li>`)}
  </ol>`;
}

/** After "Send by WhatsApp": the phone's own sheet. */
export function ShareSteps() {
  return html`<${Steps} testid="steps-share" steps=${[
    { picture: SheetPicture, text: t("Choose WhatsApp among the apps.") },
    { picture: ChatsPicture, text: t("Choose your supervisor and send.") },
    { picture: ArrivedPicture, text: t("Wait for two ticks. Then tell your supervisor that a rescue file has come.") },
  ]} />`;
}

/** With a file in the downloads. */
export function DocumentSteps() {
  return html`<${Steps} testid="steps-document" steps=${[
    { picture: ChatsPicture, text: t("Open WhatsApp and the chat with your supervisor.") },
    { picture: ClipPicture, text: t("Tap the paper clip.") },
    { picture: DocumentPicture, text: t("Choose Document. Not the gallery, and never paste it as a message.") },
    { picture: FilePicture, text: t("Choose the newest file that begins with “jejak-sinyal”, and send.") },
    { picture: ArrivedPicture, text: t("Wait for two ticks. Then tell your supervisor that a rescue file has come.") },
  ]} />`;
}
