// @ts-check
/** Bringing an officer onto this phone: the right browser, the icon, the code. Opening burns nothing. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { browserFacts } from "../../device/install.js";
import { openDevice, readSetting, writeSetting } from "../../storage/device.js";
import { CodeForm } from "../enrol/code_form.js";
import { InstallStep } from "../enrol/install_step.js";
import { enrolFacts, enrolStep, showCode } from "../enrol/place.js";
import { WrongBrowser } from "../enrol/wrong_browser.js";
import { setLanguage } from "../duty.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { language, officers } from "../state.js";

/** @param {{args: string[]}} props the code of the link, if any */
export function Enrol({ args }) {
  const linked = showCode(args[0] ?? "");
  const [code, setCode] = useState(linked);
  const [here, setHere] = useState(officers.value.length > 0);
  useEffect(() => {
    // the icon opens without the link: the code waits in the phone's own store
    if (linked) writeSetting(openDevice(), "pending_code", linked);
    else readSetting(openDevice(), "pending_code", "").then((kept) => kept && setCode(kept));
  }, []);
  const step = enrolStep(enrolFacts(here));
  const { name } = browserFacts();
  return html`<${Frame} title=${officers.value.length > 0 ? t("Add an officer") : t("Set up this phone")} bare=${true} back=${officers.value.length > 0} practising=${false}>
    <div class="stack stack--loose" data-testid="enrol" data-step=${step}>
      <div class="row row--between">
        <p class="small soft" data-testid="browser-name">${name ? t("You are in {browser}.", { browser: name }) : t("This browser is not known to us.")}</p>
        <button type="button" class="button button--small" data-testid="enrol-language" onClick=${() => setLanguage(language.value === "id" ? "en" : "id")}>${language.value === "id" ? "English" : "Indonesia"}</button>
      </div>
      ${step === "wrong_browser" && html`<${WrongBrowser} code=${code} />`}
      ${(step === "install" || step === "install_ios") && html`<${InstallStep} ios=${step === "install_ios"} code=${code} onHere=${() => setHere(true)} />`}
      ${step === "code" && html`<${CodeForm} code=${code} onCode=${setCode} />`}
    </div>
  <//>`;
}
