// @ts-check
/** Opens a saved visit for correction and hands over to the form. */
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/messages.js";
import { NoContent, startCorrection } from "../../storage/corrections.js";
import { Frame } from "../frame.js";
import { html } from "../kit/html.js";
import { Loading, Notice } from "../kit/notice.js";
import { goInstead } from "../router.js";
import { officerDb } from "../work.js";
import { storageWords } from "../visit/trouble_words.js";

/** @param {{args: string[]}} props the visit's id */
export function Correct({ args }) {
  const [problem, setProblem] = useState(/** @type {string|null} */ (null));
  useEffect(() => {
    startCorrection(officerDb(), args[0], { reason: null }, Date.now()).then(
      (draft) => goInstead("visit", draft.id),
      (error) => setProblem(error instanceof NoContent ? t("Its content is not on this phone. Go online once, then try again.") : (storageWords(error) ?? String(error))),
    );
  }, []);
  return html`<${Frame} title=${t("Correction")} back=${true} bare=${true}>
    ${problem ? html`<${Notice} tone="bad" testid="correct-problem"><span>${problem}</span><//>` : html`<${Loading} label=${t("Opening the visit…")} />`}
  <//>`;
}
