// @ts-check
/** The notice on personal data (UU 27/2022): shown at enrolment and again from Settings. */
import { t } from "../../core/messages.js";
import { html } from "../kit/html.js";

export function NoticeText() {
  const points = [
    [t("What"), t("Your name, this phone's model, the place and time of each visit, photos, and what you write. Nothing is followed while you do not record a visit.")],
    [t("What for"), t("To prove where signal is missing and ask operators to build. It is not used to judge you.")],
    [t("Who sees it"), t("The survey's supervisors and administrators. What is published shows no officer's name.")],
    [t("How long"), t("As long as the survey and its proposals need it; the office says exactly.")],
    [t("Your rights"), t("You may see, correct and have erased what concerns you (Law 27/2022). Ask the office that gave you the code.")],
    [t("People in photos"), t("Avoid faces and house numbers. Ask before you take a photo of anybody's property.")],
  ];
  return html`<dl class="stack stack--tight" data-testid="notice">${points.map(([name, text]) => html`<div key=${name}><dt class="strong">${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}
